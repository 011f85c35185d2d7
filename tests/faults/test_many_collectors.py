"""Any number of collectors on one PostgreSQL: exact counts, one issue for each error, no deadlock."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.collector import Collector, start
from support.faults import FULL_SIZE
from support.postgres import Postgres
from support.sending import fresh_project
from support.storm import Reports, Senders, kinds_of, stored, storm

COLLECTORS = 4
REPORTS = 20_000 if FULL_SIZE else 600


@pytest.fixture(scope="module")
def url(postgres: Postgres) -> Iterator[str]:
    """A database of this module's collectors."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="module")
def collectors(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Collector]]:
    """Collectors that share the database."""

    def start_one(folder: Path) -> Collector:
        return start(url, folder=folder)

    with ThreadPoolExecutor() as threads:
        found = list(threads.map(start_one, [tmp_path_factory.mktemp("collector") for _ in range(COLLECTORS)]))
    yield found
    assert [0] * COLLECTORS == [collector.stop() for collector in found]


def anywhere(collectors: Sequence[Collector]) -> Senders:
    """Return senders to whom a balancer gives another collector with every request."""
    chosen = random.Random(5)
    return Senders(lambda: chosen.choice(collectors).api_url)


async def test_the_same_storm_through_all_of_them_is_counted_to_the_unit(
    collectors: list[Collector], postgres: Postgres, url: str
) -> None:
    project = fresh_project()
    reports = storm(REPORTS, kinds=15, project=project)
    twice = random.Random(4).sample(reports, REPORTS // 3)
    senders = anywhere(collectors)

    await asyncio.gather(senders.send([*reports, *twice], senders=32), senders_of(collectors, twice))

    assert [kinds_of(reports)] * COLLECTORS == [stored(collector, project) for collector in collectors]
    assert {200} == set(senders.statuses)
    deadlocks = postgres.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", url=url)
    assert [(0,)] == deadlocks
    assert "deadlock detected" not in postgres.log


async def senders_of(collectors: Sequence[Collector], reports: Reports) -> None:
    """Send the same reports to another collector at the same time."""
    await anywhere(collectors[::-1]).send(reports)


async def test_an_error_that_all_of_them_see_first_at_the_same_moment_is_one_issue(
    collectors: list[Collector],
) -> None:
    project = fresh_project()
    reports = storm(400, kinds=100, project=project, seed=7)
    without_ids = [dict(report, event_id=None) for report in reports]

    await asyncio.gather(*(senders_to(collector, without_ids) for collector in collectors))

    assert Counter({kind: COLLECTORS * count for kind, count in kinds_of(reports).items()}) == stored(
        collectors[0], project
    )


async def senders_to(collector: Collector, reports: Reports) -> None:
    await Senders(lambda: collector.api_url).send(reports, senders=4, together=50)


async def test_an_issue_that_one_of_them_moved_is_reopened_once_by_reports_to_all(collectors: list[Collector]) -> None:
    project = fresh_project()
    [first, *reports] = storm(1 + 8 * COLLECTORS, kinds=1, project=project)
    issue_id = collectors[0].report(first)["id"]
    collectors[1].move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIXED")

    await asyncio.gather(
        *(senders_to(collector, reports[place::COLLECTORS]) for place, collector in enumerate(collectors))
    )

    issue = collectors[2].issue(issue_id)
    assert ("NEW", 1, 1 + 8 * COLLECTORS) == (issue["status"], issue["regression_count"], issue["occurrence_count"])
