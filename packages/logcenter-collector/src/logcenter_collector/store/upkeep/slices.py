"""Work in slices: each a short transaction of its own, whose size follows what the ones before took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time
from typing import Final

from attrs import frozen

from logcenter_collector.domain.pace import Pace


@frozen
class Progress:
    """Where a series of slices stands."""

    share: float
    """How much is done, from 0 to 1."""
    done: str
    """What was done so far, in words."""


WAITING_SECONDS: Final = 0.04
"""What a slice may take longer than it works: for its turn, the interpreter's lock and the disk."""


@contextmanager
def timed(pace: Pace) -> Iterator[int]:
    """Give the size of the next slice and take the time that it needs.

    SQLite works in our own thread, which waits the longer for the interpreter's lock the busier the collector is,
    whatever the size of the slice: so what it works counts, and of the time that passes what is beyond some waiting.
    """
    begun, worked = perf_counter(), thread_time()
    yield pace.size
    pace.took(max(thread_time() - worked, perf_counter() - begun - WAITING_SECONDS))
