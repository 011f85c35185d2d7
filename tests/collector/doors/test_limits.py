"""Rates and quotas over HTTP, with the clock in hand: what is over them is told when to come again, and may then."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from attrs import define

from logcenter_collector.store.base import Arrival, StoreUnavailableError
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.outcome import Answer
from support.collector import Collector
from support.sending import a_report, another_error, fresh_project
from support.served import served
from support.stores import START

REPORT: Final = "/api/v1/logs/report"
BATCH: Final = "/api/v1/logs/report/batch"


@define
class Clock:
    """The time that a collector has."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        yield store


async def demand(client: httpx.AsyncClient, project: str, **demands: Any) -> dict[str, Any]:
    """Set what a project demands."""
    response = await client.put(f"/api/v1/projects/{project}/doors", json=demands)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def today(client: httpx.AsyncClient, project: str) -> dict[str, int]:
    """Return what came to a project today."""
    return dict((await client.get(f"/api/v1/projects/{project}/doors")).json()["today"])


async def send(client: httpx.AsyncClient, project: str, **request: Any) -> httpx.Response:
    """Send a report."""
    return await client.post(REPORT, json=a_report(project), **request)


async def test_over_its_rate_a_project_is_told_when_to_come_again_and_may_then(store: SqlStore) -> None:
    clock = Clock()
    async with served(store, clock=clock) as client:
        await demand(client, "p", per_minute=2)
        assert [200, 200, 429] == [(await send(client, "p")).status_code for _ in range(3)]
        refused = await send(client, "p")

        assert ("30", "Too many reports") == (refused.headers["Retry-After"], refused.json()["title"])
        clock.wait(29)
        assert 429 == (await send(client, "p")).status_code
        clock.wait(1)
        assert [200, 429] == [(await send(client, "p")).status_code for _ in range(2)]
        assert {"accepted": 3, "refused": 4} == await today(client, "p")
        assert 200 == (await send(client, "another")).status_code


async def test_projects_without_a_rate_of_their_own_have_the_one_for_all(store: SqlStore) -> None:
    async with served(store, clock=Clock(), per_minute=1) as client:
        await demand(client, "wide", per_minute=3)
        await demand(client, "free", per_minute=0)

        accepted = Counter(
            [
                project
                for project in ("narrow", "wide", "free")
                for _ in range(5)
                if (await send(client, project)).status_code == 200
            ]
        )

    assert {"narrow": 1, "wide": 3, "free": 5} == accepted


async def test_a_key_has_a_rate_of_its_own_within_that_of_its_project(store: SqlStore) -> None:
    async with served(store, clock=Clock()) as client:
        await demand(client, "p", per_minute=4)
        made = await client.post("/api/v1/projects/p/keys", json={"name": "narrow", "per_minute": 1})
        key = {"X-Log-Center-Key": made.json()["key"]}

        with_it = [(await send(client, "p", headers=key)).status_code for _ in range(3)]
        without = [(await send(client, "p")).status_code for _ in range(4)]

        assert ([200, 429, 429], [200, 200, 200, 429]) == (with_it, without)
        [listed] = (await client.get("/api/v1/projects/p/keys")).json()
        assert 1 == listed["accepted_today"]


async def test_a_quota_opens_again_at_midnight_in_utc(store: SqlStore) -> None:
    clock = Clock()
    async with served(store, clock=clock) as client:
        await demand(client, "p", per_day=2)
        assert [200, 200] == [(await send(client, "p")).status_code for _ in range(2)]
        refused = await send(client, "p")

        seconds = int(refused.headers["Retry-After"])
        assert (429, "Quota used up") == (refused.status_code, refused.json()["title"])
        clock.wait(seconds - 1)
        assert 429 == (await send(client, "p")).status_code
        clock.wait(1)
        assert (0, 0) == (clock.now.hour, clock.now.minute)
        assert [200, 200, 429] == [(await send(client, "p")).status_code for _ in range(3)]


async def test_a_restart_forgets_no_quota(store: SqlStore) -> None:
    clock = Clock()
    async with served(store, clock=clock) as client:
        await demand(client, "p", per_day=3)
        assert [200, 200] == [(await send(client, "p")).status_code for _ in range(2)]

    async with served(store, clock=clock) as client:
        assert [200, 429] == [(await send(client, "p")).status_code for _ in range(2)]
        assert {"accepted": 3, "refused": 1} == await today(client, "p")


