"""More reports than can be stored for a moment: refused at once, with a time to come back, and counted to the unit."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from attrs import define, field

from support.collector import Collector
from support.connection import connect
from support.faults import FULL_SIZE
from support.metrics import ACCEPTED, REJECTED, scrape
from support.sqlite import locked
from support.storm import Reports, stored, storm

REPORTS, CONNECTIONS, TOGETHER = 20_000 if FULL_SIZE else 2_000, 200, 10
QUEUE = 1_000 if FULL_SIZE else 200
REPORT, BATCH = "/api/v1/logs/report", "/api/v1/logs/report/batch"
MOST_MEBIBYTES = 200
"""An idle collector takes about 90."""


@define
class Flood:
    """Reports that are sent once, some singly and most in batches, over many connections."""

    url: str
    statuses: Counter[int] = field(factory=Counter)
    """How many reports got which answer."""
    refused: asyncio.Event = field(factory=asyncio.Event)
    """Set when the queue was full."""

    async def send(self, reports: Reports) -> None:
        """Send reports and return when all are answered."""
        waiting = [[report] for report in reports[:CONNECTIONS]]
        waiting += [reports[start : start + TOGETHER] for start in range(CONNECTIONS, len(reports), TOGETHER)]
        await asyncio.gather(*(self._sender(waiting) for _ in range(CONNECTIONS)))

    async def _sender(self, waiting: list[Reports]) -> None:
        connection = await connect(self.url)
        while waiting:
            part = waiting.pop()
            single = len(part) == 1
            response = await connection.post(REPORT if single else BATCH, part[0] if single else part)
            self.statuses[response.status] += len(part)
            if response.status == 503:
                assert 0 < int(response.headers["retry-after"]) < 60
                if b"waiting" in response.body:  # in the queue, and not for the database
                    self.refused.set()
        connection.close()


async def test_a_flood_on_a_short_queue_is_refused_or_stored_and_memory_stays_bounded(
    start_collector: Callable[..., Collector],
) -> None:
    collector = start_collector("--queue-limit", str(QUEUE))
    reports = [dict(report, event_id=None) for report in storm(REPORTS, kinds=30, project="flood")]
    flood = Flood(collector.api_url)

    with locked(collector.database):  # until the queue is full: how fast the machine is does not matter then
        sending = asyncio.create_task(flood.send(reports))
        await asyncio.wait_for(flood.refused.wait(), 60)
    await sending

    statuses = flood.statuses
    assert {200, 503} == set(statuses)
    assert REPORTS == statuses.total()
    assert statuses[200] == stored(collector, "flood").total()
    scraped = scrape(collector)
    assert (statuses[200], statuses[503]) == (scraped.total(ACCEPTED), scraped.total(REJECTED))
    assert peak_mebibytes(collector) < MOST_MEBIBYTES


def peak_mebibytes(collector: Collector) -> float:
    """Return the most memory that the process has taken."""
    lines = Path(f"/proc/{collector.process.pid}/status").read_text(encoding="utf-8").splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) / 1024
