"""What the floor leaves to its thread: source lines, JSON, batches over one connection that is kept alive."""

import json
import linecache
import time
from _thread import LockType
from collections import deque
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

BATCH: Final = 100


def work(address: str, waiting: deque[Any], wake: LockType, busy: LockType) -> None:
    """Send what waits whenever it is woken, as long as the process lives."""
    connection = HTTPConnection(address, timeout=3)
    while True:
        with busy:
            while batch := [waiting.popleft() for _ in range(min(len(waiting), BATCH))]:
                _send(connection, json.dumps([_report(*error) for error in batch]))
        wake.acquire()


def _send(connection: HTTPConnection, body: str) -> None:
    try:
        connection.request("POST", "/api/v1/logs/report/batch", body)
        connection.getresponse().read()
    except (OSError, HTTPException):
        connection.close()


def _report(kind: str, message: str, when: float, frames: list[tuple[Any, int, Any]]) -> dict[str, Any]:
    trace = ["Traceback (most recent call last):", *_lines(frames), f"{kind}: {message}"]
    code, line, _locals = frames[-1]
    error = {"type": kind, "message": message, "file_path": code.co_filename, "line_number": line, "stack_trace": trace}
    return {
        "project_id": "bench",
        "environment": "development",
        "level": "ERROR",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)),
        "error": error,
        "context": {"locals": [seen for _code, _line, seen in frames]},
    }


def _lines(frames: list[tuple[Any, int, Any]]) -> Iterator[str]:
    for code, line, _locals in frames:
        yield f'  File "{code.co_filename}", line {line}, in {code.co_name}'
        yield f"    {linecache.getline(code.co_filename, line).strip()}"
