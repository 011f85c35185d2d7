"""Which occurrences of an issue are kept whole: a bounded sample that shows all kinds and keeps the spread over time.

Kept are the first, the latest regressions, the first of each recent environment and release, the first ten, and from
then on at most one in each interval, which doubles whenever the sample is full. So the sample of a storm of a million
is written some hundred times and not a million. The latest occurrence is kept beside the sample.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from attrs import frozen

KEPT_OCCURRENCES: Final = 100
"""How many occurrences of an issue are kept unless the settings say else, the latest among them."""
LEAST_KEPT: Final = 4
"""Room for the first, a regression, a newcomer and the latest; with less a sample would hold more than its limit."""
EAGER: Final = 10
"""So many of an issue's first occurrences are kept however close they follow each other."""
FIRST_INTERVAL_SECONDS: Final = 10
_SHARE: Final = 5
"""Regressions and newcomers may each take a fifth of the sample."""


def limit_of_sample(limit: int) -> int:
    """Return the limit if a sample can keep to it. Raises ValueError."""
    if limit < LEAST_KEPT:
        raise ValueError(f"at least {LEAST_KEPT} occurrences of an issue are kept, not {limit}")
    return limit


def fits(occurrences: int, limit: int = KEPT_OCCURRENCES) -> bool:
    """Whether a sample of so many occurrences at most has room for all of them, whatever their roles are."""
    return occurrences <= limit // _SHARE


class Role(IntEnum):
    """Why an occurrence is kept."""

    SPREAD = 0
    FIRST = 1
    REGRESSION = 2
    NEWCOMER = 3
    """The first of an environment or of a release."""


PINNED: Final = frozenset({Role.FIRST, Role.REGRESSION})
"""The roles that are dropped only when nothing else is left to drop."""


@frozen
class Kept:
    """A kept occurrence as the sample sees it."""

    number: int
    role: Role
    arrived_at: datetime


@frozen
class Spread:
    """Where the spread of an issue's sample stands."""

    interval_seconds: int
    sampled_at: datetime
    """When the last occurrence arrived that was kept for the spread."""


def begin_spread(now: datetime) -> Spread:
    """Return the spread of an issue whose first occurrence arrives."""
    return Spread(FIRST_INTERVAL_SECONDS, now)


def is_due(spread: Spread, number: int, arrived_at: datetime) -> bool:
    """Whether an occurrence without another role is kept for the spread; also when the clock was set back since."""
    return number <= EAGER or abs(arrived_at - spread.sampled_at) >= timedelta(seconds=spread.interval_seconds)


@frozen
class Thinning:
    """What a full sample gives up, by number, and the interval from then on."""

    dropped: frozenset[int]
    interval_seconds: int


def thin(kept: Sequence[Kept], interval_seconds: int, limit: int = KEPT_OCCURRENCES) -> Thinning:
    """Bring a sample, in the order of arrival, to at most ``limit`` occurrences, ``LEAST_KEPT`` or more.

    The latest one, which is beside it, counts.
    """
    share = max(1, limit // _SHARE)
    special = [row for row in kept if row.role is Role.FIRST]
    for role in (Role.REGRESSION, Role.NEWCOMER):
        special += [row for row in kept if row.role is role][-share:]
    room = limit - 1 - len(special)
    spread = [row for row in kept if row.role is Role.SPREAD]
    if len(spread) > room:
        spread, interval_seconds = _space(spread, interval_seconds, room // 2)
    stays = {row.number for row in (*special, *spread)}
    return Thinning(frozenset(row.number for row in kept if row.number not in stays), interval_seconds)


def _space(rows: Sequence[Kept], interval_seconds: int, room: int) -> tuple[list[Kept], int]:
    """Double the interval until the rows that are at least that far apart fit into the room."""
    spaced = list(rows) if room else []
    while len(spaced) > room:
        interval_seconds *= 2
        spaced = _apart(rows, timedelta(seconds=interval_seconds))
    return spaced, interval_seconds


def _apart(rows: Sequence[Kept], interval: timedelta) -> list[Kept]:
    apart: list[Kept] = []
    for row in rows:
        if not apart or abs(row.arrived_at - apart[-1].arrived_at) >= interval:
            apart.append(row)
    return apart
