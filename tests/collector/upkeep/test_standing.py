"""How storage stands, as administrators are told: on both databases, without counting large tables."""

import threading
from datetime import timedelta

import pytest

from logcenter_collector.domain.growth import Outlook
from logcenter_collector.domain.partitions import DAY, EPOCH
from logcenter_collector.domain.policy import NO_LIMITS, Policy
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import daily_sizes
from logcenter_collector.store.upkeep.amounts import Amounts, estimate_amounts
from logcenter_collector.store.upkeep.sizes import KEPT, load_sizes, note_size
from logcenter_collector.upkeep.jobs import leased_jobs
from logcenter_collector.upkeep.standing import Bound, read_standing
from logcenter_collector.web.ui.admin.storage import said
from logcenter_collector.web.ui.languages import LANGUAGES, catalogue
from support.filling import Filler
from support.stores import START, reporter_of

HOUR = timedelta(hours=1)
EVERYTHING = Policy(retention=30 * DAY, disk_budget=1_000_000_000)


def test_the_size_of_a_day_is_that_of_its_last_look_and_old_ones_are_forgotten(store: SqlStore) -> None:
    database, midnight = store.database, START.replace(hour=0)
    for at in (midnight - KEPT - DAY, midnight - DAY, midnight, midnight + HOUR):
        assert 1 == len([*note_size(database, at)])

    assert [midnight - DAY, midnight + HOUR] == [size.at for size in load_sizes(database, midnight + HOUR)]
    with database.read() as connection:
        assert 2 == len(connection.execute(daily_sizes.select()).all())


def test_a_few_issues_are_counted_exactly(store: SqlStore, filler: Filler) -> None:
    filler.spread(3, 4, START, HOUR)
    filler.regress(9, START)
    reporter = reporter_of(store)
    reporter.report(event_id="5f0c3d52-3c39-4a26-8f1f-3f4d1e1b7c11", line_number=1)

    amounts = estimate_amounts(store.database)

    assert Amounts(pinned=6, sample=9, hours=14, event_ids=amounts.event_ids, is_exact=True) == amounts
    if not store.database.is_postgresql:  # of PostgreSQL's table a sample is taken, which may hold nothing of it
        assert 1 == amounts.event_ids


def test_of_many_issues_a_sample_stands_for_all(store: SqlStore, filler: Filler) -> None:
    filler.spread(400, 2, START, HOUR, size=40)

    amounts = estimate_amounts(store.database)

    assert (400, 400, 800, False) == (amounts.pinned, amounts.sample, amounts.hours, amounts.is_exact)


def test_a_database_that_holds_nothing_holds_nothing(store: SqlStore) -> None:
    assert Amounts(pinned=0, sample=0, hours=0, event_ids=0, is_exact=True) == estimate_amounts(store.database)


def test_a_budget_bounds_a_database_and_without_one_its_disk_does_where_that_is_known(store: SqlStore) -> None:
    database = store.database

    with_budget, without = (read_standing(database, policy, START) for policy in (EVERYTHING, NO_LIMITS))

    assert (Bound.BUDGET, 1_000_000_000, False) == (with_budget.bound, with_budget.budget, with_budget.is_full)
    assert (Bound.UNKNOWN if database.is_postgresql else Bound.DISK) is without.bound
    assert database.is_postgresql is (without.free is None)
    assert Outlook.TOO_EARLY is without.forecast.outlook


def test_a_database_over_its_budget_is_said_to_be_full(store: SqlStore) -> None:
    assert read_standing(store.database, Policy(disk_budget=10_000), START).is_full


def test_the_forecast_goes_by_the_sizes_of_the_last_days(store: SqlStore) -> None:
    database, now = store.database, START
    with database.write() as connection:
        for back, used in ((6, 4_000), (0, 10_000)):
            at = now - back * DAY
            connection.execute(daily_sizes.insert(), {"day": (at - EPOCH) // DAY, "at": at, "bytes": used})

    assert 1_000 == read_standing(database, EVERYTHING, now).forecast.per_day


def test_every_job_has_a_standing_once_it_was_done_and_all_of_it_has_words_in_every_language(
    store: SqlStore, filler: Filler
) -> None:
    filler.spread(2, 5, START - 100 * DAY, HOUR)
    filler.spread(2, 5, START, HOUR)
    for job in leased_jobs(store.database, EVERYTHING, lambda: START):
        job.take_and_run(threading.Event(), early=True)

    jobs = read_standing(store.database, EVERYTHING, START).jobs

    assert [] == [job.name for job in jobs if job.standing is None or job.standing.ran_at != START]
    [old] = [job.standing for job in jobs if job.name == "drop what is too old"]
    assert old is not None
    for code in LANGUAGES:
        t = catalogue(code)
        assert {f"storage.job_{job.name.replace(' ', '_')}" for job in jobs} <= t.texts.keys()
        assert any(digit in said(old.did or "", t) for digit in "123456789")


@pytest.mark.parametrize(
    ("did", "words"),
    [
        ("1,234 occurrences", "1,234 occurrences"),
        ("2 partitions and 7 stack traces", "2 partitions and 7 stack traces"),
        ("5 rows of alarms", "5 rows"),
        ("nothing yet", ""),
        ("3 gadgets", ""),
    ],
)
def test_what_a_job_did_is_said_in_words_that_the_language_has(did: str, words: str) -> None:
    assert words == said(did, catalogue("en"))
