"""What the application logs at ERROR and above with an exception: reported when it is logged.

No handler is added to the root logger: ``logging.basicConfig`` would do nothing any more, and programs without any
configuration would lose their last resort on stderr. The method through which every record goes that is not filtered
out is wrapped in its class, when ``logging`` is imported.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from logcenter_sdk.boundary import LOGGER, harmless
from logcenter_sdk.client import overheard, report

if TYPE_CHECKING:
    from logging import Logger, LogRecord

_OWN: Final = (LOGGER, "httpx", "httpcore", "urllib3")
"""Loggers of the SDK and of those who deliver: to report their errors would not end."""
_LEFT_TO_OTHERS: Final = {"asyncio"}
"""Loggers of those who have a hook of their own, which reports the same exceptions with more to say."""
_ERROR: Final = 40
_CRITICAL: Final = 50


def link(previous: Callable[..., Any], is_wanted: Callable[[], bool]) -> Callable[..., Any]:
    """Return ``Logger.callHandlers`` with our part after it, which acts while ``is_wanted``."""

    @wraps(previous)
    def callHandlers(logger: "Logger", record: "LogRecord") -> None:  # noqa: N802 - the name that it replaces
        try:
            previous(logger, record)
        finally:
            if _is_error(record) and is_wanted():
                report_record(record)

    return callHandlers


def _is_error(record: "LogRecord") -> bool:
    try:
        return record.levelno >= _ERROR and bool(record.exc_info)
    except Exception:  # noqa: BLE001 - a record of the application's own making
        return False


def _overheard(record: "LogRecord") -> None:
    error = _error_of(record)
    if error is not None:
        overheard(error)


@harmless(None, _overheard)
def report_record(record: "LogRecord") -> str | None:
    """Report the exception of a log record, if it has one and is not the SDK's own. Never raises."""
    error = _error_of(record)
    if error is None:
        return None
    return report(
        error,
        level=_level_name(record.levelno),
        context={"hook": "logging", "logger": record.name, **_message(record)},
    )


def _level_name(level: int) -> str:
    """Return a report's level for one of logging's."""
    if level >= _CRITICAL:
        return "CRITICAL"
    return "ERROR" if level >= _ERROR else "WARNING"


def leave_to_others(logger: str) -> None:
    """Report no exception of this logger: an integration does, with more to say."""
    _LEFT_TO_OTHERS.add(logger)


def _error_of(record: "LogRecord") -> BaseException | None:
    found = record.exc_info
    error = found[1] if isinstance(found, tuple) else None
    return None if _is_among(record.name, _OWN) or _is_among(record.name, _LEFT_TO_OTHERS) else error


def _is_among(name: str, loggers: Iterable[str]) -> bool:
    """Return whether a logger is one of these or below one."""
    return any(name == each or name.startswith(f"{each}.") for each in loggers)


def _message(record: "LogRecord") -> dict[str, str]:
    try:
        return {"message": record.getMessage()}
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - arguments that do not fit the text; logging itself has said so
        return {}
