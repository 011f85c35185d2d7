"""Counts by day: what a database of an earlier schema gets, and what several collectors write."""

from contextlib import closing
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.overview import (
    FIXED,
    OverviewQuery,
    Repair,
    deployments,
    durations_of,
    first_fixes,
    is_settled,
)
from logcenter_collector.store.database import Database
from logcenter_collector.store.overview import counting
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.overview import Overview
from logcenter_sdk.contract.status import Status
from support.stores import START, reporter_of

TODAY = START.replace(hour=0, minute=0, second=0, microsecond=0)


def overview(store: SqlStore, project: str) -> Overview:
    query = OverviewQuery(
        since=TODAY - timedelta(days=20), until=TODAY + timedelta(days=1), project_ids=(project, "another")
    )
    return store.overview(query)


def set_back(database: Database) -> None:
    """Make a database as it was before there were counts by day."""
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE daily_counts")
        connection.exec_driver_sql("DROP INDEX ix_history_to_status_at")
        connection.exec_driver_sql("DROP INDEX ix_issues_registration")
        connection.exec_driver_sql("DROP TABLE daily_sizes")
        for column in ("ran_at", "did", "did_at", "error"):
            connection.exec_driver_sql(f"ALTER TABLE leases DROP COLUMN {column}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")


def test_a_database_of_an_earlier_schema_is_counted_when_it_is_brought_up_to_date(database_url: str) -> None:
    with closing(SqlStore(database_url)) as store:
        reporter = reporter_of(store)
        reporter.report(timestamp=(TODAY - timedelta(days=3)).isoformat(), occurrences=7)
        reporter.fix(reporter.report().issue_id)
        reporter.report()
        reporter.report(source="cicd", context={"job_name": "build"})
        reporter.report(type="ProjectInit")
        reporter.report(project="another")
        before = overview(store, reporter.project)
        set_back(store.database)

    with closing(SqlStore(database_url)) as store:
        assert before == overview(store, reporter.project)

        reporter.store = store
        reporter.report()
        assert before.occurrences + 1 == overview(store, reporter.project).occurrences


def test_collectors_that_share_a_database_count_in_rows_of_their_own(postgres_url: str, monkeypatch: Any) -> None:
    with closing(SqlStore(postgres_url)) as store:
        reporter = reporter_of(store)
        for shard in (1, 2):
            monkeypatch.setattr(counting, "_SHARD", shard)
            reporter.report(occurrences=shard)

        assert 3 == overview(store, reporter.project).occurrences
        with store.database.read() as connection:
            rows = connection.exec_driver_sql("SELECT shard, occurrences FROM daily_counts ORDER BY shard")
            assert [(1, 1), (2, 2)] == [tuple(row) for row in rows]


@given(st.lists(st.integers(0, 1_000), min_size=1))
def test_a_median_and_a_ninth_tenth_are_among_the_durations_and_split_them(seconds: list[int]) -> None:
    found = durations_of([Repair(1, "NEW", "FIXED", second * 1_000_000, 0) for second in seconds])

    assert found is not None
    assert found.count == len(seconds)
    for value, percent in ((found.median_seconds, 50), (found.p90_seconds, 90)):
        assert value in seconds
        assert 100 * sum(second <= value for second in seconds) >= percent * len(seconds)
        assert 100 * sum(second < value for second in seconds) < percent * len(seconds)


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(Status), st.sampled_from(Status), st.integers(0, 9))))
def test_an_issue_is_fixed_and_deployed_once_however_often_it_is_moved(moves: list[tuple[int, str, str, int]]) -> None:
    repairs = [Repair(*move, 0) for move in moves]

    fixes, deployed = first_fixes(repairs), deployments(repairs)

    entered = {move[0] for move in moves if move[1] not in FIXED and move[2] in FIXED}
    assert sorted(entered) == sorted(repair.issue_id for repair in fixes)
    assert sorted({move[0] for move in moves if move[2] == Status.DEPLOYED}) == sorted(
        each.issue_id for each in deployed
    )
    for repair in fixes:
        assert repair.at <= min(
            at
            for issue_id, before, to, at in moves
            if (issue_id, True, False) == (repair.issue_id, to in FIXED, before in FIXED)
        )


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30), st.integers(1, 5), st.integers(1, 5))
def test_the_top_issues_are_settled_only_when_none_behind_can_be_among_them(
    parts: list[tuple[int, int]], limit: int, at_once: int
) -> None:
    """Each issue occurred ``before`` the period and ``within`` it; they are looked at by their sum."""
    issues = sorted(((before + within, within) for before, within in parts), reverse=True)

    counted: list[int] = []
    while len(counted) < len(issues):
        part = issues[len(counted) : len(counted) + at_once]
        counted += [within for _, within in part]
        if is_settled(counted, limit, part[-1][0]):
            break

    assert sorted((within for _, within in issues), reverse=True)[:limit] == sorted(counted, reverse=True)[:limit]
