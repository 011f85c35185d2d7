"""How many messages this collector tried to send, by what became of them, for ``/metrics``."""

import threading
from collections.abc import Mapping

from attrs import define, field

from logcenter_collector.domain.alarms.delivery import DeliveryState

OUTCOMES = (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.IN_DOUBT, DeliveryState.DEAD)


@define
class AlarmCounts:
    """The numbers; several threads count."""

    _lock: threading.Lock = field(factory=threading.Lock)
    _numbers: dict[DeliveryState, int] = field(factory=lambda: dict.fromkeys(OUTCOMES, 0))

    def add(self, outcome: DeliveryState) -> None:
        """Count an attempt."""
        with self._lock:
            self._numbers[outcome] += 1

    def snapshot(self) -> Mapping[DeliveryState, int]:
        """Return the numbers of this moment."""
        with self._lock:
            return dict(self._numbers)
