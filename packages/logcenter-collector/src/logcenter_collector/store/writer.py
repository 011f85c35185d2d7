"""The one connection that records reports: the driver's own, held open, with nothing between it and the statements.

A batch is a dozen statements; SQLAlchemy's pool and events around them took half of the time of a small one.
"""

from contextlib import ExitStack, suppress

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.dialects import BATCHES_CACHE_KIB, BUSY_MILLISECONDS


class Writer:
    """Opened with the first batch, and anew after a failure. Not for several threads at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_postgresql = engine.dialect.name == "postgresql"
        self._connection: DBAPIConnection | None = None
        self._waits = BUSY_MILLISECONDS
        self._pipeline = ExitStack()
        self._bulk: Bulk | None = None
        self._error = engine.dialect.loaded_dbapi.Error

    def begin(self) -> Bulk:
        """Begin a transaction, which ``commit`` or ``undo`` ends, and return its statements. Raises driver errors."""
        connection = self._connection or self._open()
        if isinstance(connection, psycopg.Connection):
            self._pipeline.enter_context(connection.pipeline())
        else:
            # The lock at once: what is read must still hold when it is written.
            connection.cursor().execute("BEGIN IMMEDIATE")
        self._bulk = Bulk(connection.cursor, is_postgresql=self._is_postgresql)
        return self._bulk

    def commit(self) -> None:
        """Commit the transaction, or undo it and raise LostRaceError or what the driver raises."""
        assert self._connection is not None
        bulk, self._bulk = self._bulk, None  # a cursor that outlives its connection keeps SQLite's file open
        assert bulk is not None
        try:
            self._pipeline.close()  # waits for what was written
            bulk.check()
            self._connection.commit()
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Undo the transaction, if one has begun; where even that fails, the connection is of no use any more."""
        self._bulk = None
        if self._connection is None:
            return
        try:
            with suppress(self._error):  # what broke it was raised already
                self._pipeline.close()
            self._connection.rollback()
        except self._error:
            self.close()

    def wait_for_others(self, milliseconds: int) -> None:
        """Set how long the next transactions wait for another process that holds a SQLite database."""
        connection = self._connection or self._open()
        if milliseconds != self._waits and not self._is_postgresql:
            connection.cursor().execute(f"PRAGMA busy_timeout={milliseconds}")
            self._waits = milliseconds

    def _open(self) -> DBAPIConnection:
        pooled = self._engine.raw_connection()
        pooled.detach()  # ours alone from now on
        self._connection = pooled.dbapi_connection
        assert self._connection is not None
        if not self._is_postgresql:
            self._connection.cursor().execute(f"PRAGMA cache_size=-{BATCHES_CACHE_KIB}")
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        self._waits = BUSY_MILLISECONDS
        if connection is not None:
            connection.close()
