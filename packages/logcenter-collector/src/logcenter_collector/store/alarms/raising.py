"""Put into the outbox what people are to be told of, in the transaction of what happened: told of is what is committed.

A batch holds the rows of its issues already, so nobody else raises anything for these, and nobody mutes them meanwhile.
It writes rows of the counts and of the outbox in the order of their keys, as everybody does. Without a rule it costs
two looks into an empty dict; whether an issue is muted is asked only where there is something to tell of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from logcenter_collector.domain.alarms.deciding import (
    Happening,
    concerns,
    counted_for,
    counts_since,
    due_at,
    matches,
    slot_of,
)
from logcenter_collector.domain.alarms.delivery import OutboxState
from logcenter_collector.domain.alarms.event import AlarmEvent, IssueFacts, Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.domain.muting import Mute
from logcenter_collector.domain.sample import Role
from logcenter_collector.store.alarms import statements
from logcenter_collector.store.alarms.facts import facts_of_arrival, facts_of_issue, level_of
from logcenter_collector.store.alarms.rules import Rulebook
from logcenter_collector.store.alarms.tables import NEVER
from logcenter_collector.store.base import Arrival
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.statements import MUTE_OF
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_collector.store.tally import Tally
from logcenter_sdk.contract.issue import Issue, StatusChange
from logcenter_sdk.contract.report import REGISTRATION, source_of

Key = tuple[int, int, int]
"""Rule, channel and issue."""
Raised = dict[Key, tuple[AlarmRule, AlarmEvent]]
_NEVER: Final = microseconds(NEVER)


def raise_for_batch(bulk: Bulk, rulebook: Rulebook, touched: Sequence[Tally]) -> None:
    """Raise what a batch brought: new issues, regressions, changes of status, and too many occurrences."""
    if rulebook.is_idle:
        return
    alarming = [tally for tally in touched if not tally.only_registers]
    raised: Raised = {}
    for tally in alarming:
        if tally.known is None or tally.known.registration:
            _add(raised, rulebook, tally, _first(tally), Trigger.NEW_ISSUE)
        for change in tally.changes:
            arrival = _reopening(tally)
            _add(raised, rulebook, tally, arrival, Trigger.REGRESSION)
            _add(raised, rulebook, tally, arrival, Trigger.STATUS, _of_change(change))
    _count(bulk, rulebook, alarming, raised)
    _write(bulk, rulebook, _audible(bulk, alarming, raised))


def raise_for_move(bulk: Bulk, rulebook: Rulebook, issue: Issue, change: StatusChange) -> None:
    """Raise the status that somebody moved an issue to, muted or not: that is no error that makes itself heard."""
    rules = rulebook.of(Trigger.STATUS)
    if not rules or issue.error.type == REGISTRATION:
        return
    happening = Happening(Trigger.STATUS, issue.project_id, issue.source, issue.level, issue.environment, issue.status)
    raised: Raised = {}
    if wanted := [rule for rule in rules if matches(rule, happening)]:
        _put(raised, wanted, Trigger.STATUS, facts_of_issue(issue), change.at, _of_change(change))
    _write(bulk, rulebook, raised)


def _audible(bulk: Bulk, alarming: Sequence[Tally], raised: Raised) -> Raised:
    """Leave out what is muted. What came back is not any more: recording has ended that a moment before."""
    if not raised:
        return raised
    known = {tally.issue_id: tally for tally in alarming if tally.known}
    asked = sorted({(issue_id,) for _, _, issue_id in raised if issue_id in known})
    muted = {
        issue_id
        for issue_id, until, until_count in (bulk.read(MUTE_OF, asked) if asked else ())
        if _is_muted(known[issue_id], until, until_count)
    }
    return {key: event for key, event in raised.items() if key[2] not in muted} if muted else raised


def _is_muted(tally: Tally, until: int | None, until_count: int | None) -> bool:
    mute = Mute(until=None if until is None else to_instant(until), until_count=until_count)
    return not mute.is_over(tally.state.occurrence_count, tally.last.arrived_at)


def _first(tally: Tally) -> Arrival:
    """Return the first arrival that is no registration."""
    return next((counted.arrival for counted in tally.named if not counted.arrival.raw.is_registration), tally.last)


def _reopening(tally: Tally) -> Arrival:
    """Return the arrival that reopened an issue."""
    return next((counted.arrival for counted, role in tally.kept if role is Role.REGRESSION), tally.last)


def _of_change(change: StatusChange) -> dict[str, str | int]:
    return {"from": change.from_.value, **({"actor": change.actor} if change.actor else {})}


def _add(  # noqa: PLR0913, PLR0917 - what happened to what
    raised: Raised,
    rulebook: Rulebook,
    tally: Tally,
    arrival: Arrival,
    trigger: Trigger,
    detail: Mapping[str, str | int] | None = None,
) -> None:
    rules = rulebook.of(trigger)
    if not rules:
        return
    raw = arrival.raw
    happening = Happening(trigger, raw.project_id, source_of(raw), level_of(arrival), raw.environment, tally.status)
    if wanted := [rule for rule in rules if matches(rule, happening)]:
        _put(raised, wanted, trigger, facts_of_arrival(tally, arrival), arrival.arrived_at, detail or {})


def _put(  # noqa: PLR0913, PLR0917 - the parts of an event
    raised: Raised,
    rules: Iterable[AlarmRule],
    trigger: Trigger,
    facts: IssueFacts,
    at: datetime,
    detail: Mapping[str, str | int],
) -> None:
    event = AlarmEvent(trigger=trigger, facts=facts, at=at, detail=detail)
    for rule in rules:
        for channel_id in rule.channel_ids:
            raised[rule.id, channel_id, facts.issue_id] = rule, event


def _count(bulk: Bulk, rulebook: Rulebook, alarming: Sequence[Tally], raised: Raised) -> None:
    """Count for the rules of so many in so many minutes, and raise what has become too many."""
    counted: dict[tuple[int, int], tuple[AlarmRule, Tally, int]] = {}
    for rule in rulebook.of(Trigger.RATE):
        for tally in alarming:
            last = tally.last
            if concerns(rule, last.raw.project_id, source_of(last.raw), level_of(last)):
                count = counted_for(rule, _by_environment(tally))
                if count:
                    counted[rule.id, tally.issue_id] = rule, tally, count
    if not counted:
        return
    counts, asked = [], []
    for (rule_id, issue_id), (rule, tally, count) in sorted(counted.items(), key=lambda item: item[0]):
        at = tally.last.arrived_at
        counts.append((rule_id, issue_id, microseconds(slot_of(rule, at)), count))
        asked.append((rule_id, issue_id, microseconds(counts_since(rule, at))))
    bulk.write(statements.COUNT, counts)
    for rule_id, issue_id, total in bulk.read(statements.COUNTED_SINCE, asked):
        rule, tally, _ = counted[rule_id, issue_id]
        if total >= rule.occurrences:
            detail = {"occurrences": int(total), "minutes": rule.minutes}
            facts = facts_of_arrival(tally, tally.last)
            _put(raised, [rule], Trigger.RATE, facts, tally.last.arrived_at, detail)


def _by_environment(tally: Tally) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for (_, environment, _), count in tally.buckets.items():
        counts[environment] += count
    return counts


def _write(bulk: Bulk, rulebook: Rulebook, raised: Raised) -> None:
    if not raised:
        return
    rows = []
    for key in sorted(raised):
        rule, event = raised[key]
        at, due = microseconds(event.at), microseconds(due_at(rule, event.at))
        rows.append((*key, OutboxState.WAITING.value, msgspec.json.encode(event), at, due, _NEVER, 0))
    bulk.write(statements.RAISE, rows)
    rulebook.raised = True
