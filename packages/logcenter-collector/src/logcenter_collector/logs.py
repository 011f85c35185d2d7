"""The log: lines on stderr, each with fields, as text for people or as JSON for what collects logs.

The standard library's logging is what uvicorn, SQLAlchemy and Alembic write to already; the two formats take less code
than a dependency that makes them would need to be set up.
"""

import json
import logging
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

TEXT: Final = "text"
JSON: Final = "json"
FORMATS: Final = (TEXT, JSON)
QUIET_SECONDS: Final = 60

_BUILT_IN: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""What every record has; anything else is a field that somebody passed as ``extra``."""


def configure(log_format: str) -> None:
    """Write the log of this process to stderr: ours from INFO on, that of libraries from WARNING on.

    Where a log is set up already, it stays as it is.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == JSON else TextFormatter())
    handler.addFilter(OneOfAKind())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("logcenter_collector").setLevel(logging.INFO)


class OneOfAKind(logging.Filter):
    """Lets one line of a kind through in a minute; the next one says how many were ``left_out`` before it.

    A bug that every report of a storm meets would fill the disk, and so would whoever sends what is no HTTP: the server
    warns of each. Of tracebacks a kind is the line that logs, and the error's type and the line that raised it; of the
    server's lines it is the one that logs. Other lines are all written.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._quiet_until: dict[_Kind, float] = {}
        self._left_out: Counter[_Kind] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        kind = _kind_of(record)
        if kind is None:
            return True
        with self._lock:
            now = self._clock()
            if now < self._quiet_until.get(kind, now):
                self._left_out[kind] += 1
                return False
            self._quiet_until[kind] = now + QUIET_SECONDS
            if left_out := self._left_out.pop(kind, 0):
                record.left_out = left_out
            return True


_Kind = tuple[str, int, type[BaseException] | None, str, int]
_SERVER: Final = "uvicorn.error"


def _kind_of(record: logging.LogRecord) -> _Kind | None:
    """Return of which kind a record is; None for one that is written in any case."""
    if not record.exc_info or record.exc_info[0] is None:
        return (record.pathname, record.lineno, None, "", 0) if record.name == _SERVER else None
    raised = traceback.extract_tb(record.exc_info[2], limit=-1)
    where = (raised[0].filename, raised[0].lineno or 0) if raised else ("", 0)
    return (record.pathname, record.lineno, record.exc_info[0], *where)


class JsonFormatter(logging.Formatter):
    """One JSON object for each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; ASCII only, whatever the terminal or the pipe takes."""
        line = {
            "timestamp": _instant(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """One line: when, how bad, who, what, and the fields as ``name=value``. A traceback takes more lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return the same instant that JSON has; the names are the base class's."""
        return _instant(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is the base class's
        """Return the line."""
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return super().formatMessage(record) + fields


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    return {name: value for name, value in record.__dict__.items() if name not in _BUILT_IN}


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