def test_two_collectors_on_one_database_keep_one_quota(
    start_collector: Callable[..., Collector], database_url: str
) -> None:
    one, other = (start_collector(database=database_url) for _ in range(2))
    one.client.put("/api/v1/projects/p/doors", json={"per_day": 5}).raise_for_status()
    assert [200] * 5 == [one.post_report(a_report("p")).status_code for _ in range(5)]
    one.stop()  # writes what it took in

    assert 5 == other.get("/api/v1/projects/p/doors")["today"]["accepted"]
    deadline = time.monotonic() + 30
    while other.post_report(a_report("p")).status_code != 429:  # it reads every second what others took
        assert time.monotonic() < deadline
        time.sleep(0.2)


async def test_a_batch_is_let_in_as_far_as_there_is_room(store: SqlStore) -> None:
    async with served(store, clock=Clock()) as client:
        await demand(client, "p", per_minute=2)
        reports = [a_report("p", **another_error()) for _ in range(4)]

        first = await client.post(BATCH, json=[*reports, a_report("q")])
        second = await client.post(BATCH, json=[a_report("p"), {"no": "report"}])

        assert 200 == first.status_code
        assert [None, None, 429, 429, None] == [entry.get("status") for entry in first.json()]
        # Nothing of it was committed and some of it may be later: it is refused as a whole, so that it comes again.
        assert (429, "30") == (second.status_code, second.headers["Retry-After"])


async def test_a_report_counts_as_one_however_many_errors_it_stands_for(store: SqlStore) -> None:
    async with served(store, clock=Clock()) as client:
        await demand(client, "p", per_day=2)

        answers = [await client.post(REPORT, json=a_report("p", occurrences=1_000)) for _ in range(3)]

        assert [200, 200, 429] == [answer.status_code for answer in answers]


async def test_what_could_not_be_queued_is_given_back(store: SqlStore) -> None:
    async with served(store, clock=Clock(), queue_limit=1, queue_bytes=1) as client:
        await demand(client, "p", per_minute=100)

        answers = await asyncio.gather(*(send(client, "p") for _ in range(100)))
        statuses = Counter(answer.status_code for answer in answers)
        again = [(await send(client, "p")).status_code for _ in range(statuses[503] + 1)]

        assert {200, 503} == statuses.keys()
        assert [200] * statuses[503] + [429] == again


class Failing(SqlStore):
    """A store that cannot be written."""

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Fail, whatever is to be recorded."""
        raise StoreUnavailableError(f"{len(arrivals)} reports cannot be written.")

    def prepare(self, arrivals: Sequence[Arrival]) -> None:
        """Leave it to ``record``."""


async def test_what_could_not_be_committed_is_given_back(tmp_path: Path) -> None:
    with closing(Failing(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        async with served(store, clock=Clock()) as client:
            await demand(client, "p", per_minute=1, per_day=1)

            assert [503] * 3 == [(await send(client, "p")).status_code for _ in range(3)]
            assert {"accepted": 0, "refused": 0} == await today(client, "p")


def test_of_sixteen_senders_exactly_as_many_reports_get_in_as_may(start_collector: Callable[..., Collector]) -> None:
    collector, project = start_collector(), fresh_project()
    collector.client.put(f"/api/v1/projects/{project}/doors", json={"per_day": 200}).raise_for_status()

    statuses = asyncio.run(send_by_sixteen(collector.api_url, project, count=400))

    assert {200: 200, 429: 200} == statuses
    today = collector.get(f"/api/v1/projects/{project}/doors")["today"]
    assert {"accepted": 200, "refused": 200} == today
    [issue] = collector.issues(project_id=project)
    assert 200 == issue["occurrence_count"]


async def send_by_sixteen(url: str, project: str, count: int) -> Counter[int]:
    """Send reports, half of them in batches of four, by sixteen at the same time; return every status."""
    statuses: Counter[int] = Counter()
    waiting = iter(range(count // 8))

    async def one_sender(client: httpx.AsyncClient) -> None:
        for _ in waiting:
            for _ in range(4):
                statuses[(await send(client, project)).status_code] += 1
            response = await client.post(BATCH, content=json.dumps([a_report(project)] * 4))
            whole = response.status_code != 200
            statuses.update([429] * 4 if whole else [entry.get("status", 200) for entry in by_status(response)])

    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        await asyncio.gather(*(one_sender(client) for _ in range(16)))
    return statuses


def by_status(response: httpx.Response) -> list[dict[str, Any]]:
    """Return what a batch was answered, without the statuses of issues."""
    return [entry if "title" in entry else {} for entry in response.json()]
