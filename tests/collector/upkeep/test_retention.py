"""What is too old goes by its time of arrival; the first, the regressions, the latest and all counts stay."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from logcenter_collector.domain.partitions import Partition
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep import partitions
from logcenter_collector.store.upkeep.partitions import list_partitions, make_partitions
from logcenter_collector.store.upkeep.retention import drop_arrived_before
from support.filling import Filler

NOW = datetime(2026, 6, 15, 10, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LONG_AGO = NOW - 110 * DAY
LIMIT = NOW - 90 * DAY


def drop_old(database: Database) -> int:
    """Drop what is older than 90 days, and return in how many slices."""
    return len(list(drop_arrived_before(database, LIMIT)))


def make_past_and_present_partitions(database: Database) -> None:
    for instant in (LONG_AGO, NOW):
        make_partitions(database, instant)


def oldest_partition(database: Database) -> Partition:
    with database.read() as connection:
        return min(list_partitions(connection), key=lambda each: each.begin)


def test_old_ones_go_and_young_ones_the_first_and_all_counts_stay(database: Database, filler: Filler) -> None:
    make_past_and_present_partitions(database)
    for hour in range(5):
        issue_id = filler.report(1, LONG_AGO + hour * HOUR)
    for hour in range(3):
        filler.report(1, NOW - DAY + hour * HOUR)
    before = filler.issue(issue_id)

    drop_old(database)

    assert [8, 7, 6, 1] == filler.numbers(issue_id)
    assert before == filler.issue(issue_id)
    assert (8, 8) == filler.counts()
    assert 0 == filler.traces_without_user()


def test_regressions_stay(database: Database, filler: Filler) -> None:
    make_past_and_present_partitions(database)
    issue_id = filler.regress(1, LONG_AGO)
    for hour in range(1, 4):
        filler.report(1, LONG_AGO + hour * HOUR)
    filler.report(1, NOW)

    drop_old(database)

    assert [6, 2, 1] == filler.numbers(issue_id)


def test_an_issue_of_which_nothing_was_heard_since_keeps_the_context_of_its_latest(
    database: Database, filler: Filler
) -> None:
    make_past_and_present_partitions(database)
    [issue_id, *_] = [filler.report(1, LONG_AGO + hour * HOUR) for hour in range(3)]
    before = filler.issue(issue_id)
    latest = filler.store.occurrences(issue_id).items[0]

    drop_old(database)

    assert before == filler.issue(issue_id)
    assert before.context["noise"]
    assert before.error.stack_trace
    assert [3, 1] == filler.numbers(issue_id)
    assert latest == filler.store.occurrences(issue_id).items[0]


def test_a_latest_that_stayed_goes_when_it_is_the_latest_no_more(database: Database, filler: Filler) -> None:
    make_past_and_present_partitions(database)
    [issue_id, *_] = [filler.report(1, LONG_AGO + hour * HOUR) for hour in range(3)]
    drop_old(database)
    filler.report(1, NOW)

    drop_old(database)

    assert [4, 1] == filler.numbers(issue_id)


def test_what_came_while_the_clock_was_wrong_goes_as_well(database: Database, filler: Filler) -> None:
    make_partitions(database, NOW)
    for hour in range(3):
        filler.report(1, LONG_AGO + hour * HOUR)
    issue_id = filler.report(1, NOW)

    drop_old(database)

    assert [4, 1] == filler.numbers(issue_id)
    assert 0 == filler.traces_without_user()


def test_many_issues_are_gone_through_in_many_slices(database: Database, filler: Filler) -> None:
    filler.spread(issues=400, each=3, begin=LONG_AGO, apart=HOUR, size=50)
    filler.spread(issues=400, each=1, begin=NOW, apart=HOUR, size=50)

    assert 3 < drop_old(database)
    assert 800 == filler.rows()["occurrences"]


def test_postgresql_drops_whole_partitions(on_postgresql: Filler) -> None:
    database = on_postgresql.store.database
    make_past_and_present_partitions(database)
    on_postgresql.spread(issues=20, each=5, begin=LONG_AGO, apart=HOUR)

    drop_old(database)

    assert NOW - DAY < oldest_partition(database).begin


def test_who_writes_does_not_wait_for_a_partition_that_waits_to_be_dropped(on_postgresql: Filler) -> None:
    database = on_postgresql.store.database
    make_past_and_present_partitions(database)
    issue_id = on_postgresql.report(1, LONG_AGO)

    with ThreadPoolExecutor() as threads:
        with database.write() as slow:
            slow.exec_driver_sql("LOCK occurrences IN ROW EXCLUSIVE MODE")  # as every writer does
            dropping = threads.submit(drop_old, database)
            for _ in range(5):
                on_postgresql.report(1, NOW)
            waits = not dropping.done()
        dropping.result(60)

    assert waits
    assert 6 == on_postgresql.issue(issue_id).occurrence_count
    assert NOW - DAY < oldest_partition(database).begin


def test_who_writes_does_not_wait_for_who_works_at_a_partition_that_is_to_be_dropped(
    on_postgresql: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_LOCK_MILLISECONDS", 0)  # without end: only what is not waited for ends
    database = on_postgresql.store.database
    make_past_and_present_partitions(database)
    issue_id = on_postgresql.report(1, LONG_AGO)
    name = partitions.name_of(oldest_partition(database))

    with ThreadPoolExecutor() as threads:
        with database.write() as vacuum:
            vacuum.exec_driver_sql(f"LOCK {name} IN SHARE UPDATE EXCLUSIVE MODE")  # as autovacuum does
            dropping = threads.submit(drop_old, database)
            for _ in range(5):
                on_postgresql.report(1, NOW)
            waits = not dropping.done()
        dropping.result(60)

    assert waits
    assert 6 == on_postgresql.issue(issue_id).occurrence_count
    assert NOW - DAY < oldest_partition(database).begin


def test_partitions_are_made_once_whoever_makes_them(on_postgresql: Filler) -> None:
    database = on_postgresql.store.database
    with ThreadPoolExecutor() as threads:
        made = list(threads.map(lambda _: make_partitions(database, NOW), range(4)))

    assert [0, 0, 0, 2] == sorted(len(each) for each in made)


def test_a_day_of_which_something_is_in_no_partition_gets_none_and_the_next_day_does(on_postgresql: Filler) -> None:
    on_postgresql.report(1, NOW)
    on_postgresql.report(1, NOW)

    [first, *_] = make_partitions(on_postgresql.store.database, NOW)

    assert (NOW + DAY).date() == first.begin.date()
    assert 2 == len(on_postgresql.numbers(1))
