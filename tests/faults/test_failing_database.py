"""A database that fails for a while: clear answers meanwhile, and afterwards all goes on without a restart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from support.collector import start
from support.failing import Failing, assert_come_back, failing_postgres, failing_sqlite
from support.sending import a_report, another_error, fresh_project
from support.storm import stored


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def failing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Failing]:
    """A collector on each kind of database, for all tests of this module: that it goes on is part of every test."""
    folder = tmp_path_factory.mktemp("failing")
    if request.param == "sqlite":
        collector = start(folder / "logcenter.db")
        yield failing_sqlite(collector)
        assert collector.stop() == 0
    else:
        postgres = request.getfixturevalue("postgres")
        collector = start(url := postgres.new_database(), folder=folder)
        yield failing_postgres(collector, postgres)
        assert collector.stop() == 0
        postgres.drop_database(url)


def test_a_report_that_cannot_be_written_fails_alone_and_its_neighbours_are_stored(failing: Failing) -> None:
    project, collector = fresh_project(), failing.collector
    poison = a_report(project, message="poison", **another_error())
    good = [a_report(project, **another_error()) for _ in range(4)]

    with failing.poisoned():
        alone = collector.post_report(poison)
        together = collector.report_batch([good[0], poison, good[1], good[0]])
        with ThreadPoolExecutor(5) as threads:
            beside = list(threads.map(collector.post_report, [poison, *good[2:], poison, good[0]]))

    assert (500, "Cannot be stored") == (alone.status_code, alone.json()["title"])
    assert ["message", "title", "message", "message"] == [next(iter(answer)) for answer in together.json()]
    assert [500, 200, 200, 500, 200] == [response.status_code for response in beside]
    expected = {report["error"]["line_number"]: 3 if report is good[0] else 1 for report in good}
    assert expected == stored(collector, project)
    assert "Log reported" == collector.report(poison)["message"]


def test_while_somebody_holds_the_database_everybody_is_asked_to_come_back(failing: Failing) -> None:
    collector, report = failing.collector, a_report(fresh_project())
    issue_id = collector.report(report)["id"]
    move = partial(collector.client.post, f"/api/v1/issues/{issue_id}/transitions", json={"to": "VERIFYING"})

    with failing.locked(), ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(collector.post_report, report), threads.submit(move)]
        assert 200 == collector.client.get("/healthz").status_code
        for future in asked:
            assert_come_back(future.result())

    then = [collector.post_report(report), move(), collector.client.get("/readyz")]
    assert [200, 200, 200] == [response.status_code for response in then]
    assert 2 == collector.issue(issue_id)["occurrence_count"]
