"""When the database cannot be written, and whether its schema is what the code says."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Table, func, select

from logcenter_collector.domain.sample import EAGER
from logcenter_collector.store import tables
from logcenter_collector.store.dialects import open_engine, parse_url
from logcenter_collector.store.migrate import migrate, newest_revision
from logcenter_collector.store.schema import metadata
from logcenter_collector.store.sql import SqlStore
from support.collector import Collector
from support.postgres import Postgres
from support.sending import a_report
from support.sqlite import locked
from support.stores import START, reporter_of


def test_while_another_process_holds_the_database_reports_get_503_and_afterwards_they_are_taken(
    collector: Collector,
) -> None:
    collector.report(a_report("p"))

    with locked(collector.database):
        refused = collector.post_report(a_report("p"))
        read = collector.client.get("/api/v1/issues")

    assert (503, "application/problem+json") == (refused.status_code, refused.headers["content-type"])
    assert 0 < int(refused.headers["retry-after"]) < 60
    assert 200 == read.status_code
    assert 2 == collector.issue(collector.report(a_report("p"))["id"])["occurrence_count"]


def test_who_opens_a_sqlite_database_to_read_does_not_wait_for_who_writes(tmp_path: Path) -> None:
    SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}").close()

    with locked(tmp_path / "logcenter.db"):
        engine = open_engine(parse_url(f"sqlite:///{tmp_path / 'logcenter.db'}"))
        with engine.connect() as connection:
            assert (2,) == connection.exec_driver_sql("PRAGMA auto_vacuum").one()
        engine.dispose()


def test_the_migrations_lead_to_the_tables_that_the_code_knows(database_url: str) -> None:
    engine = open_engine(parse_url(database_url))
    migrate(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_no_partition})
        differences = compare_metadata(context, metadata)

    engine.dispose()
    assert [] == differences


def _is_no_partition(name: str | None, type_: str, _parents: object) -> bool:
    return type_ != "table" or not str(name).startswith("occurrences_")


def test_migrating_again_changes_nothing(database_url: str) -> None:
    engine = open_engine(parse_url(database_url))

    migrate(engine)
    migrate(engine)

    engine.dispose()


def test_an_empty_postgresql_database_is_brought_to_the_schema_by_the_first_of_several_collectors(
    postgres: Postgres,
) -> None:
    url = postgres.new_database(template="template1")

    with ThreadPoolExecutor() as threads:
        for store in threads.map(SqlStore, [url] * 4):
            store.close()

    assert [(newest_revision(),)] == postgres.execute("SELECT version_num FROM alembic_version", url=url)
    postgres.drop_database(url)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    store = SqlStore(database_url)
    yield store
    store.close()


def count_of(store: SqlStore, table: Table) -> int:
    with store._read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_equal_stack_traces_of_an_issue_are_stored_once(store: SqlStore) -> None:
    reporter = reporter_of(store)
    for number in range(30):
        reporter.wait(minutes=1)
        reporter.report(stack_trace=f"line {number % 3}", context={"number": number})

    assert (3, 30) == (count_of(store, tables.stack_traces), count_of(store, tables.occurrences))


def test_a_stack_trace_goes_with_the_last_occurrence_that_has_it(store: SqlStore) -> None:
    reporter = reporter_of(store)
    for number in range(500):
        reporter.wait(minutes=1)
        reporter.report(stack_trace=f"line {number}")

    assert 0 < count_of(store, tables.stack_traces) == count_of(store, tables.occurrences) < 100


def test_a_storm_writes_one_row_of_each_kind_however_often_it_is_reported(store: SqlStore) -> None:
    reporter = reporter_of(store)
    arrivals = [reporter.arrival(timestamp=START.isoformat()) for _ in range(400)]
    for arrival in arrivals:
        arrival.arrived_at = START
    for _ in range(5):
        store.record(arrivals)

    counts = {table.name: count_of(store, table) for table in metadata.tables.values()}
    one_each = dict.fromkeys(("projects", "issues", "fingerprints", "seen_with", "buckets", "stack_traces"), 1)
    assert one_each == {name: counts[name] for name in one_each}
    assert EAGER == counts["occurrences"]
