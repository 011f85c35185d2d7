"""When the database cannot be written, and whether its schema is what the code says."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from logcenter_collector.store.dialects import open_engine, parse_url
from logcenter_collector.store.migrate import migrate
from logcenter_collector.store.tables import metadata
from support.collector import Collector
from support.sending import a_report


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the database's write lock, as another process would."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


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


def test_the_migrations_lead_to_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    engine = open_engine(parse_url(f"sqlite:///{tmp_path / 'new.db'}"))
    migrate(engine)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    engine.dispose()
    assert [] == differences


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    engine = open_engine(parse_url(f"sqlite:///{tmp_path / 'new.db'}"))

    migrate(engine)
    migrate(engine)

    engine.dispose()
