"""Write a backup, while others go on: it holds what was there at one moment."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection

from logcenter_collector.store.archive.contents import Part, parts
from logcenter_collector.store.archive.format import BackupWriter, Header
from logcenter_collector.store.database import Database
from logcenter_collector.store.migrate import revision_of
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_sdk.contract.instants import format_instant

_ROWS: Final = 500
"""Rows that are in memory at once."""


class NoDatabaseError(Exception):
    """There is nothing to back up: the database has no schema."""


def back_up(database: Database, target: Path, now: datetime) -> Generator[Progress, None, None]:
    """Write everything into a file, which replaces an older one of that name when it is complete.

    Raises NoDatabaseError, OSError and StoreUnavailableError.
    """
    with database.snapshot() as connection, _complete_or_nothing(target) as file:
        header = _header(connection, database, now)
        writer = BackupWriter(file, header)
        total, done = max(1, sum(header.rows.values())), 0
        for part in parts(is_postgresql=database.is_postgresql):
            writer.write({"table": part.name, "columns": part.columns})
            for rows in _rows(connection, part):
                writer.write(*rows)
                done += len(rows)
                yield Progress(done / total, f"{done:,} rows")
        writer.close()


def _header(connection: Connection, database: Database, now: datetime) -> Header:
    schema = revision_of(connection)
    if schema is None:
        raise NoDatabaseError
    counts = {
        part.name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {part.source}").scalar_one())
        for part in parts(is_postgresql=database.is_postgresql)
    }
    return Header(
        schema=schema,
        made_at=format_instant(now),
        made_by=version("logcenter-collector"),
        made_of=database.engine.dialect.name,
        rows=counts,
        earliest=connection.exec_driver_sql("SELECT min(arrived_at) FROM occurrences WHERE NOT pinned").scalar(),
    )


def _rows(connection: Connection, part: Part) -> Iterator[list[list[Any]]]:
    flags = [place for place, kind in enumerate(part.columns.values()) if kind == "bool"]
    with connection.execution_options(yield_per=_ROWS).exec_driver_sql(part.select) as found:
        for batch in found.partitions(_ROWS):
            rows = [list(row) for row in batch]
            for place in flags:  # SQLite has numbers for them
                for row in rows:
                    row[place] = bool(row[place])
            yield rows


@contextmanager
def _complete_or_nothing(target: Path) -> Iterator[BinaryIO]:
    """Write into a file beside the target and give it the target's name when it is complete and on the disk."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.touch(mode=0o600)
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
