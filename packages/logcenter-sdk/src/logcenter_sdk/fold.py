"""What waits for the worker: each error once, with a count.

A repeat of an error that waits already costs a counter, not a payload. The lock is tried and never waited for: a
signal handler, a ``__del__`` or another thread may come in the middle. Who does not get it leaves the whole sighting
on a deque, which needs no lock, and the worker folds it when it takes what is there.

The clock is passed in, as seconds since the epoch.
"""

import threading
from collections import deque
from collections.abc import Hashable, MutableMapping
from itertools import islice
from typing import Any, Final

MOST_WAITING: Final = 10_000
"""How many different errors wait at most."""
MOST_CHARACTERS: Final = 32 * 1024 * 1024
"""How much text they may hold at most: messages, contexts and locals."""
_PATIENCE_SECONDS: Final = 1.0
"""How long the worker waits for the lock, which is held for some instructions. Longer means that its holder is gone (a
signal's handler raised between taking the lock and doing anything), and the lock is given up."""


class Waiting:
    """An error that waits: the sighting of the first, the count of all, when the first and the last happened."""

    __slots__ = ("event_id", "first_at", "key", "last_at", "occurrences", "sighting", "weight")

    def __init__(self, key: Hashable, event_id: str, sighting: Any, at: float, weight: int = 0) -> None:  # noqa: ANN401 - opaque here
        self.key = key
        self.event_id = event_id
        self.sighting = sighting
        self.occurrences = 1
        self.first_at = self.last_at = at
        self.weight = weight

    def absorb(self, other: "Waiting") -> None:
        """Count another one of the same error on this one."""
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)
        self.occurrences += other.occurrences  # last: what fails before has not counted


class Fold:
    """The buffer between the application's threads and the worker."""

    def __init__(self, most_waiting: int = MOST_WAITING, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_waiting = most_waiting
        self._most_characters = most_characters
        # Reentrant, although nobody comes in twice: a thread that a signal's handler took out of here by raising,
        # between taking the lock and doing anything, must not stand before it itself.
        self._lock = threading.RLock()
        self._waiting: dict[Hashable, Waiting] = {}
        self._strays: deque[Waiting] = deque()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._strays)

    def repeat(self, key: Hashable, at: float) -> str | None:
        """Count a repeat; return the event id of the error that waits, None where none does or the lock is taken."""
        lock = self._lock
        if not lock.acquire(blocking=False):
            return None
        try:
            waiting = self._waiting.get(key)
            if waiting is None:
                return None
            waiting.occurrences += 1
            waiting.last_at = at
            return waiting.event_id
        finally:
            lock.release()

    def add(self, waiting: Waiting) -> bool:
        """Put an error to the others; False where there is no room."""
        if len(self._waiting) + len(self._strays) >= self._most_waiting or self._characters >= self._most_characters:
            return False
        lock = self._lock
        if lock.acquire(blocking=False):
            try:
                self._put(waiting)
            finally:
                lock.release()
        else:
            self._strays.append(waiting)
        return True

    def take(self, most: int, in_hand: MutableMapping[str, Any] | None = None) -> list[Waiting]:
        """Take at most so many, the oldest first. What is taken counts no further repeat.

        It is in ``in_hand`` by its event id before it is out of here, so that others always find it in one of the two.
        """
        lock = self._lock
        if not lock.acquire(timeout=_PATIENCE_SECONDS):
            lock = self._lock = threading.RLock()
            lock.acquire()
        try:
            while self._strays:
                self._put(self._strays.popleft())
            taken = list(islice(self._waiting.values(), most))
            if in_hand is not None:
                in_hand.update((waiting.event_id, waiting) for waiting in taken)
            for waiting in taken:
                del self._waiting[waiting.key]
            self._characters -= sum(waiting.weight for waiting in taken)
            return taken
        finally:
            lock.release()

    def _put(self, waiting: Waiting) -> None:
        present = self._waiting.get(waiting.key)
        if present is not None:
            present.absorb(waiting)
        else:
            self._waiting[waiting.key] = waiting
            self._characters += waiting.weight
