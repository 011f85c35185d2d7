"""How much room the database takes on the disk, and how what it does not use is given back."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen
from sqlalchemy import Connection

from logcenter_collector.domain.pace import Pace
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.slices import Progress, timed

RESERVE_PAGES: Final = 1_000
"""Free pages that stay where they are (4 MiB): they are filled again soon."""


@frozen
class Space:
    """The room on the disk, in bytes."""

    size: int
    reusable: int
    """What of it is empty and filled first."""
    log: int = 0
    """SQLite's write-ahead log, beside the size."""

    @property
    def used(self) -> int:
        """What the database needs for what is in it."""
        return self.size - self.reusable

    @property
    def on_disk(self) -> int:
        """What is taken of the disk altogether."""
        return self.size + self.log


def measure(database: Database) -> Space:
    """Return how much room the database takes."""
    with database.read() as connection:
        if database.is_postgresql:
            size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
            return Space(int(size), int(connection.exec_driver_sql(_REUSABLE).scalar_one()))
        page = _pragma(connection, "page_size")
        pages, free = _pragma(connection, "page_count"), _pragma(connection, "freelist_count")
        return Space(pages * page, free * page, _log_bytes(database))


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def _log_bytes(database: Database) -> int:
    try:
        return Path(f"{database.file}-wal").stat().st_size
    except FileNotFoundError:
        return 0


# What VACUUM found to be empty, from what it noted: pages, rows, and how wide a row is. Pages that came later are full.
# Long values lie in a table of their own, in pieces of 2 kB.
_REUSABLE: Final = """
SELECT coalesce(sum(
    greatest(0, c.relpages * 8192.0 - c.reltuples * 1.1 * (28 + coalesce(w.width, 0)))
    + greatest(0, coalesce(t.relpages, 0) * 8192.0 - coalesce(t.reltuples, 0) * 2050)), 0)
FROM pg_class c
LEFT JOIN (SELECT tablename, sum(avg_width * (1 - null_frac)) AS width
           FROM pg_stats WHERE schemaname = current_schema() GROUP BY tablename) w ON w.tablename = c.relname
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reltuples >= 0
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
AND (c.reltuples = 0 OR (c.reltuples > 0 AND w.width IS NOT NULL))
"""


def give_back(database: Database, *, keep_pages: int = RESERVE_PAGES) -> Iterator[Progress]:
    """Shorten SQLite's file by its free pages. PostgreSQL fills them again, and shortens its files by itself."""
    if database.is_postgresql:
        return
    pace = Pace(size=100, most=500, least=20)  # each page is written twice: a burst makes every sync slow
    gone, free = 0, _free_pages(database)
    to_go = free - keep_pages
    while gone < to_go:
        with timed(pace) as pages, database.outside() as cursor, database.turn:
            assert isinstance(cursor, sqlite3.Cursor)
            # A script, because each step of this statement frees one page, and only a script is stepped to its end.
            cursor.executescript(f"PRAGMA incremental_vacuum({min(pages, to_go - gone)})")
        before, free = free, _free_pages(database)
        if free >= before:  # others fill the pages as quickly, or the file was not made for this
            return
        gone += before - free
        yield Progress(gone / to_go, f"{gone:,} pages")


def _free_pages(database: Database) -> int:
    with database.read() as connection:
        return _pragma(connection, "freelist_count")
