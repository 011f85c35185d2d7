"""No client holds a connection by being slow, or fills the memory with what is no body."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from attrs import evolve
from uvicorn.server import ServerState

from logcenter_collector.web.bounded_protocol import (
    FRAMING_BYTES,
    HEAD_BYTES,
    LEAST_BODY_BYTES,
    BoundedProtocol,
    Moment,
    Reading,
    Stall,
    stall_between,
)
from logcenter_collector.web.quick_protocol import quick_protocol
from logcenter_sdk.contract.outcome import Answer, Outcome

GET = b"GET / HTTP/1.1\r\nHost: collector\r\n"
POST = b"POST / HTTP/1.1\r\nHost: collector\r\n"
REPORT = b"POST /api/v1/logs/report HTTP/1.1\r\nHost: collector\r\n"
SHORT_SECONDS = 0.1
ANSWER = b"x" * 10_000


class ShortLook(BoundedProtocol):
    """Looks often."""

    look_seconds = SHORT_SECONDS


async def echo_length(_scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, then answer with something longer than nothing."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message["more_body"]
    await _answer(send)


async def answer_at_once(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer without reading the body."""
    await _answer(send)


async def answer_late(_scope: Any, _receive: Any, send: Any) -> None:
    """Let many looks pass before the answer."""
    await asyncio.sleep(SHORT_SECONDS * 5)
    await _answer(send)


