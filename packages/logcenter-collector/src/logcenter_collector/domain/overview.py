"""What the overview is made of: days, durations and rates. Pure: values in, values out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from attrs import frozen

from logcenter_sdk.contract.overview import Durations
from logcenter_sdk.contract.status import Status

DAY: Final = timedelta(days=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

OPEN: Final = (Status.NEW, Status.VERIFYING, Status.PENDING_FIX, Status.FIXING, Status.FIX_FAILED)
"""The statuses of issues that somebody has yet to do something about."""
FIXED: Final = frozenset({Status.FIXED, Status.VERIFIED, Status.DEPLOYED})
"""The statuses of issues that have a fix."""
SPARK_DAYS: Final = 14
LONGEST: Final = 366 * DAY


@frozen(kw_only=True)
class OverviewQuery:
    """What to show: whole days of UTC, and of which projects; None is all of them."""

    since: datetime
    until: datetime
    project_ids: tuple[str, ...] | None = None
    limit: int = 10
    """How many issues each list has at most."""


def lately(project_ids: Sequence[str], now: datetime) -> OverviewQuery:
    """Return the question what some projects reported in the days of their small charts."""
    until = begin_of(day_of(now) + 1)
    return OverviewQuery(since=until - SPARK_DAYS * DAY, until=until, project_ids=tuple(project_ids))


@frozen
class Repair:
    """An issue moved on: from where to where, and when it had been first seen or came back last.

    There are thousands of them, so the instants are microseconds, as they are kept.
    """

    issue_id: int
    from_status: str
    to_status: str
    at: int
    opened_at: int


def day_of(instant: datetime) -> int:
    """Return the number of an instant's day since 1970, in UTC."""
    return (instant - EPOCH) // DAY


def begin_of(day: int) -> datetime:
    """Return the begin of a day."""
    return EPOCH + day * DAY


def first_fixes(repairs: Iterable[Repair]) -> list[Repair]:
    """Return the moves with which issues got a fix, one for each: the earliest."""
    return _one_each(repair for repair in repairs if repair.from_status not in FIXED and repair.to_status in FIXED)


def deployments(repairs: Iterable[Repair]) -> list[Repair]:
    """Return the moves with which fixes went live, one for each issue: the earliest."""
    return _one_each(repair for repair in repairs if repair.to_status == Status.DEPLOYED)


def _one_each(repairs: Iterable[Repair]) -> list[Repair]:
    latest_first = sorted(repairs, key=lambda repair: repair.at, reverse=True)
    return list({repair.issue_id: repair for repair in latest_first}.values())


def durations_of(repairs: Sequence[Repair]) -> Durations | None:
    """Return how long it took from first seen to the move; None where nothing moved."""
    seconds = sorted(max(0, repair.at - repair.opened_at) // 1_000_000 for repair in repairs)
    if not seconds:
        return None
    return Durations(count=len(seconds), median_seconds=_quantile(seconds, 50), p90_seconds=_quantile(seconds, 90))


def _quantile(ordered: Sequence[int], percent: int) -> int:
    """Return the smallest value that so many percent of the values do not exceed."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def fix_rate(fixed: int, appeared: int) -> int | None:
    """Return how many were fixed for each hundred that were new or came back; None when none did."""
    return round(100 * fixed / appeared) if appeared else None


def is_settled(counts: Collection[int], limit: int, most: int) -> bool:
    """Whether no issue that occurred ``most`` times at most can still be among the top ones."""
    top = sorted(counts, reverse=True)[:limit]
    return len(top) == limit and top[-1] >= most
