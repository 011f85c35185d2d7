"""Which issues rise: those that occurred far more often in the last 24 hours than in the days before. Pure."""

import heapq
import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field

RISING_ISSUES: Final = 500
"""So many are ranked."""
DAYS_BEFORE: Final = 7
HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def last_day_since(now: datetime) -> datetime:
    """Return the beginning of the last 24 hours, as far as whole hours are counted: the present one is the last."""
    return now.replace(minute=0, second=0, microsecond=0) + HOUR - _DAY


def days_before_since(now: datetime) -> datetime:
    """Return the beginning of the days that the last one is compared with."""
    return last_day_since(now) - DAYS_BEFORE * _DAY


def score(last_day: int, before: int) -> int:
    """Return how much an issue rises, from its counts of the last day and of the days before; 0 where it does not.

    It is how far the last day lies above an average one, in thousandths of what such a count varies by chance: 10 a day
    that become 30 say more than 1,000 that become 1,050.
    """
    usual = before / DAYS_BEFORE
    return max(0, round(1_000 * (last_day - usual) / math.sqrt(usual + 1)))


@define
class Ranking:
    """The issues that rise the most, of those that were looked at so far."""

    size: int = RISING_ISSUES
    _best: list[tuple[int, int]] = field(factory=list)

    def take(self, scores: Iterable[tuple[int, int]]) -> None:
        """Look at issues, each a score and an id."""
        self._best = heapq.nlargest(self.size, [*self._best, *(found for found in scores if found[0] > 0)])

    def may_enter(self, count: int) -> bool:
        """Whether an issue could enter that occurred so often altogether: not more often than that yesterday."""
        return len(self._best) < self.size or score(count, 0) > self._best[-1][0]

    @property
    def scores(self) -> dict[int, int]:
        """The score of each ranked issue, by id; the one that rises the most is first."""
        return {issue_id: found for found, issue_id in self._best}
