"""What the application's threads hand over to, and the worker's job: the fold, the counts, and the delivery.

The delivery, with all that it imports, is made by the worker's thread when there is something to deliver.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from logcenter_sdk.counts import Counts
from logcenter_sdk.fold import Fold
from logcenter_sdk.worker import Time, importing

if TYPE_CHECKING:
    from logcenter_sdk.config import Config
    from logcenter_sdk.delivery import Delivery
    from logcenter_sdk.transports.base import Transport

ReadConfig = Callable[[], "Config"]
"""Returns the configuration. Raises ValueError where it cannot work."""


class Outbox:
    """The job of one client's worker."""

    def __init__(self, read_config: ReadConfig, env: Mapping[str, str], transport: "Transport | None" = None) -> None:
        self._read_config = read_config
        self._env = env
        self._given = transport
        self.forget()

    def forget(self) -> None:
        """Begin anew: what waited in a parent process is the parent's to send, and so are its connections."""
        self.fold = Fold()
        self.counts = Counts()
        self._delivery: Delivery | None = None
        self._expects_leftovers = False

    def expect_leftovers(self) -> None:
        """Count as settled only after a round: something of an earlier process is on disk."""
        self._expects_leftovers = True

    def round(self, clock: Time) -> float | None:
        """Deliver what waits; see ``Delivery.round``."""
        delivery = self._ready()
        if delivery is None:
            self._drop("misconfigured")
        due = None if delivery is None else delivery.round(clock)
        self._expects_leftovers = False
        return due

    def is_empty(self) -> bool:
        """Whether nothing is in memory that would be lost with the process."""
        return not len(self.fold) and (self._delivery is None or self._delivery.is_empty)

    def in_memory(self) -> int:
        """Return how many reports wait."""
        return len(self.fold)

    def is_settled(self) -> bool:
        """Whether nothing of this process waits on disk that may get through soon, and what others left was tried."""
        return not self._expects_leftovers and self._has_nothing_on_disk()

    def _has_nothing_on_disk(self) -> bool:
        return not self.counts.read().spooled or self._delivery is None or not self._delivery.has_hope

    def prepare(self) -> None:
        """Import what rounds need, and make the connection's objects."""
        self._ready()

    def rescue(self, clock: Time) -> None:
        """Put to disk what would be lost with the process."""
        delivery = self._ready()
        if delivery is not None:
            delivery.rescue(clock)

    def close(self) -> None:
        """Give the connections back."""
        if self._delivery is not None:
            self._delivery.close()

    def _ready(self) -> "Delivery | None":
        if self._delivery is None:
            with importing():
                self._delivery = self._make_delivery()
        return self._delivery

    def _make_delivery(self) -> "Delivery | None":
        from logcenter_sdk.delivery import delivery_of  # noqa: PLC0415 - brings attrs, cattrs and httpx

        if self._delivery is not None:
            return self._delivery
        try:
            return delivery_of(self.fold, self.counts, self._read_config(), self._env, self._given)
        except ValueError:
            return None  # said when it was found

    def _drop(self, reason: str) -> None:
        while taken := self.fold.take(100):
            self.counts.add(reason, sum(waiting.occurrences for waiting in taken))
