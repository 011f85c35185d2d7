"""Muting: an issue keeps quiet for a time or until it occurred so many times more. A regression ends it."""

from datetime import datetime

from attrs import evolve, frozen

from logcenter_sdk.contract.issue import Issue


@frozen(kw_only=True)
class Mute:
    """Until when an issue is muted: what comes first. Without either, until a regression or until somebody ends it."""

    until: datetime | None = None
    until_count: int | None = None
    """Until it occurred so many times altogether."""

    def is_over(self, occurrence_count: int, now: datetime) -> bool:
        """Whether it ran out."""
        return (self.until is not None and self.until <= now) or (
            self.until_count is not None and self.until_count <= occurrence_count
        )


@frozen(kw_only=True)
class MuteWish:
    """A wish to mute an issue."""

    until: datetime | None = None
    more: int | None = None
    """Until it occurred so many times more than now."""

    def of(self, occurrence_count: int) -> Mute | None:
        """Return the mute of an issue that occurred so often; None where there is nothing to wait for."""
        if self.until is None and self.more is None:
            return None
        return Mute(until=self.until, until_count=None if self.more is None else occurrence_count + self.more)


def as_of(issue: Issue, now: datetime) -> Issue:
    """Return an issue as it is now: a mute that ran out is none."""
    mute = Mute(until=issue.muted_until, until_count=issue.muted_until_count)
    return (
        evolve(issue, muted_until=None, muted_until_count=None) if mute.is_over(issue.occurrence_count, now) else issue
    )
