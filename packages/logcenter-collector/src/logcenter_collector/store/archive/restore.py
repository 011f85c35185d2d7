"""Load a backup into an empty database, in one transaction: all of it or nothing."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import Connection

from logcenter_collector.store.archive.contents import EVENTS, NUMBERED, parts, quoted
from logcenter_collector.store.archive.format import BackupReader, DamagedBackupError, Row, TablePart
from logcenter_collector.store.consistency import wrong_counts
from logcenter_collector.store.database import Database, bulk_of
from logcenter_collector.store.dialects import DRIVER_ERRORS, is_unavailable
from logcenter_collector.store.migrate import revision_of
from logcenter_collector.store.tables import to_instant
from logcenter_collector.store.upkeep.partitions import make_partitions_since
from logcenter_collector.store.upkeep.slices import Progress

_ROWS: Final = 1_000
"""Rows that are in memory at once."""
_NAME: Final = re.compile(r"[a-z_]+")


class NotEmptyError(Exception):
    """The database holds something already, which a restore never touches."""


def restore(database: Database, source: Path, now: datetime) -> Iterator[Progress]:
    """Load a backup; nothing of it stays where it turns out to be damaged.

    Raises DamagedBackupError, NotEmptyError, NewerDatabaseError, OSError and StoreUnavailableError.
    """
    with source.open("rb") as file:
        reader = BackupReader(file)
        if database.revision() is None:
            database.migrate(reader.header.schema)
        with database.write() as connection:
            _refuse_unless_empty(connection, reader.header.schema)
            if database.is_postgresql and reader.header.earliest is not None:
                make_partitions_since(connection, to_instant(reader.header.earliest), now)
            yield from _load(connection, reader)
            _complete(connection)
    database.migrate()
    if database.is_postgresql:
        with database.outside() as cursor:
            cursor.execute("ANALYZE")


def _refuse_unless_empty(connection: Connection, schema: str) -> None:
    if (present := revision_of(connection)) != schema:
        raise NotEmptyError(f"Its schema is {present}, and that of the backup is {schema}.")
    for part in parts(is_postgresql=connection.dialect.name == "postgresql"):
        if connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM {part.source})").scalar_one():
            raise NotEmptyError(f"There is something in its table {part.source}.")


def _load(connection: Connection, reader: BackupReader) -> Iterator[Progress]:
    known = {part.name for part in parts(is_postgresql=False)}
    rows, total, done = reader.header.rows, max(1, sum(reader.header.rows.values())), 0
    loaded = dict.fromkeys(rows, 0)
    for part in reader.tables():
        if part.name not in known or not part.columns or not all(map(_NAME.fullmatch, part.columns)):
            raise DamagedBackupError(f"It has a table or a column that nobody knows: {part.name}.")
        for count in _fitting(part, _load_part(connection, part)):
            loaded[part.name] += count
            done += count
            yield Progress(done / total, f"{done:,} rows")
    if loaded != rows:
        raise DamagedBackupError("It has not as many rows as it says.")


def _fitting(part: TablePart, counts: Iterator[int]) -> Iterator[int]:
    """Yield what loading a table yields. What the database does not take was changed: the checksum comes at the end."""
    try:
        yield from counts
    except DRIVER_ERRORS as error:
        if is_unavailable(error):
            raise
        raise DamagedBackupError(f"Its table {part.name} does not fit: {f'{error}'.partition(chr(10))[0]}.") from error


def _load_part(connection: Connection, part: TablePart) -> Iterator[int]:
    """Load a table, and yield how many rows after each batch of them."""
    if connection.dialect.name == "postgresql":
        return _copy_events(connection, part) if part.name == EVENTS else _copy(connection, part, part.name)
    return _insert(connection, part, "event_log" if part.name == EVENTS else part.name)


def _insert(connection: Connection, part: TablePart, table: str) -> Iterator[int]:
    marks = ", ".join("?" for _ in part.columns)
    statement = f"INSERT INTO {table} ({quoted(part.columns)}) VALUES ({marks})"
    cursor = bulk_of(connection).cursor
    while batch := _batch(part):
        cursor.executemany(statement, batch)
        yield len(batch)


def _copy(connection: Connection, part: TablePart, table: str) -> Iterator[int]:
    cursor = bulk_of(connection).cursor
    assert isinstance(cursor, psycopg.Cursor)
    with cursor.copy(f"COPY {table} ({quoted(part.columns)}) FROM STDIN".encode()) as copy:
        while batch := _batch(part):
            for row in batch:
                copy.write_row(row)
            yield len(batch)


def _copy_events(connection: Connection, part: TablePart) -> Iterator[int]:
    """Load event ids, of which SQLite's log has those that were seen again more than once."""
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE restored (LIKE {EVENTS}) ON COMMIT DROP")
    yield from _copy(connection, part, "restored")
    names = quoted(part.columns)
    latest = f"SELECT DISTINCT ON (key) {names} FROM restored ORDER BY key, seen_at DESC"
    connection.exec_driver_sql(f"INSERT INTO {EVENTS} ({names}) {latest}")


def _batch(part: TablePart) -> list[Row]:
    return list(islice(part.rows, _ROWS))


def _complete(connection: Connection) -> None:
    """Do what is left, and see whether all fits together."""
    connection.exec_driver_sql(
        "INSERT INTO search_queue (first_issue_id, last_issue_id) SELECT min(id), max(id) FROM issues GROUP BY id / 100"
    )
    if connection.dialect.name == "postgresql":
        for table in NUMBERED:
            connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
    if wrong := wrong_counts(connection):
        raise DamagedBackupError(f"{wrong} issues do not count what their hours count.")
