"""Fill a database with a year of issues, past the API: what would take hours takes minutes."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Protocol

import psycopg

from growth_rows import COLUMNS, UNTIL, Row, Year
from logcenter_collector.store.sql import SqlStore


class Writer(Protocol):
    """Where rows go."""

    def write(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows of ``COLUMNS[table]``."""
        ...


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, table: str, rows: Sequence[Row]) -> None:
        name = "event_log" if table == "event_ids" else table  # see store/tables.py
        marks = ", ".join("?" for _ in COLUMNS[table])
        self._connection.executemany(f"INSERT INTO {name} ({', '.join(COLUMNS[table])}) VALUES ({marks})", rows)


class _Postgres:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def write(self, table: str, rows: Sequence[Row]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)


@contextmanager
def _writing(url: str) -> Iterator[Writer]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-400000"):
                connection.execute(f"PRAGMA {pragma}").close()
            connection.execute("BEGIN")
            yield _Sqlite(connection)
            connection.execute("COMMIT")
    else:
        with psycopg.connect(url, autocommit=True) as postgres:
            postgres.execute("SET synchronous_commit = off")
            yield _Postgres(postgres)
            postgres.execute("SELECT setval('issues_id_seq', (SELECT max(id) FROM issues))")
            postgres.execute("VACUUM ANALYZE")


def fill(url: str, issues: int, until: datetime = UNTIL) -> None:
    """Create the schema and write the year before ``until``; the search index is still to be made."""
    SqlStore(url).close()
    with _writing(url) as writer:
        for part in Year(issues, until).parts():
            for table, rows in part.items():
                writer.write(table, sorted(rows) if table in {"fingerprints", "event_ids"} else rows)
        writer.write("search_queue", [(1, issues)])
