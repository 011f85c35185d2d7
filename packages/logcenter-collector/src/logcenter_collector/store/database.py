"""One SQL database: its connections, and the transactions in which everything else happens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

import psycopg
from sqlalchemy import Connection, Engine

from logcenter_collector.store.availability import Availability, failures
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.bulk import Bulk, Cursor
from logcenter_collector.store.dialects import open_engine, parse_url
from logcenter_collector.store.migrate import current_revision, migrate


class Database:
    """A database that is reached by one URL. Connections are made when they are needed."""

    def __init__(self, url: str) -> None:
        """Name the database. Raises UnknownDatabaseError."""
        self.engine: Final[Engine] = open_engine(parse_url(url))
        self.is_postgresql: Final = self.engine.dialect.name == "postgresql"
        self._reading, self.writing = Availability("read"), Availability("written")
        # A list takes several statements, which have to see the same issues.
        options = {"isolation_level": "REPEATABLE READ"} if self.is_postgresql else {}
        self._reader = self.engine.execution_options(**options)
        self._writer = self.engine.execution_options(writes=True)
        self.turn: Final = threading.Lock()
        """Where the writers of this process queue, in order, and not in SQLite's busy loop.

        On PostgreSQL only batches of reports do, which have one connection.
        """

    @contextmanager
    def turn_within(self, seconds: float) -> Iterator[float]:
        """Take the turn within so many seconds, and give what is left of them. Raises StoreUnavailableError.

        PostgreSQL's batches have nobody to wait for here; the server bounds how long they wait there.
        """
        end = monotonic() + seconds
        if not self.turn.acquire(timeout=-1 if self.is_postgresql else seconds):
            raise StoreUnavailableError("Others have been writing for too long.")
        try:
            yield max(0.0, end - monotonic())
        finally:
            self.turn.release()

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps the database; None on PostgreSQL."""
        return None if self.is_postgresql else Path(str(self.engine.url.database))

    def migrate(self, to: str = "head") -> None:
        """Create the database if it is new, and bring it to the newest schema, or to another.

        Raises NewerDatabaseError and StoreUnavailableError.
        """
        with failures():
            migrate(self.engine, to)

    def revision(self) -> str | None:
        """Return the schema that the database has; None when it has none yet. Raises StoreUnavailableError."""
        with failures():
            return current_revision(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Return a connection that sees one moment of the database. Raises StoreUnavailableError."""
        with self._reading.watched(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Return a connection whose transaction is committed at the end. Raises StoreUnavailableError."""
        with self.writing.watched(), self.try_to_write() as connection:
            yield connection

    @contextmanager
    def try_to_write(self) -> Iterator[Connection]:
        """As ``write``, for what is expected to fail now and then: the log says nothing of it."""
        turn = nullcontext() if self.is_postgresql else self.turn
        with failures(), turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Return a connection that sees one moment of the database for as long as it likes, and disturbs nobody."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.is_postgresql else {}
        with failures(), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def outside(self) -> Iterator[Cursor]:
        """Return a cursor outside any transaction, for what cannot run inside one. Raises StoreUnavailableError."""
        with failures():
            pooled = self.engine.raw_connection()
            try:
                raw = pooled.dbapi_connection
                assert raw is not None
                if isinstance(raw, psycopg.Connection):
                    raw.autocommit = True
                yield raw.cursor()
                if isinstance(raw, psycopg.Connection):
                    raw.autocommit = False
            except BaseException:
                pooled.invalidate()  # nobody knows what state it is in
                raise
            finally:
                pooled.close()

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()


def bulk_of(connection: Connection) -> Bulk:
    """Return the driver's own cursor inside the connection's transaction."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    if isinstance(raw, psycopg.Connection):
        return Bulk(partial(raw.cursor, binary=True), is_postgresql=True)
    return Bulk(raw.cursor, is_postgresql=False)
