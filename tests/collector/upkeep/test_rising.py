"""What rises is ranked in the background."""

import threading

from sqlalchemy import event

from logcenter_collector.domain.issue_query import IssueQuery, Sort
from logcenter_collector.domain.policy import Policy
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.upkeep.rising import rank_rising
from logcenter_collector.upkeep.jobs import leased_jobs
from support.stores import START, Reporter, reporter_of


def report_some(store: SqlStore, issues: int) -> Reporter:
    reporter = reporter_of(store)
    store.record([reporter.arrival(line_number=number, occurrences=number) for number in range(1, issues + 1)])
    return reporter


def rising(store: SqlStore) -> list[int | None]:
    return [issue.error.line_number for issue in store.issues(IssueQuery(sort=Sort.RISING)).items]


def test_upkeep_ranks_what_rises(store: SqlStore) -> None:
    report_some(store, 3)

    for job in leased_jobs(store.database, Policy(), lambda: START):
        job.take_and_run(threading.Event())

    assert [3, 2, 1] == rising(store)


def test_the_most_frequent_are_looked_at_first_and_the_rest_not_at_all(store: SqlStore) -> None:
    reporter = report_some(store, 900)

    last = [*rank_rising(store.database, reporter.now)][-1]

    assert last.share < 1
    assert list(range(900, 850, -1)) == rising(store)


def test_a_ranking_that_did_not_change_is_not_written(store: SqlStore) -> None:
    report_some(store, 3)
    store.rank_rising(START)
    written: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *said: written.append(said[2]))

    store.rank_rising(START)

    assert [] == [statement for statement in written if not statement.startswith(("SELECT", "BEGIN", "PRAGMA"))]
