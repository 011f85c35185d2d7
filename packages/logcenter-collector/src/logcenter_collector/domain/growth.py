"""When a database that grows as it did of late reaches its limit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

LOOK_BACK: Final = timedelta(days=7)
SHORTEST: Final = timedelta(days=2)
"""What is known of less time than this says nothing: a day has its nights, and a file grows in steps."""
FARTHEST: Final = timedelta(days=2 * 365)
"""Beyond this a forecast is worth nothing."""


@frozen
class Size:
    """How many bytes the data took at an instant."""

    at: datetime
    used: int


class Outlook(StrEnum):
    """What can be said."""

    TOO_EARLY = "too_early"
    STEADY = "steady"
    """It does not grow."""
    FAR = "far"
    """It grows so slowly that the limit is years away."""
    AHEAD = "ahead"
    """The limit is reached ``within`` so long."""
    REACHED = "reached"


@frozen(kw_only=True)
class Forecast:
    """How a database grows, and what comes of it; without a limit only how it grows."""

    outlook: Outlook
    per_day: int = 0
    within: timedelta | None = None


def forecast(sizes: Sequence[Size], limit: int | None, now: datetime) -> Forecast:
    """Return what follows from the sizes of the last week, in any order, if it goes on like that."""
    known = sorted((size for size in sizes if now - LOOK_BACK <= size.at <= now), key=lambda size: size.at)
    if not known or known[-1].at - known[0].at < SHORTEST:
        return Forecast(outlook=Outlook.TOO_EARLY)
    first, last = known[0], known[-1]
    per_day = int((last.used - first.used) * (timedelta(days=1) / (last.at - first.at)))
    if limit is not None and last.used >= limit:
        return Forecast(outlook=Outlook.REACHED, per_day=per_day)
    if per_day <= 0:
        return Forecast(outlook=Outlook.STEADY, per_day=per_day)
    if limit is None or limit - last.used > per_day * FARTHEST.days:
        return Forecast(outlook=Outlook.FAR, per_day=per_day)
    return Forecast(outlook=Outlook.AHEAD, per_day=per_day, within=timedelta(days=(limit - last.used) / per_day))
