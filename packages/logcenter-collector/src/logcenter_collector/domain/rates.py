"""How many reports may come: so many a minute, by a bucket that fills up again evenly, and so many a day.

All numbers are whole. One report costs ``COST``, and every microsecond brings ``per_minute`` back, so nothing is ever
rounded away, whatever the rate and however often somebody looks. Instants are microseconds since 1970.
"""

from typing import Final

from attrs import define

COST: Final = 60_000_000
"""What one report takes out of a bucket: the microseconds of a minute."""
SECOND: Final = 1_000_000
DAY: Final = 24 * 60 * 60 * SECOND


@define
class Bucket:
    """What is left of a rate at an instant. A full one, with a minute's worth in it, is as good as none.

    It changes in place, because every report passes several.
    """

    per_minute: int
    level: int
    at: int

    @classmethod
    def full(cls, per_minute: int, now: int) -> "Bucket":
        """Return the bucket of somebody who has brought nothing yet."""
        return cls(per_minute, per_minute * COST, now)

    def refill(self, per_minute: int, now: int) -> None:
        """Let in what came back by now, at the rate that holds now. A clock that was set back brings nothing."""
        gone = now - self.at
        level = self.level + gone * per_minute if gone > 0 else self.level
        most = per_minute * COST
        self.per_minute, self.level, self.at = per_minute, min(level, most), now

    def take(self) -> None:
        """Take one report out; ``has_one`` says whether there is enough."""
        self.level -= COST

    def give_back(self) -> None:
        """Put one report back in."""
        self.level = min(self.per_minute * COST, self.level + COST)

    @property
    def has_one(self) -> bool:
        """Whether there is enough for a report."""
        return self.level >= COST

    @property
    def is_full(self) -> bool:
        """Whether nothing was taken of late."""
        return self.level == self.per_minute * COST

    @property
    def seconds_until_one(self) -> int:
        """After how many whole seconds there is enough for a report; at least 1."""
        return max(1, -((self.level - COST) // (self.per_minute * SECOND)))


def day_of(now: int) -> int:
    """Return the number of a day in UTC, counted from 1970."""
    return now // DAY


def seconds_until_tomorrow(now: int) -> int:
    """Return how many whole seconds of a day in UTC are left; at least 1."""
    return max(1, -(-(DAY - now % DAY) // SECOND))
