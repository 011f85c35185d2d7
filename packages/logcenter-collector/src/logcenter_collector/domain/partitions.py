"""Partitions by time of arrival, which are made ahead and dropped whole."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHARE: Final = 8
"""A partition should be a small part of the budget, because nothing smaller is dropped at once."""


@frozen
class Partition:
    """What arrived from an instant up to but not including another, and how many bytes it takes."""

    begin: datetime
    end: datetime
    size: int = 0


def partitions_ahead(
    present: Sequence[Partition], now: datetime, *, budget: int | None = None, taken: Collection[datetime] = ()
) -> list[Partition]:
    """Return the partitions to make, so that they reach a week beyond now.

    They are a week long, which keeps them few; a day where a week would be a large part of the budget. Days that are
    ``taken`` (their midnights are given) are left out: something arrived in them that is in no partition.
    """
    days = 7 if budget is None or _bytes_in_a_week(present, now) <= budget // _SHARE else 1

    def is_free(day: datetime) -> bool:
        return day not in taken and not any(each.begin <= day < each.end for each in present)

    begin, made = _midnight(now), []
    while begin <= now + WEEK:
        length = next((day for day in range(days) if not is_free(begin + day * DAY)), days)
        if length:
            made.append(Partition(begin, begin + length * DAY))
        begin += max(1, length) * DAY
    return made


def _bytes_in_a_week(present: Sequence[Partition], now: datetime) -> int:
    """Return what the fullest partition takes, as if it were a week long."""
    return max((int(each.size * (WEEK / _filled(each, now))) for each in present), default=0)


def _filled(partition: Partition, now: datetime) -> timedelta:
    """Return how long a partition has been filled; at least an hour, for fear of a guess from nothing."""
    return max(min(partition.end, now) - partition.begin, timedelta(hours=1))


def _midnight(now: datetime) -> datetime:
    return EPOCH + (now - EPOCH) // DAY * DAY


def expired(present: Sequence[Partition], before: datetime) -> list[Partition]:
    """Return the partitions in which everything arrived before an instant."""
    return sorted((each for each in present if each.end <= before), key=lambda each: each.begin)


def oldest(present: Sequence[Partition], now: datetime, excess: int) -> list[Partition]:
    """Return the oldest partitions that together free so many bytes; none that is still being filled."""
    chosen = []
    for partition in expired(present, now):
        if excess <= 0:
            break
        chosen.append(partition)
        excess -= partition.size
    return chosen
