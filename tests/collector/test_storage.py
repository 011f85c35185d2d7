"""When the database cannot be written, and whether its schema is what the code says."""

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from logcenter_collector.store.dialects import open_engine, parse_url
from logcenter_collector.store.migrate import migrate
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import metadata
from support.collector import Collector
from support.postgres import Postgres
from support.sending import a_report
from support.sqlite import locked


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

    assert [("0001",)] == postgres.execute("SELECT version_num FROM alembic_version", url=url)
    postgres.drop_database(url)
