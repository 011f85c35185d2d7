"""When people want to be told, of what, and how often."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from logcenter_collector.domain.alarms.event import Trigger
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

WINDOW: Final = timedelta(hours=1)
DIGEST_OVER: Final = 5


class Language(StrEnum):
    """What messages are written in."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


@frozen(kw_only=True)
class QuietHours:
    """A part of every day in which nothing is sent; one that ends before it begins ends on the next day."""

    start: time
    end: time
    timezone: str
    """As IANA names it, such as ``Asia/Shanghai``."""

    def end_after(self, now: datetime) -> datetime | None:
        """Return the end of the quiet hours that ``now`` lies in; None outside of them."""
        zone = ZoneInfo(self.timezone)
        local = now.astimezone(zone)
        clock = local.time()
        over_midnight = self.end <= self.start
        if over_midnight and clock >= self.start:
            return _at(local + timedelta(days=1), self.end, zone, now)
        if clock < self.end and (over_midnight or clock >= self.start):
            return _at(local, self.end, zone, now)
        return None


def _at(day: datetime, clock: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when a clock of a zone shows a time on a day, in the zone of ``now``.

    Where that is not later than now, as on a day when clocks are set back, it is when they show it again.
    """
    shown = datetime.combine(day.date(), clock, zone)
    end = shown.astimezone(now.tzinfo)
    return end if end > now else shown.replace(fold=1).astimezone(now.tzinfo)


@frozen(kw_only=True)
class AlarmRule:
    """What people want to be told of. An empty filter matches all; several values of one filter are alternatives."""

    id: int
    name: str
    project_id: str | None = None
    """None: every project."""
    trigger: Trigger
    occurrences: int = 0
    """With ``minutes``, of RATE: so many in so many minutes."""
    minutes: int = 0
    statuses: frozenset[Status] = frozenset()
    """Of STATUS: the ones that are told of."""
    sources: frozenset[Source] = frozenset()
    levels: frozenset[Level] = frozenset()
    environments: frozenset[str] = frozenset()
    window: timedelta = WINDOW
    """At most one message for an issue, rule and channel within it."""
    digest_over: int = DIGEST_OVER
    """More messages than this that wait at once become one; and so many go within a minute at most."""
    quiet: QuietHours | None = None
    channel_ids: tuple[int, ...] = ()
    language: Language = Language.ENGLISH
    enabled: bool = True
