"""A database that outgrows its budget gives up what is oldest and most redundant, and really gets smaller."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logcenter_collector.domain.budget import Ceiling, Shelf, Tier, score
from logcenter_collector.store.base import StoreFullError
from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import projects
from logcenter_collector.store.upkeep.budget import is_full, is_over, keep_to_budget
from logcenter_collector.store.upkeep.choosing import choice_of, take_stock
from logcenter_collector.store.upkeep.partitions import list_partitions, make_partitions
from logcenter_collector.store.upkeep.space import give_back, measure
from logcenter_collector.store.upkeep.wal import checkpoint
from logcenter_collector.upkeep.jobs import BudgetKeeper, Watch
from support.collector import Collector
from support.command import Run
from support.filling import Filler
from support.sending import a_report, another_error

NOW = datetime(2026, 6, 15, 10, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
EVERY = (0, 2**31)


def keep(database: Database, budget: int) -> int:
    """Keep to a budget, and return in how many slices."""
    return len(list(keep_to_budget(database, NOW, budget)))


def roles(filler: Filler) -> Counter[int]:
    with filler.store.database.read() as connection:
        found = connection.exec_driver_sql("SELECT role, count(*) FROM occurrences GROUP BY role")
        return Counter({role: count for role, count in found})  # noqa: C416 - a row is no tuple for mypy


# Nothing is dropped by hand here: the filler's bodies cannot be compressed, so a megabyte is a megabyte.


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Filler]:
    store = SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")
    yield Filler(store)
    store.close()


def file_of(filler: Filler) -> Path:
    return Path(str(filler.store.database.engine.url.database))


def test_a_file_gets_smaller_than_the_budget_and_every_count_stays(sqlite: Filler) -> None:
    sqlite.spread(issues=100, each=30, begin=NOW - 60 * DAY, apart=DAY, size=4_000)
    database, budget = sqlite.store.database, 8_000_000
    checkpoint(database)
    assert budget < file_of(sqlite).stat().st_size
    counts = sqlite.counts()

    slices = keep(database, budget)
    checkpoint(database)

    assert file_of(sqlite).stat().st_size < budget
    assert 10 < slices
    assert (3_000, 3_000) == counts == sqlite.counts()
    assert 0 == sqlite.traces_without_user()
    assert not is_over(database, budget)


def test_the_oldest_and_most_redundant_go_first_and_the_first_of_each_issue_stays(sqlite: Filler) -> None:
    sqlite.spread(issues=100, each=30, begin=NOW - 60 * DAY, apart=DAY, size=4_000)

    keep(sqlite.store.database, 8_000_000)

    assert 100 == roles(sqlite)[1]
    for issue_id in (1, 50, 100):
        latest, *between, first = sqlite.numbers(issue_id)
        assert (30, 1) == (latest, first)
        assert between == list(range(29, 29 - len(between), -1))


def test_pinned_ones_go_when_nothing_else_is_left_and_the_latest_at_last(sqlite: Filler) -> None:
    for line in range(150):
        sqlite.report(line, NOW - 60 * DAY + line * HOUR, size=20_000)
        sqlite.report(line, NOW - 50 * DAY + line * HOUR, size=20_000)
    database = sqlite.store.database
    used = measure(database).used

    keep(database, int(used * 1.3))
    assert {0: 150, 1: 150} == roles(sqlite)

    keep(database, used)  # a part of it is for the log, so some have to go
    assert 0 < roles(sqlite)[1] < 150
    assert 150 == len([line for line in range(1, 151) if sqlite.issue(line).context])

    keep(database, int(used * 0.4))
    with_context = [line for line in range(1, 151) if sqlite.issue(line).context]
    assert 0 == roles(sqlite)[1]
    assert 0 < len(with_context) < 150
    assert (300, 300) == sqlite.counts()


def test_an_issue_whose_context_went_gets_one_again_with_its_next_report(sqlite: Filler) -> None:
    issue_id = sqlite.report(1, NOW - DAY, size=200_000)
    keep(sqlite.store.database, 100_000)
    gone = sqlite.issue(issue_id)

    sqlite.report(1, NOW)
    sqlite.report(1, NOW)

    assert ({}, ()) == (gone.context, gone.error.stack_trace)
    assert sqlite.issue(issue_id).context
    assert sqlite.issue(issue_id).error.stack_trace
    assert [3, 2] == sqlite.numbers(issue_id)


def test_what_was_reported_since_is_not_dropped(database: Database, filler: Filler) -> None:
    issue_id = filler.report(1, NOW - DAY)
    old = choice_of(Shelf(Tier.LATEST, score(0, DAY)), NOW)
    with database.read() as connection:
        assert 1 == old.look(connection, EVERY).rows
    filler.report(1, NOW)
    before = filler.issue(issue_id)

    with database.write() as connection:
        old.drop(connection, EVERY)

    assert before == filler.issue(issue_id)
    assert [2, 1] == filler.numbers(issue_id)


def test_while_there_is_no_room_reports_are_refused_and_then_taken_again(database: Database, filler: Filler) -> None:
    issue_id = filler.report(1, NOW)
    used = measure(database).used
    ceiling = Ceiling(used // 2)

    Watch(filler.store, ceiling).look()
    filler.report(1, NOW)
    assert ceiling.is_reached(used * 2)
    filler.store.is_full = True
    with pytest.raises(StoreFullError):
        filler.report(1, NOW)
    assert filler.store.prepare([filler.arrival(1, NOW)]) is None
    Watch(filler.store, Ceiling(used * 2)).look()
    filler.report(1, NOW)

    assert 3 == filler.issue(issue_id).occurrence_count


def test_a_budget_that_counts_alone_exceed_is_full_after_all_else_went(sqlite: Filler) -> None:
    sqlite.spread(issues=50, each=3, begin=NOW - DAY, apart=HOUR)
    database = sqlite.store.database

    keep(database, 100_000)

    assert is_full(database, 100_000)
    assert {} == roles(sqlite)
    assert (150, 150) == sqlite.counts()


def test_what_was_tried_in_vain_is_not_tried_again_at_once(sqlite: Filler) -> None:
    sqlite.spread(issues=50, each=3, begin=NOW - DAY, apart=HOUR)
    keeper = BudgetKeeper(sqlite.store.database, 100_000)

    assert keeper.is_needed()
    assert list(keeper.slices(NOW))
    assert is_over(sqlite.store.database, 100_000)
    assert not keeper.is_needed()


def test_a_storm_that_fills_the_room_again_is_answered_by_dropping_more_at_the_next_look(sqlite: Filler) -> None:
    sqlite.spread(issues=100, each=30, begin=NOW - 60 * DAY, apart=DAY, size=4_000)
    keeper = BudgetKeeper(sqlite.store.database, 8_000_000)

    for progress in keeper.slices(NOW):
        if "pages" in progress.done:  # it has dropped what it wanted to
            for line in range(50):
                sqlite.report(line, NOW, size=50_000, type=progress.done)

    assert is_over(sqlite.store.database, 8_000_000)
    assert keeper.is_needed()


def test_a_full_collector_answers_507_and_says_when_to_try_again(
    start_collector: Callable[..., Collector], tmp_path: Path
) -> None:
    file = tmp_path / "full.db"
    store = SqlStore(f"sqlite:///{file}")
    with store.database.write() as connection:  # what nothing can be dropped of
        rows = [{"project_id": f"p{number}", "created_at": NOW, "updated_at": NOW} for number in range(11)]
        connection.execute(projects.insert(), [{**row, "description": "x" * 1_000_000} for row in rows])
    store.close()
    collector = start_collector("--disk-budget", "10MB", database=file)
    collector.report_batch([a_report("p", **another_error(), message="long " * 1_600) for _ in range(100)])
    deadline = time.monotonic() + 20
    while (response := collector.post_report(a_report("p"))).status_code == 200:
        assert time.monotonic() < deadline

    assert (507, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert 0 < int(response.headers["retry-after"])
    assert "budget" in response.json()["detail"]
    assert 507 == collector.report_batch([a_report("p")]).status_code
    assert 200 == collector.client.get("/api/v1/issues").status_code
    metrics = collector.client.get("/metrics").text
    assert re.search(r'rejected_total{reason="storage_full"} [1-9]', metrics)


@pytest.mark.parametrize("tier", Tier)
def test_the_database_scores_as_the_domain_does(database: Database, filler: Filler, tier: Tier) -> None:
    ages = [0, 1, 2, 3, 5, 9, 30, 800]
    for age in reversed(ages):
        filler.report(1, NOW - age * HOUR, size=20)
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE occurrences SET pinned = {'true' if tier is Tier.PINNED else 'false'}")

    with database.read() as connection:
        stock = take_stock(connection, EVERY, tier, NOW)

    kept = [score(newer, age * HOUR) for newer, age in enumerate(ages[1:])]
    assert set(kept if tier is not Tier.LATEST else [score(0, 0 * HOUR)]) == {shelf.score for shelf in stock}


def test_postgresql_drops_the_oldest_partitions_and_gets_smaller(on_postgresql: Filler) -> None:
    filler, database = on_postgresql, on_postgresql.store.database
    for week in range(6):
        make_partitions(database, NOW - (6 - week) * 7 * DAY)
    filler.spread(issues=60, each=36, begin=NOW - 38 * DAY, apart=DAY, size=4_000)
    before, counts = measure(database).size, filler.counts()
    with database.read() as connection:
        partitions = len(list_partitions(connection))
    budget = int(before * 0.9)

    keep(database, budget)

    with database.read() as connection:
        assert len(list_partitions(connection)) < partitions
    assert measure(database).size < budget
    assert counts == filler.counts()
    assert 60 == roles(filler)[1]
    assert 0 == filler.traces_without_user()


def test_postgresql_deletes_rows_where_no_partition_is_old(on_postgresql: Filler) -> None:
    filler, database = on_postgresql, on_postgresql.store.database
    make_partitions(database, NOW)
    filler.spread(issues=100, each=20, begin=NOW - 20 * HOUR, apart=timedelta(minutes=20), size=4_000)
    counts, kept = filler.counts(), filler.rows()["occurrences"]
    budget = measure(database).size - 1_000_000

    for _ in range(2):
        keep(database, budget)

    assert not is_over(database, budget)
    assert kept // 4 < filler.rows()["occurrences"] < kept
    assert 100 == roles(filler)[1]
    assert counts == filler.counts()


def test_space_that_is_free_is_given_back_but_for_a_reserve(sqlite: Filler) -> None:
    sqlite.spread(issues=50, each=10, begin=NOW - 20 * DAY, apart=DAY, size=4_000)
    database = sqlite.store.database
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM occurrences")

    slices = len(list(give_back(database, keep_pages=20)))

    assert 1 < slices
    assert 20 * 4096 == measure(database).reusable
    assert [] == list(give_back(database, keep_pages=20))


def test_maintain_shows_what_it_dropped_and_how_large_the_database_is(sqlite: Filler, run: Run) -> None:
    sqlite.spread(issues=100, each=30, begin=NOW - 60 * DAY, apart=DAY, size=6_000)
    url = f"sqlite:///{file_of(sqlite)}"

    finished = run("maintain", "--database-url", url, "--disk-budget", "10MB", "--retention-days", "0")

    assert (0, "") == (finished.code, finished.stderr)
    assert re.search(r"^keep to the budget: [\d,]+ (occurrences|pages) in ", finished.stdout, re.MULTILINE)
    assert re.search(
        r"^The database takes [\d.]+ MB of 10.0 MB; [\d.]+ MB of it are free.$", finished.stdout, re.MULTILINE
    )
    assert "too old" not in finished.stdout


def test_maintain_ends_with_1_where_the_database_stays_over_its_budget(sqlite: Filler, run: Run) -> None:
    with sqlite.store.database.write() as connection:
        row = {"project_id": "p", "created_at": NOW, "updated_at": NOW, "description": "x" * 11_000_000}
        connection.execute(projects.insert(), row)

    finished = run("maintain", "--database-url", f"sqlite:///{file_of(sqlite)}", "--disk-budget", "10MB")

    assert 1 == finished.code
    assert "It is over its budget" in finished.stdout
