"""Work at one channel: choose what is sent next, say that it is being sent, send it, and write what became of it.

Whoever sends ends anywhere, at a kill. What was not yet called *sending* was certainly not sent, and goes at the next
start; what is still called so is in doubt, and goes when a repeat does no harm (domain/alarms/deciding.py).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from attrs import define, field, frozen

from logcenter_collector.alarms.channels.fields import InvalidSettingsError
from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.channels.notice import Channel, InDoubt, Notice, Outcome, Refused, Sent
from logcenter_collector.alarms.counts import AlarmCounts
from logcenter_collector.alarms.network import SECONDS, Network
from logcenter_collector.alarms.wording import Wording
from logcenter_collector.domain.alarms.deciding import (
    DIGEST_ISSUES,
    PACE,
    Attempt,
    Digest,
    Later,
    after_doubt,
    after_refusal,
    after_sending,
    after_silence,
    fold,
)
from logcenter_collector.domain.alarms.delivery import Verdict
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.alarms.channels import StoredChannel
from logcenter_collector.store.alarms.outbox import Begun, Draft, Group
from logcenter_collector.store.alarms.repository import Alarms
from logcenter_collector.store.base import StoreUnavailableError

log = logging.getLogger(__name__)

CLAIM: Final = timedelta(seconds=6)
"""A channel is taken over from a collector that did not renew its claim for so long."""
IN_A_ROW: Final = 20
"""So many messages, then other channels get their turn."""
WRITING_SECONDS: Final = 60
"""How long the end of a message is tried to be written; then whoever claims the channel next finds it in doubt."""
_WRITE_AGAIN_SECONDS: Final = 0.5
_KILLED: Final = "The collector ended while it sent this."


@frozen
class Next:
    """What is sent next."""

    rule: AlarmRule
    group: Group
    most: int
    """How many events it holds at most."""


class BrokenChannel:
    """Stands for a channel whose settings no kind understands any more."""

    knows_repeats = False

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def send(self, _notice: Notice, _network: Network) -> Outcome:
        """Refuse it."""
        return Refused(reason=self._reason, permanent=True)


def open_stored(stored: StoredChannel) -> Channel:
    """Return the channel of stored settings, or one that refuses everything with what is wrong."""
    try:
        return open_channel(stored.kind, stored.settings)
    except InvalidSettingsError as error:
        return BrokenChannel(f"Its settings are wrong: {error}")


def send(channel: Channel, notice: Notice, network: Network) -> Outcome:
    """Send a notice; an error of ours leaves it in doubt."""
    try:
        return channel.send(notice, network)
    except Exception:
        log.exception("An alarm could not be sent")
        return InDoubt(reason="This is an error of the collector; its log says more.")


@define
class Dispatch:
    """Sends what is due, a channel at a time. For several threads, each with a channel of its own."""

    alarms: Alarms
    network: Network
    public_url: str
    clock: Callable[[], datetime]
    holder: str
    counts: AlarmCounts = field(factory=AlarmCounts)
    stopping: threading.Event = field(factory=threading.Event)

    def work_at(self, channel_id: int) -> bool:
        """Send what is due for a channel, unless another collector is at it; return whether there was something to do.

        Raises StoreUnavailableError.
        """
        stored = self.alarms.channels.get(channel_id)
        # A look that costs no write: what is held back for a while is looked at every second.
        outbox = self.alarms.outbox
        if stored is None or not (outbox.left_behind(channel_id) or self._next(stored)):
            return False
        now = self.clock()
        claimed_until = outbox.claim(channel_id, self.holder, now, now + CLAIM)
        if claimed_until is None:
            return False
        try:
            self._take_up(stored, min(now, claimed_until))
            self._send_in_turn(channel_id)
        finally:
            outbox.release(channel_id, self.holder)
        return True

    def _send_in_turn(self, channel_id: int) -> None:
        for _ in range(IN_A_ROW):
            stored = self.alarms.channels.get(channel_id)
            chosen = stored and self._next(stored)
            if self.stopping.is_set() or not stored or not chosen or not self._send_one(stored, chosen):
                return

    def _next(self, stored: StoredChannel) -> Next | None:
        """Return what is to be sent now: of what has waited longest, what is not held back."""
        now = self.clock()
        if stored.rests_until is not None and stored.rests_until > now:
            return None
        rules = {rule.id: rule for rule in self.alarms.rulebook.rules}
        return next(self._choices(stored.id, rules, now), None)

    def _choices(self, channel_id: int, rules: dict[int, AlarmRule], now: datetime) -> Iterator[Next]:
        for group in self.alarms.outbox.groups(channel_id, now):
            rule = rules.get(group.rule_id) or self.alarms.rules.get(group.rule_id)
            if rule is None:
                self.alarms.outbox.drop(channel_id, group.rule_id)
                continue
            begun = self.alarms.outbox.begun_since(channel_id, rule.id, now - PACE)
            decided = fold(rule, group.waiting, begun, now)
            if not isinstance(decided, Later):
                yield Next(rule, group, DIGEST_ISSUES if isinstance(decided, Digest) else 1)

    def _send_one(self, stored: StoredChannel, chosen: Next) -> bool:
        """Send the next message; False where the channel is ours no more."""
        outbox = self.alarms.outbox
        now = self.clock()
        draft = outbox.draft(stored.id, chosen.rule, uuid4().hex, chosen.group, chosen.most, now)
        if draft is None:
            return False
        channel, notice = open_stored(stored), self._notice(draft)
        number = outbox.begin(draft, notice.title, self.holder, now)
        if number is None:
            return False
        outcome = send(channel, notice, self.network)
        attempt = Attempt(
            rule=draft.rule, number=draft.attempt, failures=stored.failures, knows_repeats=channel.knows_repeats
        )
        self._end(number, draft.message_id, stored, judge(attempt, outcome, self.clock()))
        return True

    def _notice(self, draft: Draft) -> Notice:
        wording = Wording(language=draft.rule.language, public_url=self.public_url)
        if len(draft.events) == 1:
            return wording.single(draft.events[0], draft.message_id)
        return wording.digest(draft.events, draft.message_id)

    def _take_up(self, stored: StoredChannel, claimed_until: datetime) -> None:
        """Say of what a collector began that is gone that it is in doubt."""
        knows_repeats = open_stored(stored).knows_repeats
        for begun in self.alarms.outbox.left_behind(stored.id):
            rule = self.alarms.rules.get(begun.rule_id)
            if rule is None:
                self.alarms.outbox.drop(stored.id, begun.rule_id)
                continue
            verdict = _in_doubt(begun, rule, claimed_until, knows_repeats)
            self._end(begun.delivery_id, begun.message_id, stored, verdict)

    def _end(self, number: int, message_id: str, stored: StoredChannel, verdict: Verdict) -> None:
        """Write what became of a message, as often as it takes: it must not be sent again for want of that."""
        for _ in range(round(WRITING_SECONDS / _WRITE_AGAIN_SECONDS)):
            try:
                self.alarms.outbox.end(number, message_id, stored.id, verdict)
            except StoreUnavailableError:
                if self.stopping.wait(_WRITE_AGAIN_SECONDS):
                    raise
                continue
            self.counts.add(verdict.state)
            _log(stored, verdict)
            return


def judge(attempt: Attempt, outcome: Outcome, now: datetime) -> Verdict:
    """Return what follows from an outcome."""
    match outcome:
        case Sent():
            return after_sending(attempt.rule, now)
        case Refused(reason=reason, retry_after=retry_after, permanent=permanent):
            return after_refusal(attempt, reason, now, retry_after=retry_after, permanent=permanent)
        case InDoubt(reason=reason):
            return after_silence(attempt, reason, now)


def _in_doubt(begun: Begun, rule: AlarmRule, claimed_until: datetime, knows_repeats: bool) -> Verdict:
    """Return what follows from a message of a collector that did not renew its claim.

    It has ended, or cannot write: then it may still be sending, for as long as that takes.
    """
    attempt = Attempt(rule=rule, number=begun.attempt, failures=0, knows_repeats=knows_repeats)
    takes = timedelta(0) if knows_repeats else min(timedelta(seconds=SECONDS), rule.window)
    return after_doubt(attempt, _KILLED, max(claimed_until, begun.begun_at + takes))


def _log(stored: StoredChannel, verdict: Verdict) -> None:
    if verdict.reason is not None:
        about = {"channel": stored.name, "outcome": verdict.state.value, "reason": verdict.reason}
        log.warning("An alarm was not sent for certain", extra=about)
