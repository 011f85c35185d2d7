"""The shortest way of a report through the server: no task, no ASGI messages, one write for the whole answer.

uvicorn parses every request and keeps every connection, as ever; a plain report is then handed to the pipeline by a
call, and its answer is written when the pipeline calls back. A request that is in any way special (from a page, large,
compressed, in chunks) takes the ordinary way. Half of the time of a report was spent on what is left out here.
"""

import logging
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from logcenter_collector.ingest.pipeline import QUICK_BYTES, Pipeline
from logcenter_collector.ingest.refusal import ClientGoneError, RefusedError
from logcenter_collector.web.api.reports import REPORT
from logcenter_collector.web.bodies import JSON
from logcenter_collector.web.bounded_protocol import BoundedProtocol
from logcenter_collector.web.problems import internal_error
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.problem import MEDIA_TYPE

log = logging.getLogger(__name__)

_JSON: Final = JSON.encode()
_PROBLEM: Final = MEDIA_TYPE.encode()
_SPECIAL: Final = frozenset({b"origin", b"content-encoding", b"transfer-encoding", b"expect"})


class QuickProtocol(BoundedProtocol):
    """A connection that takes plain reports itself. ``quick_protocol`` says where they go."""

    reports: ClassVar[Pipeline]
    taken: RequestResponseCycle | None = None
    """The request under way that was not given to the application."""
    idle_since: float | None = None
    """Since when nothing is under way; None while something is."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if not _is_plain_report(cycle.scope):
            super()._start_asgi_task(cycle, app)
            return
        self.taken = cycle
        if not cycle.more_body:  # it waited behind another one and is complete already
            self._take(cycle)

    def on_message_complete(self) -> None:
        """Take a report whose body is complete now."""
        super().on_message_complete()
        if self.taken is self.cycle and not self.cycle.response_complete:
            self._take(self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a report whose body never came to its end."""
        if self.taken is not None:
            self.reports.counts.refused(ClientGoneError())
            self.taken = None
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def _take(self, cycle: RequestResponseCycle) -> None:
        self.taken = None
        try:
            self.reports.take(bytes(cycle.body), partial(self._answer, cycle))
        except Exception:
            log.exception("A report failed")
            self._answer(cycle, RefusedError(internal_error()))

    def _answer(self, cycle: RequestResponseCycle, outcome: Answer | RefusedError) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(_response(outcome, self.server_state.default_headers, keep_alive=cycle.keep_alive))
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """Do what uvicorn does, but let one timer serve many requests: to set one takes as long as to parse one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if not self.flow.write_paused:
            self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self.idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again_in(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        self.idle_since = None

    def _look_again_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it was idle for too long."""
        self.timeout_keep_alive_task = None
        if self.idle_since is None:
            return  # the response that is under way sets the timer anew
        left = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_again_in(left)
        else:
            super().timeout_keep_alive_handler()


def quick_protocol(pipeline: Pipeline) -> type[QuickProtocol]:
    """Return the class of a server's connections whose reports go to the pipeline."""
    return type("QuickProtocol", (QuickProtocol,), {"reports": pipeline})


def _is_plain_report(scope: Any) -> bool:  # noqa: ANN401 - uvicorn's own type
    if scope["path"] != REPORT or scope["method"] != "POST":
        return False
    length = b""
    for name, value in scope["headers"]:
        if name in _SPECIAL:
            return False
        if name == b"content-length":
            length = value
    return length.isdigit() and 0 < int(length) <= QUICK_BYTES


def _response(outcome: Answer | RefusedError, default_headers: list[tuple[bytes, bytes]], *, keep_alive: bool) -> bytes:
    if isinstance(outcome, Answer):
        start, media_type, body = b"200 OK", _JSON, msgspec.json.encode(outcome.to_wire())
    else:
        start, media_type, body = (
            _start_of(outcome),
            _PROBLEM,
            msgspec.json.encode(outcome.problem.to_wire()),
        )
    default = b"".join([b"%s: %s\r\n" % header for header in default_headers])
    return b"HTTP/1.1 %s\r\n%scontent-type: %s\r\ncontent-length: %d\r\nvary: Origin\r\n%s\r\n%s" % (
        start,
        default,
        media_type,
        len(body),
        b"" if keep_alive else b"connection: close\r\n",
        body,
    )


def _start_of(refusal: RefusedError) -> bytes:
    """Return status line and ``Retry-After`` of a refusal."""
    status = HTTPStatus(refusal.problem.status)
    start = f"{status.value} {status.phrase}"
    return (start if refusal.retry_after is None else f"{start}\r\nretry-after: {refusal.retry_after}").encode()
