"""What became of every error that the SDK was handed, to the unit.

``captured = sent + spooled + waiting + sum(dropped)``, in errors: a report that stands for 300 of them counts 300.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from typing import Final, NamedTuple


class Stats(NamedTuple):
    """The counts of this process at one moment."""

    captured: int
    """Errors that the SDK was handed; an exception that several hooks see is one."""
    folded: int
    """Of them, how many only counted on a report that waited already."""
    sent: int
    """Delivered: the collector answered that it has them."""
    spooled: int
    """On disk, for the next process or for when the collector answers again."""
    waiting: int
    """In memory, still to be delivered."""
    dropped: Mapping[str, int]
    """Given up, by reason: see ``REASONS``."""
    recovered: int
    """Delivered out of the spool for earlier processes; not among ``captured``."""


REASONS: Final[Mapping[str, str]] = {
    "ignored": "the setting ignore names its class",
    "sampled": "the setting sample_rate left it out",
    "before_send": "before_send returned None, or nothing that is a report",
    "buffer_full": "too much waited already",
    "nested": "the SDK was at work in the same thread: it came up in a __str__, a __del__, a signal's handler",
    "failed": "memory or stack were at their end while it was captured, or a signal's handler raised",
    "spool_full": "it could not be delivered, and the spool took no more",
    "refused": "the collector refused it for good",
    "too_large": "the collector refused even the smallest form of it",
    "misconfigured": "the configuration cannot work",
    "bug": "the SDK itself failed on it; with LOG_CENTER_DEBUG=1 it says how",
}
"""Why errors are dropped."""

_FEW_NOTES: Final = 200
"""So many are left for the next to add up."""
_MOST_NOTES: Final = 10_000
_PATIENCE_SECONDS: Final = 1.0
"""The lock is held for some instructions. Whoever holds it longer was interrupted by a signal's handler that raised,
between taking it and doing anything: it is given up."""


class Counts:
    """Counters that anybody may raise at any time: in a signal handler, in ``__del__``, in many threads.

    A note on a deque needs no lock. Now and then somebody adds up, and whoever reads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: deque[tuple[str, int]] = deque()
        self._totals: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> None:
        """Count, without waiting for anybody. Where it raises, it has not counted."""
        self._notes.append((name, count))
        if len(self._notes) < _FEW_NOTES:
            return
        lock = self._lock
        if lock.acquire(blocking=False):
            # Released here and not in a function of its own: at the end of the stack that could not be called.
            try:
                self._add_up()
            except RecursionError:
                pass  # the next one adds it up
            finally:
                lock.release()
        elif len(self._notes) > _MOST_NOTES:
            self._lock = threading.Lock()

    def read(self) -> Stats:
        """Return the counts."""
        lock = self._lock
        if not lock.acquire(timeout=_PATIENCE_SECONDS):
            lock = self._lock = threading.Lock()
            lock.acquire()
        try:
            self._add_up()
        finally:
            lock.release()
        totals = Counter(self._totals)
        dropped = {reason: totals[reason] for reason in REASONS if totals[reason]}
        settled = totals["sent"] + totals["spooled"] + sum(dropped.values())
        return Stats(
            totals["captured"],
            totals["folded"],
            totals["sent"],
            totals["spooled"],
            totals["captured"] - settled,
            dropped,
            totals["recovered"],
        )

    def _add_up(self) -> None:
        while self._notes:
            name, count = self._notes[0]
            self._totals[name] += count
            self._notes.popleft()
