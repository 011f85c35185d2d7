"""Everything that differs between databases, in one file."""

import json
import re
import sqlite3
from collections.abc import Iterable
from typing import Final

import psycopg
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Table,
    any_,
    case,
    cast,
    create_engine,
    event,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from logcenter_collector.store.search.blocks import Sets, bits_of, digits_of

BUSY_MILLISECONDS = 1_000
"""How long a writer waits for another process that holds the SQLite file.

A report may wait for the batch before its own as well; both must end within the 3 s that reporters wait. Batches of
reports wait no longer than this even where other writers of ours are before them, see store/sql.py.
"""
PARAMETERS = 500
"""How many values one IN list takes at most; well below every database's limit."""


class UnknownDatabaseError(ValueError):
    """The database URL is not one that the collector can use."""


def without_password(text: str) -> str:
    """Return a database URL, be it right or wrong, as others may see it."""
    text = re.sub(r"(^|://)([^:@/]*):(?!//).*@", r"\1\2:***@", text)
    return re.sub(r"(password=)[^&\s]*", r"\1***", text, flags=re.IGNORECASE)


def parse_url(text: str) -> URL:
    """Return the URL of a supported database. Raises UnknownDatabaseError with what would be right."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UnknownDatabaseError(
            f"{without_password(text)!r} is no database URL; use for example sqlite:////var/lib/app/logcenter.db"
        ) from None
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise UnknownDatabaseError(
            f"{url.drivername}:// is not supported; use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    if url.host or not url.database or url.database == ":memory:":
        raise UnknownDatabaseError(
            "sqlite needs a file, as in sqlite:////var/lib/app/logcenter.db (an absolute path has four slashes)"
        )
    return url


def open_engine(url: URL) -> Engine:
    """Return an engine whose transactions begin as each database needs it."""
    if url.get_backend_name() == "postgresql":
        return create_engine(url, connect_args=dict(_POSTGRESQL), pool_size=10, max_overflow=20, pool_timeout=2)
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


# A server that is gone is noticed within the 3 s that reporters wait.
_POSTGRESQL: Final = {
    "application_name": "logcenter-collector",
    "connect_timeout": 2,
    "tcp_user_timeout": 3_000,
    "keepalives_idle": 5,
    "options": "-c lock_timeout=2500 -c timezone=UTC",
}

WAL_PAGES: Final = 8_000
"""So long may SQLite's write-ahead log get (31 MiB) before a writer empties it itself; upkeep does it far earlier."""

CACHE_KIB: Final = 2_000
"""What a connection remembers of SQLite's file. Each fills that, and the operating system has the pages as well."""
BATCHES_CACHE_KIB: Final = 8_000
"""What the one that records reports remembers: the pages that every batch changes."""

_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged report survives a power cut; group commit makes it cheap
    "temp_store=MEMORY",
    f"cache_size=-{CACHE_KIB}",
    f"wal_autocheckpoint={WAL_PAGES}",
    "journal_size_limit=16777216",  # a log that grew because of a slow reader shrinks again
)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would begin too late and never for reads
    try:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}").close()
        if connection.execute("PRAGMA page_count").fetchone() == (0,):
            # Before anything else in a new file, so that upkeep can give space back in slices. In one that is there
            # already it changes nothing, but waits for whoever writes: readers would.
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL").close()
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()  # the pool does not know this connection yet, so nobody else would close it
        raise


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: a read transaction that wants to write later can't wait for its turn.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return the insert statement of the connection's dialect, which knows ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def ids_in(connection: Connection, column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that a column is one of many ids, which go to the database as one parameter."""
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps([*ids])).table_valued("value").c.value))
    return column == any_(literal([*ids], postgresql.ARRAY(BigInteger)))


def is_in(connection: Connection, column: ColumnElement[int], ids: Sets) -> ColumnElement[bool]:
    """Return the condition that a column is one of very many ids, for statements that meet many that are not."""
    if connection.dialect.name == "sqlite":
        last, digits = digits_of(ids)
        first, has = last - len(digits) + 1, func.substr(digits, last + 1 - column, 1) == b"1"
    else:
        first, bits = bits_of(ids)
        last, has = first + 8 * len(bits) - 1, func.get_bit(bits, cast(column - first, Integer)) == 1
    return case((column.between(first, last), has), else_=false())


DRIVER_ERRORS: Final = (sqlite3.Error, psycopg.Error)


def is_unavailable(error: Exception) -> bool:
    """Whether the database cannot be used now (locked, full, gone), as opposed to a wrong statement or value."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (isinstance(error.orig, Exception) and is_unavailable(error.orig))
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code & 0xFF in _SQLITE_UNAVAILABLE or str(error).startswith(_NO_TABLE)
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:  # the client says it, not the server: there is no connection
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate[:2] in _POSTGRESQL_UNAVAILABLE or error.sqlstate == _UNDEFINED_TABLE


_SQLITE_UNAVAILABLE: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
# The first two characters of an SQLSTATE: no connection, a transaction that may only read (a standby), deadlock or
# serialisation, resources (disk, memory, connections), locks, an operator (shutdown, cancel), the system, damage.
_POSTGRESQL_UNAVAILABLE: Final = frozenset({"08", "25", "40", "53", "55", "57", "58", "XX"})
# While a backup is restored there may be no tables.
_NO_TABLE: Final = "no such table"
_UNDEFINED_TABLE: Final = "42P01"


def lock_schema(connection: Connection) -> None:
    """Let one process at a time bring the schema up to date, until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%(key)s)", {"key": _SCHEMA_LOCK})


def begins_to_index(connection: Connection) -> bool:
    """Whether nobody else brings the search index up to date; then nobody does until the transaction ends.

    SQLite needs no lock for that: two of its processes see the same queue and write one after the other.
    """
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(%(key)s)", {"key": _INDEX_LOCK}).scalar())


_SCHEMA_LOCK: Final = 0x4C6F67_43656E74  # any number that nobody else takes: "LogCent"
_INDEX_LOCK: Final = _SCHEMA_LOCK + 1
