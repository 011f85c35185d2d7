"""How often an issue occurred: bars per hour or day by environment or release, links to the occurrences of then."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from logcenter_collector.store.base import Per
from logcenter_collector.web.ui.charts import Bar, Chart, fold, parts_of
from logcenter_sdk.contract.issue import Issue, StatsBucket

BARS: Final = {Per.HOUR: 48, Per.DAY: 30}
WIDTH: Final = {Per.HOUR: timedelta(hours=1), Per.DAY: timedelta(days=1)}
_FORMAT: Final = {Per.HOUR: "%m-%d %H:00", Per.DAY: "%m-%d"}
_EARLIEST: Final = datetime(1970, 6, 1, tzinfo=UTC)
_BY_HOURS: Final = timedelta(hours=48)


class By(StrEnum):
    """What bars are stacked of."""

    ENVIRONMENT = "environment"
    RELEASE = "release"


@frozen(kw_only=True)
class Span:
    """The time that the bars show; its end is the first instant after it."""

    per: Per
    since: datetime
    until: datetime

    @property
    def starts(self) -> tuple[datetime, ...]:
        """The begin of each bar."""
        return tuple(self.since + number * WIDTH[self.per] for number in range(BARS[self.per]))


def usual_per(issue: Issue) -> Per:
    """Return what to show at first: hours of an issue that all happened within two days."""
    return Per.HOUR if issue.last_seen - issue.first_seen < _BY_HOURS else Per.DAY


def span_of(issue: Issue, per: Per, now: datetime) -> Span:
    """Return the time to show: up to now, or up to when the issue was last seen if that is longer ago."""
    newest = begin_of(max(min(now, issue.last_seen), _EARLIEST), per)
    latest = begin_of(now, per)
    length = (BARS[per] - 1) * WIDTH[per]
    end = latest if latest - newest <= length else newest
    return Span(per=per, since=end - length, until=end + WIDTH[per])


def begin_of(instant: datetime, per: Per) -> datetime:
    """Return when the hour or day of an instant begins, in UTC."""
    whole = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return whole if per is Per.HOUR else whole.replace(hour=0)


@frozen(kw_only=True)
class Frequency:
    """The numbers of a span, ready to be drawn with words in a reader's language."""

    span: Span
    by: By
    buckets: tuple[StatsBucket, ...]
    href: Callable[[datetime, datetime], str]
    """The address of the occurrences from one instant to another."""

    @property
    def total(self) -> int:
        """How often it occurred in all the span."""
        return sum(bucket.count for bucket in self.buckets)

    @property
    def most(self) -> int:
        """How often at most in one hour or day."""
        return max((bucket.count for bucket in self.buckets), default=0)

    def chart(self, *, title: str, description: str, unit: str, other: str, nameless: str) -> Chart:
        """Return the chart; ``nameless`` is what was reported without a release."""
        bars = _bars(self, nameless)
        parts = parts_of(bars, other=other)
        return Chart(title=title, description=description, bars=fold(bars, parts), parts=parts, unit=unit)


def _bars(frequency: Frequency, nameless: str) -> Sequence[Bar]:
    span, found = frequency.span, {bucket.start: bucket for bucket in frequency.buckets}
    return [
        Bar(
            label=start.strftime(_FORMAT[span.per]),
            counts=_counts(found[start], frequency.by, nameless) if start in found else {},
            href=frequency.href(start, start + WIDTH[span.per]) if start in found else None,
        )
        for start in span.starts
    ]


def _counts(bucket: StatsBucket, by: By, nameless: str) -> dict[str, int]:
    if by is By.ENVIRONMENT:
        return dict(bucket.environments)
    rest = bucket.count - sum(bucket.versions.values())
    return {**bucket.versions, **({nameless: rest} if rest > 0 else {})}
