"""How many reports may come: so many a minute, by a bucket that fills up again evenly, and so many a day.

All numbers are whole. One report costs ``COST``, and every microsecond brings ``per_minute`` back, so nothing is ever
rounded away, whatever the rate and however often somebody looks.
"""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

COST: Final = 60_000_000
"""What one report takes out of a bucket: the microseconds of a minute."""

_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000
_DAY: Final = timedelta(days=1)


@frozen
class Bucket:
    """What is left of a rate at an instant. A full one, with a minute's worth in it, is as good as none."""

    per_minute: int
    level: int
    at: datetime

    @property
    def is_full(self) -> bool:
        """Whether nothing was taken of late."""
        return self.level == self.per_minute * COST


def full_bucket(per_minute: int, now: datetime) -> Bucket:
    """Return the bucket of somebody who has brought nothing yet."""
    return Bucket(per_minute, per_minute * COST, now)


def refilled(bucket: Bucket, per_minute: int, now: datetime) -> Bucket:
    """Return a bucket as it is by now, at the rate that holds now. A clock that was set back brings nothing."""
    gone = max(0, (now - bucket.at) // _MICROSECOND)
    return Bucket(per_minute, min(per_minute * COST, bucket.level + gone * per_minute), now)


def taken(bucket: Bucket) -> Bucket | None:
    """Return what is left when one report is taken out; None where there is too little for one."""
    return None if bucket.level < COST else Bucket(bucket.per_minute, bucket.level - COST, bucket.at)


def given_back(bucket: Bucket) -> Bucket:
    """Return a bucket into which one report was put back."""
    return Bucket(bucket.per_minute, min(bucket.per_minute * COST, bucket.level + COST), bucket.at)


def seconds_until_one(bucket: Bucket) -> int:
    """Return after how many whole seconds there is enough for a report; at least 1."""
    missing = COST - bucket.level
    return max(1, -(-missing // (bucket.per_minute * _SECOND)))


def seconds_until_tomorrow(now: datetime) -> int:
    """Return how many whole seconds of a day in UTC are left; at least 1."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    return max(1, -(-((midnight - now) // _MICROSECOND) // _SECOND))


def day_of(now: datetime) -> int:
    """Return the number of a day in UTC."""
    return now.toordinal()
