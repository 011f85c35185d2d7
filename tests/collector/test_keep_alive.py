"""A connection stays open between reports, and is closed when nothing came for a while."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from logcenter_collector.ingest.gate import Shown
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.web.quick_protocol import quick_protocol
from logcenter_sdk.contract.outcome import Answer, Outcome
from support.connection import Connection, connect

PATH = "/api/v1/logs/report"
SHORT_SECONDS = 1  # uvicorn takes whole ones
ANSWER = Answer(Outcome.NEW, 1)

Deliver = Callable[[Answer | RefusedError], object]


class Taken:
    """Stands where the pipeline does, and leaves the answers to the test."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[Deliver] = asyncio.Queue()

    def take(self, _body: bytes, deliver: Deliver, _shown: Shown) -> None:
        """Take a report."""
        self.waiting.put_nowait(deliver)

    async def answer(self) -> None:
        """Answer the report that came first."""
        (await self.waiting.get())(ANSWER)


@asynccontextmanager
async def serving(reports: Taken) -> AsyncIterator[Connection]:
    """Serve for a while, and yield a connection to it."""
    taking: Any = reports
    protocol: Any = quick_protocol(taking)
    config = uvicorn.Config(no_application, log_config=None, lifespan="off", timeout_keep_alive=SHORT_SECONDS)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    async with server, asyncio.timeout(60):
        connection = await connect(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            yield connection
        finally:
            connection.close()


async def no_application(_scope: object, _receive: object, _send: object) -> None:
    """Is never called: every request is a report."""


async def test_a_connection_that_is_idle_for_too_long_is_closed() -> None:
    reports = Taken()
    async with serving(reports) as connection:
        answering = asyncio.create_task(reports.answer())
        response = await connection.post(PATH, {})
        await answering

        assert 200 == response.status
        assert await connection.is_closed_by_the_server()


async def test_a_report_that_waits_for_longer_than_that_is_answered_and_so_is_the_next_one() -> None:
    reports = Taken()
    async with serving(reports) as connection:
        for seconds in (0, 2 * SHORT_SECONDS, 0):
            posting = asyncio.create_task(connection.post(PATH, {}))
            await asyncio.sleep(seconds)
            await reports.answer()

            assert 200 == (await posting).status
        assert await connection.is_closed_by_the_server()
