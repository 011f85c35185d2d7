"""``logging`` by hand: ``LogCenterHandler`` for ``dictConfig``, where ``capture_logging=False`` is set."""

import logging

from logcenter_sdk.log_records import report_record


class LogCenterHandler(logging.Handler):
    """Reports what is logged with an exception. Call ``install_hook`` before the first entry."""

    def __init__(self, level: int | str = logging.ERROR) -> None:
        super().__init__(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Report an entry. Never raises, and writes nothing."""
        report_record(record)