async def _answer(send: Any) -> None:
    headers = [(b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(
    application: Any, protocol: type[BoundedProtocol] = ShortLook, send_buffer: int | None = None
) -> AsyncIterator[Streams]:
    """Serve an application for a while, and yield a connection to it."""
    config = uvicorn.Config(application, log_config=None, lifespan="off", timeout_keep_alive=75)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if send_buffer is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    listening.bind(("127.0.0.1", 0))
    server = await loop.create_server(lambda: protocol(config, state, {}), sock=listening)
    async with server, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()


async def test_who_says_nothing_is_hung_up_on_without_a_word() -> None:
    async with connected(echo_length) as (reader, _):
        assert b"" == await reader.read()


@pytest.mark.parametrize(
    "unfinished",
    [
        b"GET",
        b"GET / HTTP/1.1\r\nHost: coll",
        POST + b"Content-Length: 5\r\n\r\nab",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
async def test_a_request_that_does_not_come_to_its_end_is_answered_with_408(unfinished: bytes) -> None:
    async with connected(echo_length) as (reader, writer):
        writer.write(unfinished)

        answer = await reader.read()

        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert b"application/problem+json" in answer
        assert b"Request too slow" in answer


async def test_a_second_request_that_stays_unfinished_is_answered_after_the_first() -> None:
    async with connected(echo_length) as (reader, writer):
        writer.write(GET + b"\r\n" + GET)

        answers = await reader.read()

        assert (1, 1) == (answers.count(b"HTTP/1.1 200"), answers.count(b"HTTP/1.1 408"))


async def test_a_body_that_stays_unfinished_gets_no_second_answer() -> None:
    async with connected(answer_at_once) as (reader, writer):
        writer.write(POST + b"Content-Length: 100000\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"ab")

        assert len(ANSWER) == len(await reader.read())


async def test_who_waits_for_a_late_answer_gets_it() -> None:
    async with connected(answer_late) as (reader, writer):
        writer.write(GET + b"\r\n")

        assert b"HTTP/1.1 200 OK\r\n" == await reader.readuntil(b"\r\n")


class LongLook(BoundedProtocol):
    """Looks so rarely that nothing but sizes can end a connection."""

    look_seconds = 3_600.0


CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("beginning", "more", "limit"),
    [
        (GET + b"X: ", b"a" * 1_000, HEAD_BYTES),
        (GET, b"X: a\r\n" * 100, HEAD_BYTES),
        (b"GET /", b"a" * 1_000, HEAD_BYTES),
        (b"", b"\r\n" * 500, HEAD_BYTES),
        (CHUNKED + b"0\r\nX: ", b"a" * 1_000, FRAMING_BYTES),
        (CHUNKED + b"1;", b"a" * 1_000, FRAMING_BYTES),
        (CHUNKED, b"1\r\na\r\n" * 200, FRAMING_BYTES * 6 // 5),  # one of six bytes is body
    ],
    ids=["a header", "headers", "the address", "empty lines", "a trailer", "a chunk's extension", "tiny chunks"],
)
async def test_what_is_no_body_has_a_bound(beginning: bytes, more: bytes, limit: int) -> None:
    async with connected(echo_length, LongLook) as (reader, writer):
        writer.write(beginning)
        for _ in range(limit // len(more) + 1):
            writer.write(more)
            await writer.drain()

        assert (await reader.read()).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


async def test_a_large_body_in_chunks_of_a_kilobyte_is_read() -> None:
    async with connected(echo_length, LongLook) as (reader, writer):
        writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n%b\r\n" % (b"a" * 1024) * 8 * 1024)
        writer.write(b"0\r\n\r\n")

        assert b"HTTP/1.1 200 OK\r\n" == await reader.readuntil(b"\r\n")


async def test_many_requests_on_one_connection_are_no_large_head() -> None:
    requests = HEAD_BYTES // len(GET) + 1
    async with connected(answer_at_once, LongLook) as (reader, writer):
        for _ in range(requests):
            writer.write(GET + b"\r\n")
            await reader.readuntil(ANSWER[:1] * len(ANSWER))

    assert requests > 1_000


class Immediate:
    """Stands where the pipeline does, and answers each report at once."""

    def __init__(self) -> None:
        self.taken = 0

    def take(self, _body: bytes, deliver: Callable[[Answer], object]) -> None:
        """Take a report."""
        self.taken += 1
        deliver(Answer(Outcome.NEW, 1))


async def keep_sending(writer: asyncio.StreamWriter, requests: bytes) -> None:
    for _ in range(5_000):
        writer.write(requests)
        await writer.drain()


async def test_who_reads_no_answers_is_not_listened_to_and_hung_up_on() -> None:
    reports: Any = Immediate()
    protocol = type("ShortQuick", (quick_protocol(reports),), {"look_seconds": SHORT_SECONDS})
    async with connected(answer_at_once, protocol, send_buffer=8 * 1024) as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        requests = (REPORT + b"Content-Length: 2\r\n\r\n{}") * 100
        with pytest.raises(ConnectionError):
            await keep_sending(writer, requests)

    assert 0 < reports.taken < 50_000


START = Moment(reading=Reading.NOTHING, request=1, received=100, unsent=0, expires=True)
READING_A_BODY = evolve(START, reading=Reading.BODY, expires=False)


@pytest.mark.parametrize(
    ("before", "now", "stall"),
    [
        (START, START, None),
        (START, evolve(START, reading=Reading.HEAD, request=2), None),
        (evolve(START, reading=Reading.HEAD), evolve(START, reading=Reading.HEAD, received=101), Stall.SLOW_REQUEST),
        (READING_A_BODY, evolve(READING_A_BODY, received=100 + LEAST_BODY_BYTES), None),
        (READING_A_BODY, evolve(READING_A_BODY, received=99 + LEAST_BODY_BYTES), Stall.SLOW_REQUEST),
        (READING_A_BODY, evolve(READING_A_BODY, held=True), None),
        (READING_A_BODY, evolve(READING_A_BODY, request=2), None),
        (evolve(START, expires=False), evolve(START, expires=False), Stall.FORGOTTEN),
        (evolve(START, unsent=10), evolve(START, unsent=10), Stall.UNREAD_ANSWER),
        (evolve(START, unsent=10), evolve(START, unsent=9), None),
    ],
)
def test_what_has_not_moved_between_two_looks_is_a_stall(before: Moment, now: Moment, stall: Stall | None) -> None:
    assert stall is stall_between(before, now)
