"""Work in slices: each a short transaction of its own, whose size follows what the ones before took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time

from attrs import frozen

from logcenter_collector.domain.pace import Pace
from logcenter_collector.store.database import Database


@frozen
class Progress:
    """Where a series of slices stands."""

    share: float
    """How much is done, from 0 to 1."""
    done: str
    """What was done so far, in words."""


@contextmanager
def timed(pace: Pace, database: Database) -> Iterator[int]:
    """Give the size of the next slice and take the time that it needs.

    SQLite works in our own thread: what counts is what it works there, and not how long the thread waits for the
    interpreter's lock, the longer the busier the collector is.
    """
    clock = perf_counter if database.is_postgresql else thread_time
    begun = clock()
    yield pace.size
    pace.took(clock() - begun)
