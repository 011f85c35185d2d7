"""Say in the log that reports are refused: one line for each reason and minute, however many are refused."""

import logging
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Final

from attrs import define, field

from logcenter_collector.ingest.refusal import Reason

QUIET_SECONDS: Final = 60

log = logging.getLogger(__name__)


@define
class RefusalLog:
    """Hears every refusal and writes the first of a kind; the next line says how many there were since."""

    clock: Callable[[], float] = monotonic
    _unsaid: Counter[Reason] = field(factory=Counter)
    _quiet_until: dict[Reason, float] = field(factory=dict)

    def hear(self, reason: Reason, detail: str, reports: int) -> None:
        """Write a line, or remember how many reports it would have been about."""
        now = self.clock()
        self._unsaid[reason] += reports
        if now < self._quiet_until.get(reason, now):
            return
        self._quiet_until[reason] = now + QUIET_SECONDS
        log.warning("Reports are refused: %s", detail, extra={"reason": reason, "reports": self._unsaid.pop(reason)})
