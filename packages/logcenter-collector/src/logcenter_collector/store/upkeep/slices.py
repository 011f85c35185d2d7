"""Work in slices: each a short transaction of its own, whose size follows what the ones before took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from attrs import frozen

from logcenter_collector.domain.pace import Pace


@frozen
class Progress:
    """Where a series of slices stands."""

    share: float
    """How much is done, from 0 to 1."""
    done: str
    """What was done so far, in words."""


@contextmanager
def timed(pace: Pace) -> Iterator[int]:
    """Give the size of the next slice and take the time that it needs."""
    begun = perf_counter()
    yield pace.size
    pace.took(perf_counter() - begun)
