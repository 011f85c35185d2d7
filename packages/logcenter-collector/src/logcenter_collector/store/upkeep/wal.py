"""Empty SQLite's write-ahead log beside the writers, so that none of them has to do it inside its commit.

A checkpoint (``PASSIVE``) copies the log into the database while others go on. Only when nobody writes can it reach the
end of the log, after which the next writer begins the log anew; so what came meanwhile is copied in the writers' queue.
A log that begins anew is also quicker than one that grows: syncing a file is cheap while its size stays the same.
"""

from typing import Final

from attrs import frozen

from logcenter_collector.store.bulk import Cursor
from logcenter_collector.store.database import Database

_LONG: Final = 1_000
"""Pages of a log that is worth beginning anew (4 MiB)."""


@frozen
class Log:
    """The write-ahead log, in pages."""

    pages: int
    copied: int

    @property
    def left(self) -> int:
        """How much of it is not yet in the database, because somebody still reads what was there before."""
        return self.pages - self.copied


def checkpoint(database: Database) -> Log:
    """Copy the log into the database, and let it begin anew where it got long."""
    with database.outside() as cursor:
        log = _copy(cursor)
        if log.pages < _LONG or log.left:
            return log
        with database.turn:
            return _copy(cursor)


def _copy(cursor: Cursor) -> Log:
    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    [(_, pages, copied)] = cursor.fetchall()
    return Log(pages, copied)
