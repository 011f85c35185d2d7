"""Jobs that only one collector does at a time, in slices, with pauses in which writers get their turn."""

import logging
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from logcenter_collector.domain.lease import LEASE
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.leasing import Ended, give_back_lease, renew_lease, take_lease
from logcenter_collector.store.upkeep.slices import Progress

log = logging.getLogger(__name__)

SHORTEST_PAUSE_SECONDS: Final = 0.01
PAUSE: Final = 2
"""A pause is so many times as long as the slice before it: the disk has to follow as well."""
ERROR_CHARACTERS: Final = 300
_COUNTED: Final = re.compile("[1-9]")
"""Something was done: "0 occurrences" is nothing."""
Clock = Callable[[], datetime]
Slices = Callable[[datetime], Iterator[Progress]]
"""Begins a series of slices at an instant."""
Show = Callable[[Progress], None]


def always() -> bool:
    """There may be something to do each time."""
    return True


def ignore(_progress: Progress) -> None:
    """Nobody looks."""


def new_holder() -> str:
    """Return a name for this process that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class LeaseLostError(Exception):
    """Another collector took the job over, because this one did not say for long that it works at it."""


@frozen
class LeasedJob:
    """A series of slices that one collector at a time runs, once in each period."""

    name: str
    period_seconds: float
    slices: Slices
    database: Database
    clock: Clock
    holder: str
    is_needed: Callable[[], bool] = always
    """A look that costs no write."""
    show: Show = ignore

    def run(self, stopping: threading.Event) -> None:
        """Do the job if it is needed, due and nobody else does it. Raises LeaseLostError."""
        if self.is_needed():
            self.take_and_run(stopping)

    def take_and_run(self, stopping: threading.Event, *, early: bool = False) -> bool:
        """Do the job unless another does it; False when it was not done to the end. ``early``: due or not."""
        begun = self.clock()
        period = timedelta(seconds=self.period_seconds)
        if not take_lease(self.database, self.name, self.holder, begun, period, early=early):
            return False
        due_at, ended = begun, None
        try:
            did = self._run_slices(begun, stopping)
            if did is not None:
                due_at = begun + period * 0.9  # before the next look, so that no period is passed over
                ended = Ended(at=self.clock(), did=did if _COUNTED.search(did) else None)
        except Exception as error:
            ended = Ended(at=begun, error=f"{type(error).__name__}: {error}"[:ERROR_CHARACTERS])
            raise
        else:
            return did is not None
        finally:
            give_back_lease(self.database, self.name, self.holder, due_at, ended)

    def _run_slices(self, now: datetime, stopping: threading.Event) -> str | None:
        """Return what it came to, in words; None where it was stopped."""
        renewed, slices, did = now, self.slices(now), ""
        while not stopping.is_set():
            begun = time.perf_counter()
            if (progress := next(slices, None)) is None:
                return did
            did = progress.done
            self.show(progress)
            if self.clock() - renewed > LEASE / 5:
                renewed = self._renew()
            stopping.wait(max(SHORTEST_PAUSE_SECONDS, PAUSE * (time.perf_counter() - begun)))
        return None

    def _renew(self) -> datetime:
        now = self.clock()
        if not renew_lease(self.database, self.name, self.holder, now):
            raise LeaseLostError(f"Another collector took over: {self.name}")
        return now
