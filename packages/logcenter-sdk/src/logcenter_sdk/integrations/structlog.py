"""structlog: ``processors=[report_errors, …]``, before what turns ``exc_info`` into text.

An entry of level ERROR and above that carries an exception is one report, with the entry's other values as its context.
The entry goes on as it came.
"""

import sys
from collections.abc import MutableMapping
from typing import Any, Final

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report

_NOT_SAID: Final = frozenset({"event", "exc_info", "level"})
_LEVELS: Final = {"error": "ERROR", "exception": "ERROR", "critical": "CRITICAL", "fatal": "CRITICAL"}


def report_errors(_logger: Any, method_name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - as structlog calls it
    """Report the exception of an entry, if it carries one. Call ``install_hook`` when the application starts."""
    level = _LEVELS.get(method_name)
    if level is not None:
        _report(level, event_dict)
    return event_dict


@harmless(None)
def _report(level: str, event_dict: MutableMapping[str, Any]) -> None:
    # What begins with "_" are structlog's own notes.
    said = {name: value for name, value in event_dict.items() if name not in _NOT_SAID and not name.startswith("_")}
    report(_error(event_dict.get("exc_info")), level=level, context={"message": event_dict.get("event"), **said})


def _error(exc_info: object) -> BaseException | None:
    """Return the exception of ``exc_info``, which may be one, the triple of ``sys.exc_info()``, or true."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return next((part for part in exc_info if isinstance(part, BaseException)), None)
    return sys.exc_info()[1] if exc_info else None
