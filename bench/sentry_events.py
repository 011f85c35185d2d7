"""Our reports as the events that Sentry's protocol has, for trackers that speak it: the same facts, the same size."""

import re
from collections.abc import Iterator
from typing import Any, Final

from reports import compact

_FRAME: Final = re.compile(r'  File "(?P<filename>.+)", line (?P<lineno>\S+), in (?P<function>\w+)')
_TRACE_BEGINS: Final = "Traceback (most recent call last):"


def envelope(report: dict[str, Any]) -> str:
    """Return the smallest envelope around the event of a report."""
    return f'{{"event_id":"{report["event_id"]}"}}\n{{"type":"event"}}\n{compact(event(report))}'


def event(report: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a report. Its fingerprint says what ours says: the place, not the message."""
    error = report["error"]
    return {
        "event_id": report["event_id"],
        "timestamp": report["timestamp"],
        "platform": "python",
        "level": "error",
        "environment": report["environment"],
        "release": report["version"],
        "fingerprint": [error["type"], f"{error['file_path']}:{error['line_number']}"],
        "exception": {"values": list(_exceptions(error["stack_trace"]))},
        "extra": report["context"],
        "sdk": report["sdk"],
    }


def _exceptions(trace: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the exceptions of a trace, causes first."""
    begins = [index for index, line in enumerate(trace) if line == _TRACE_BEGINS]
    for begin, after in zip(begins, [*begins[1:], len(trace)], strict=True):
        lines = trace[begin + 1 : after]
        kind, _, value = next(line for line in lines if not line.startswith(" ")).partition(": ")
        yield {"type": kind, "value": value, "stacktrace": {"frames": list(_frames(lines))}}


def _frames(lines: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the frames without their source lines, which would not fit into 2 kB beside so many keys."""
    for match in filter(None, map(_FRAME.fullmatch, lines)):
        number = match["lineno"]
        yield {**match.groupdict(), "lineno": int(number) if number.isdecimal() else number}
