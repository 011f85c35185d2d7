"""A PostgreSQL server that stops, breaks connections or says what it cannot do: collectors go on without a restart."""

import asyncio
from collections.abc import Iterator

import pytest

from support.collector import Collector, start
from support.failing import assert_come_back, raising
from support.postgres import Postgres
from support.sending import a_report, another_error, fresh_project
from support.storm import Senders, kinds_of, stored, storm


@pytest.fixture(scope="module")
def collector(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for all tests of this module: that it goes on is part of every test."""
    collector = start(url := postgres.new_database(), folder=tmp_path_factory.mktemp("collector"))
    yield collector
    assert collector.stop() == 0
    postgres.drop_database(url)


@pytest.mark.parametrize(
    "state",
    ["53100", "53200", "53300", "40P01", "40001", "57014"],
    ids=["disk full", "out of memory", "too many connections", "deadlock", "conflict", "cancelled"],
)
def test_what_the_server_cannot_do_now_is_asked_for_again(collector: Collector, postgres: Postgres, state: str) -> None:
    report = a_report(project := fresh_project())

    with raising(postgres, collector.database_url, state):
        assert_come_back(collector.post_report(report))
        assert_come_back(collector.report_batch([report, a_report(project, **another_error())]))
        assert [] == collector.issues(project_id=project)

    assert "Log reported" == collector.report(report)["message"]


async def test_while_the_server_is_stopped_all_are_asked_to_come_back_and_then_it_goes_on(
    collector: Collector, postgres: Postgres
) -> None:
    known, new = a_report(project := fresh_project()), a_report(project, **another_error())
    issue_id = collector.report(known)["id"]

    with postgres.stopped():
        assert_come_back(collector.post_report(known))
        assert_come_back(collector.report_batch([known, new]))
        assert_come_back(collector.client.get("/api/v1/issues"))
        assert_come_back(collector.client.get("/readyz"))
        assert_come_back(collector.client.post(f"/api/v1/issues/{issue_id}/transitions", json={"to": "VERIFYING"}))
        assert 200 == collector.client.get("/healthz").status_code

    # A connection of before may say once more that it is gone.
    await Senders(lambda: collector.api_url).send([known, new], together=1)
    assert 2 == collector.issue(issue_id)["occurrence_count"]
    assert 200 == collector.client.get("/readyz").status_code


async def test_what_is_under_way_when_connections_break_is_stored_once(
    collector: Collector, postgres: Postgres
) -> None:
    reports = storm(600, kinds=20, project=(project := fresh_project()))
    senders = Senders(lambda: collector.api_url)
    sending = asyncio.create_task(senders.send(reports))

    for part in range(1, 6):
        while senders.acknowledged < part * 90:
            assert not sending.done()
            await asyncio.sleep(0.002)
        await asyncio.to_thread(postgres.break_connections, collector.database_url)
    await sending

    for _ in range(20):  # each connection of before may say once more that it is gone: they take turns
        assert collector.client.get("/api/v1/issues").status_code in {200, 503}
    assert kinds_of(reports) == stored(collector, project)
    assert {200, 503} >= set(senders.statuses)
