"""Bodies that are on their way in take no more than there is room for, however many senders there are."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from logcenter_collector.app import utc_now
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import ClientGoneError, Reason, RefusedError
from logcenter_collector.ingest.room import Room
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.api.reports import take_batch
from logcenter_sdk.contract.limits import REPORT_BYTES
from support.sending import a_report

ROOM = 100_000


@pytest_asyncio.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logs.db'}")) as store:
        runner = Runner(store, queue_limit=100, queue_bytes=2**20, batch_limit=100)
        runner.start()
        yield Pipeline(runner, utc_now, REPORT_BYTES, room=Room(ROOM))
        await runner.stop()


class Sender:
    """Somebody who sends a batch in pieces, each when the test says so."""

    def __init__(self, pipeline: Pipeline, *headers: tuple[bytes, bytes]) -> None:
        self._pieces: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope: Any = {"type": "http", "headers": list(headers), "query_string": b""}
        receive: Any = self._pieces.get
        self.answer = asyncio.create_task(take_batch(pipeline, scope, receive))

    async def send(self, piece: bytes, *, more: bool = True) -> None:
        self._pieces.put_nowait({"type": "http.request", "body": piece, "more_body": more})
        for _ in range(5):
            await asyncio.sleep(0)

    async def hang_up(self) -> None:
        self._pieces.put_nowait({"type": "http.disconnect"})
        with pytest.raises(ClientGoneError):
            await self.answer


def batch(size: int) -> bytes:
    return json.dumps([a_report("shop")]).encode().ljust(size)


async def test_where_there_is_no_room_a_body_is_refused_until_there_is(pipeline: Pipeline) -> None:
    slow, second, third = Sender(pipeline), Sender(pipeline), Sender(pipeline)
    await slow.send(b"[" * 60_000)

    await second.send(batch(60_000), more=False)
    with pytest.raises(RefusedError) as refused:
        await second.answer
    await slow.hang_up()
    await third.send(batch(60_000), more=False)

    assert (503, Reason.QUEUE_FULL) == (refused.value.problem.status, refused.value.reason)
    assert refused.value.retry_after
    assert ["Log reported"] == [answer["message"] for answer in await third.answer]


async def test_an_answered_body_leaves_its_room_and_so_does_a_refused_one(pipeline: Pipeline) -> None:
    for body in (batch(60_000), b"no JSON".ljust(60_000)) * 3:
        sender = Sender(pipeline)
        await sender.send(body, more=False)
        await asyncio.wait([sender.answer])
        sender.answer.exception()

    assert 0 == pipeline.room.taken


async def test_what_a_body_is_unpacked_to_takes_room_as_well(pipeline: Pipeline) -> None:
    sender = Sender(pipeline, (b"content-encoding", b"gzip"))

    await sender.send(gzip.compress(batch(200_000)), more=False)

    with pytest.raises(RefusedError) as refused:
        await sender.answer
    assert Reason.QUEUE_FULL == refused.value.reason
