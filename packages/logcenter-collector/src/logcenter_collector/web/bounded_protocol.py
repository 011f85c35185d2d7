"""A connection that nobody can hold for nothing, nor fill without end.

uvicorn bounds neither: a head may be of any size, a request may stay unfinished and an answer unread for ever. Here one
look in ``look_seconds`` finds what has not moved since the look before; a request itself pays two additions.
"""

from asyncio import TimerHandle, Transport
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec
from attrs import frozen
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from logcenter_sdk.contract.problem import MEDIA_TYPE, Problem

HEAD_BYTES: Final = 64 * 1024
"""What the request line and the headers of a request may have; one read from the socket may go beyond it."""
FRAMING_BYTES: Final = 256 * 1024
"""What a request may have besides its body: its head, the sizes of its chunks and its trailers."""
LEAST_BODY_BYTES: Final = 4 * 1024
"""What has to come of a body between two looks."""
LOOK_SECONDS: Final = 30.0

_TOO_MUCH: Final = Problem(
    title="Headers too large",
    status=HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    detail=f"Send at most {HEAD_BYTES} bytes of headers, and a body in chunks of 1 kB or more.",
)
_TOO_SLOW: Final = Problem(
    title="Request too slow",
    status=HTTPStatus.REQUEST_TIMEOUT,
    detail=f"Send the headers within {LOOK_SECONDS:.0f} s, and {LEAST_BODY_BYTES} bytes of the body in each "
    f"{LOOK_SECONDS:.0f} s.",
)


class Reading(Enum):
    """What a connection reads at a moment."""

    NOTHING_YET = auto()
    HEAD = auto()
    BODY = auto()
    NOTHING = auto()
    """The latest request is complete."""


class Stall(Enum):
    """Why a connection is closed."""

    SLOW_REQUEST = auto()
    FORGOTTEN = auto()
    UNREAD_ANSWER = auto()


@frozen
class Moment:
    """What a look sees of a connection."""

    reading: Reading
    request: object
    """Something that is another one for each request."""
    received: int
    """All bytes so far."""
    unsent: int
    """Bytes of answers that the client has not taken."""
    held: bool = False
    """Whether it is ours to go on: we read nothing now, or an answer is being made."""
    expires: bool = False
    """Whether a timer runs that will close it."""


def stall_between(before: Moment, now: Moment) -> Stall | None:
    """Return why a connection has to be closed that was seen at two moments, ``look_seconds`` apart."""
    if now.unsent:
        return Stall.UNREAD_ANSWER if now.unsent == before.unsent and now.received == before.received else None
    if now.held or now.reading is not before.reading or now.request is not before.request:
        return None
    match now.reading:
        case Reading.HEAD:
            return Stall.SLOW_REQUEST
        case Reading.BODY:
            return Stall.SLOW_REQUEST if now.received - before.received < LEAST_BODY_BYTES else None
        case _:
            return None if now.expires or now.received > before.received else Stall.FORGOTTEN


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's connection, with bounds for the size of a head and the slowness of a client."""

    look_seconds: ClassVar[float] = LOOK_SECONDS
    _framing = 0
    _received = 0
    _complete: object = None
    """The scope of the latest request that came to its end."""
    _before: Moment | None = None
    _next_look: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to look at it."""
        super().connection_made(transport)
        self._before = self._now()
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and refuse a request that is mostly something else than a body."""
        self._received += len(data)
        self._framing += len(data)
        super().data_received(data)
        if self._framing > HEAD_BYTES and not self.transport.is_closing():
            limit = FRAMING_BYTES if self._reading() is Reading.BODY else HEAD_BYTES
            if self._framing > limit:
                self._end_with(_TOO_MUCH)

    def on_body(self, body: bytes) -> None:
        """Leave the size of the body to the application."""
        self._framing -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self._framing = 0
        self._complete = self.scope
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Take no more requests of a client that does not read its answers."""
        super().pause_writing()
        self.flow.pause_reading()

    def resume_writing(self) -> None:
        """Go on with its requests."""
        super().resume_writing()
        self.flow.resume_reading()

    def on_response_complete(self) -> None:
        """Do not go on reading while the answer is not taken."""
        super().on_response_complete()
        if self.flow.write_paused:
            self.flow.pause_reading()

    def _look(self) -> None:
        before, self._before = self._before, self._now()
        stall = stall_between(before, self._before) if before else None
        match stall:
            case None:
                pass
            case Stall.SLOW_REQUEST:
                self._end_with(_TOO_SLOW)
            case Stall.FORGOTTEN:
                self.transport.close()
            case Stall.UNREAD_ANSWER:
                self.transport.abort()
        self._look_later()  # it is still there until it is lost: what is closed may have an answer that nobody reads

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self.look_seconds, self._look)

    def _now(self) -> Moment:
        answering = self.cycle is not None and not self.cycle.response_complete
        reading = self._reading()
        return Moment(
            reading=reading,
            request=self.scope,
            received=self._received,
            unsent=self.transport.get_write_buffer_size(),
            held=self.flow.read_paused or (answering and reading is not Reading.BODY),
            expires=self.timeout_keep_alive_task is not None,
        )

    def _reading(self) -> Reading:
        if self.scope is None:
            return Reading.HEAD if self._received else Reading.NOTHING_YET
        if self._complete is self.scope:
            return Reading.NOTHING
        return Reading.BODY if self.cycle is not None and self.cycle.scope is self.scope else Reading.HEAD

    def _end_with(self, problem: Problem) -> None:
        """Close, with an answer where none is being written that it would be mixed up with."""
        if self._may_answer():
            self.transport.write(self._answer_of(problem))
        self.transport.close()

    def _may_answer(self) -> bool:
        cycle: Any = self.cycle
        if cycle is None or self.pipeline:
            return cycle is None
        if cycle.scope is self.scope:
            return not (cycle.response_started or cycle.response_complete)
        return bool(cycle.response_complete)

    def _answer_of(self, problem: Problem) -> bytes:
        body = msgspec.json.encode(problem.to_wire())
        default = b"".join([b"%s: %s\r\n" % header for header in self.server_state.default_headers])
        head = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n".encode()
        rest = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        return head + default + rest + body
