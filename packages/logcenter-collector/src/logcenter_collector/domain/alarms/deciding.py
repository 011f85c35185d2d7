"""What becomes of an event: which rules it matches, when it is told of, alone or with others, and when again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from logcenter_collector.domain.alarms.delivery import DeliveryState, Verdict
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

BACK_OFF: Final = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""How long a message waits after its first, second, … attempt that failed; after one more it is a dead letter."""
LONGEST_REST_SECONDS: Final = 24 * 60 * 60
"""Whatever a receiver asks for."""
ATTEMPTS: Final = len(BACK_OFF) + 1
PACE: Final = timedelta(minutes=1)
"""In so long, a rule sends one channel ``digest_over`` messages at most; what comes meanwhile is folded."""
DIGEST_ISSUES: Final = 500
"""How many issues one digest holds at most; the next one holds the rest."""
SLOTS: Final = 60
"""Occurrences are counted in so many parts of a rule's minutes; none counts for longer than these minutes."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Happening:
    """What matching needs to know of an event."""

    trigger: Trigger
    project_id: str
    source: Source
    level: Level
    environment: str
    status: Status
    """The one that was reached."""


def matches(rule: AlarmRule, event: Happening) -> bool:
    """Whether a rule wants to hear of an event."""
    return (
        rule.enabled
        and rule.trigger is event.trigger
        and (event.trigger is not Trigger.STATUS or event.status in rule.statuses)
        and (not rule.environments or event.environment in rule.environments)
        and concerns(rule, event.project_id, event.source, event.level)
    )


def concerns(rule: AlarmRule, project_id: str, source: Source, level: Level) -> bool:
    """Whether an issue passes the filters of a rule, whatever environments it occurs in."""
    return (
        rule.project_id in {None, project_id}
        and (not rule.sources or source in rule.sources)
        and (not rule.levels or level in rule.levels)
    )


def counted_for(rule: AlarmRule, occurrences: Mapping[str, int]) -> int:
    """Return how many occurrences a rule counts of those in each environment."""
    return sum(count for name, count in occurrences.items() if not rule.environments or name in rule.environments)


def slot_of(rule: AlarmRule, at: datetime) -> datetime:
    """Return the begin of the slot that an instant lies in."""
    return at - (at - _EPOCH) % slot_width(rule)


def counts_since(rule: AlarmRule, at: datetime) -> datetime:
    """Return the first slot that counts at an instant."""
    return slot_of(rule, at) - (SLOTS - 1) * slot_width(rule)


def slot_width(rule: AlarmRule) -> timedelta:
    """Return how long a slot is."""
    return timedelta(minutes=rule.minutes) / SLOTS


def due_at(rule: AlarmRule, at: datetime) -> datetime:
    """Return when an event is told of: at once, or at the end of the quiet hours."""
    return (rule.quiet and rule.quiet.end_after(at)) or at


@frozen
class Single:
    """One message for the one that waits longest."""


@frozen
class Digest:
    """One message for all that wait, as far as one may hold them."""


@frozen
class Later:
    """Nothing yet."""

    until: datetime


Fold = Single | Digest | Later


def fold(rule: AlarmRule, waiting: int, begun: Sequence[datetime], now: datetime) -> Fold:
    """Decide how to send what waits for one rule and channel.

    ``begun`` says when this rule's latest messages to the channel were begun, in any order.
    """
    if quiet_until := rule.quiet and rule.quiet.end_after(now):
        return Later(quiet_until)
    pace = min(PACE, rule.window)
    most = max(1, rule.digest_over)
    # An instant that is still to come was written by a clock that went wrong, and holds nobody up.
    recent = sorted(at for at in begun if now - pace < at <= now)
    if len(recent) >= most:
        return Later(recent[-most] + pace)
    return Digest() if waiting > max(1, rule.digest_over) else Single()


@frozen(kw_only=True)
class Attempt:
    """A message that was begun."""

    rule: AlarmRule
    number: int
    """The first is 1."""
    failures: int
    """How many attempts of the channel failed in a row before this one."""
    knows_repeats: bool
    """Whether the receiver can tell a repeat of it."""


def after_sending(rule: AlarmRule, now: datetime) -> Verdict:
    """Return what follows from a message that was taken; ``now`` is when it was."""
    return Verdict(state=DeliveryState.SENT, ended_at=now, free_at=now + rule.window)


def after_refusal(
    attempt: Attempt, reason: str, now: datetime, *, retry_after: int | None = None, permanent: bool = False
) -> Verdict:
    """Return what follows from a message that was certainly not taken."""
    if permanent:  # that it was refused says nothing of other messages
        return Verdict(state=DeliveryState.DEAD, ended_at=now, reason=reason, free_at=now)
    rests_until = now + pause_after(attempt.failures + 1, retry_after)
    if attempt.number >= ATTEMPTS:
        return Verdict(state=DeliveryState.DEAD, ended_at=now, reason=reason, free_at=now, rests_until=rests_until)
    state = DeliveryState.REFUSED
    return Verdict(state=state, ended_at=now, reason=reason, again_at=rests_until, rests_until=rests_until)


def after_silence(attempt: Attempt, reason: str, now: datetime) -> Verdict:
    """Return what follows from a message that nobody answered: it is in doubt, and the channel rests."""
    verdict = after_doubt(attempt, reason, now)
    rests_until = now + pause_after(attempt.failures + 1, None)
    again_at = verdict.again_at and max(verdict.again_at, rests_until)
    return evolve(verdict, again_at=again_at, rests_until=rests_until)


def after_doubt(attempt: Attempt, reason: str, gone_at: datetime) -> Verdict:
    """Return what follows from a message that may have been taken, at ``gone_at`` at the latest.

    Where a repeat could be read as a second one, it is sent again when the window of the first is over.
    """
    over_at = gone_at + attempt.rule.window
    if attempt.number >= ATTEMPTS:
        return Verdict(state=DeliveryState.DEAD, ended_at=gone_at, reason=reason, free_at=over_at)
    again_at = gone_at if attempt.knows_repeats else over_at
    return Verdict(state=DeliveryState.IN_DOUBT, ended_at=gone_at, reason=reason, again_at=again_at)


def pause_after(failures: int, retry_after: int | None) -> timedelta:
    """Return how long a channel rests after so many failures in a row, and no shorter than it asked for."""
    pause = BACK_OFF[min(failures, len(BACK_OFF)) - 1]
    return max(pause, timedelta(seconds=min(retry_after or 0, LONGEST_REST_SECONDS)))
