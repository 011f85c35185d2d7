"""Attempts to sign in, counted by name and by address; how long they wait is decided by ``domain/throttle.py``."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field, frozen

from logcenter_collector.domain.throttle import OF_ADDRESS, OF_NAME, Pace, Tries, network_of, one_more, wait_before

REMEMBERED: Final = 10_000
"""Names, and addresses, that are remembered at most; whoever tries many more pushes out the oldest."""


class TooManyAttemptsError(Exception):
    """Somebody has to wait before the next attempt."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many attempts to sign in")
        self.retry_after = max(1, math.ceil(wait.total_seconds()))


@define
class _Counted:
    pace: Pace
    tries: OrderedDict[str, Tries] = field(factory=OrderedDict)

    def wait(self, key: str, now: datetime) -> timedelta:
        return wait_before(self.tries.get(key), self.pace, now)

    def add(self, key: str, now: datetime) -> None:
        self.tries[key] = one_more(self.tries.pop(key, None), self.pace, now)
        while len(self.tries) > REMEMBERED:
            self.tries.popitem(last=False)

    def take_back(self, key: str) -> None:
        known = self.tries.get(key)
        if known is not None and known.count > 1:
            self.tries[key] = Tries(known.count - 1, known.last_at)
        else:
            self.tries.pop(key, None)


@frozen
class Throttle:
    """What this process remembers of attempts to sign in. Thread-safe."""

    clock: Callable[[], datetime]
    _lock: threading.Lock = field(factory=threading.Lock)
    _names: _Counted = field(factory=lambda: _Counted(OF_NAME))
    _addresses: _Counted = field(factory=lambda: _Counted(OF_ADDRESS))

    def begin(self, name: str | None, address: str | None) -> None:
        """Count an attempt before it is made, so that none made at the same time escape. Raises TooManyAttemptsError.

        Without a name (a token, a link) it counts for the address only.
        """
        now, network = self.clock(), network_of(address)
        with self._lock:
            wait = self._addresses.wait(network, now)
            if name is not None:
                wait = max(wait, self._names.wait(name, now))
            if wait:
                raise TooManyAttemptsError(wait)
            self._addresses.add(network, now)
            if name is not None:
                self._names.add(name, now)

    def succeeded(self, name: str | None, address: str | None) -> None:
        """Forget the attempts at a name, and of the address this one only: who has an account could guess on else."""
        with self._lock:
            self._addresses.take_back(network_of(address))
            if name is not None:
                self._names.tries.pop(name, None)
