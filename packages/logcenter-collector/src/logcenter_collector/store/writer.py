"""The one connection that records reports: the driver's own, held open, with nothing between it and the statements.

A batch is a dozen statements; SQLAlchemy's pool and events around them took half of the time of a small one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.dialects import BUSY_MILLISECONDS


class Writer:
    """Opened with the first batch, and anew after a failure. Not for several threads at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_postgresql = engine.dialect.name == "postgresql"
        self._connection: DBAPIConnection | None = None
        self._waits = BUSY_MILLISECONDS

    @contextmanager
    def transaction(self) -> Iterator[Bulk]:
        """Yield the cursor of a transaction that is committed at the end. Raises what the driver raises."""
        connection = self._connection or self._open()
        try:
            cursor = connection.cursor()
            if not self._is_postgresql:
                cursor.execute("BEGIN IMMEDIATE")  # the lock at once: what is read must still hold when it is written
            yield Bulk(cursor, is_postgresql=self._is_postgresql)
            connection.commit()
        except BaseException:
            self._give_up(connection)
            raise

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
        return self._connection

    def _give_up(self, connection: DBAPIConnection) -> None:
        """Undo the transaction; where even that fails, the connection is of no use any more."""
        try:
            connection.rollback()
        except self._engine.dialect.loaded_dbapi.Error:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        self._waits = BUSY_MILLISECONDS
        if connection is not None:
            connection.close()
