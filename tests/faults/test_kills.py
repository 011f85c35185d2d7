"""``kill -9`` in the middle of a run: what was acknowledged is there, and nothing counts twice."""

import asyncio
import random
from collections.abc import Callable

from support.collector import Collector
from support.faults import FULL_SIZE
from support.storm import Senders, kinds_of, stored, storm

KILLS, REPORTS = (20, 10_000) if FULL_SIZE else (3, 300)


async def test_what_is_acknowledged_survives_kills_and_what_is_sent_again_counts_once(
    start_collector: Callable[..., Collector], database_url: str
) -> None:
    reports = storm(REPORTS, kinds=40, project="killed")
    collector = start_collector(database=database_url)
    senders = Senders(lambda: collector.api_url)
    sending = asyncio.create_task(senders.send(reports))

    chosen = random.Random(3)
    for kill in range(KILLS):
        moment = REPORTS * (kill + chosen.random()) / (KILLS + 1)
        while senders.acknowledged < moment:
            assert not sending.done()
            await asyncio.sleep(0.002)
        collector.kill()
        collector = await asyncio.to_thread(start_collector, database=database_url)
    await sending

    assert REPORTS == senders.acknowledged == senders.statuses[200]
    assert kinds_of(reports) == stored(collector, "killed")
    assert {200} == {status for status in senders.statuses if status}
