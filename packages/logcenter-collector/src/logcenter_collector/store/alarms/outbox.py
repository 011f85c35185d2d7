"""What waits to be sent: the sender's side of the outbox, see ``raising.py`` for the other.

One collector at a time works at a channel: the one that has claimed it. So what it has read of the channel's waiting
rows stays as it is until it changes them. Transactions lock a channel first and then rows of the outbox in the order
of their keys, as batches of reports do; none is open while something is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from attrs import evolve, frozen
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, update

from logcenter_collector.domain.alarms.delivery import DeliveryState, OutboxState, Verdict
from logcenter_collector.domain.alarms.event import AlarmEvent, Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.alarms.tables import NEVER, alarm_channels, alarm_deliveries, alarm_outbox, alarm_rules
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import ids_in
from logcenter_collector.store.rows import pack
from logcenter_collector.store.tables import issues, projects

_C: Final = alarm_outbox.c
_KEY: Final = (_C.rule_id, _C.channel_id, _C.issue_id)
NOT_TAKEN: Final = (DeliveryState.REFUSED, DeliveryState.DEAD, DeliveryState.RETRIED, DeliveryState.DISMISSED)
"""What became of messages that certainly did not arrive."""
_EVENT: Final = msgspec.json.Decoder(AlarmEvent)


@frozen(kw_only=True)
class Group:
    """What waits for one channel and rule: a message that was begun before, or what may become one."""

    rule_id: int
    message_id: str | None
    waiting: int
    due_since: datetime


@frozen(kw_only=True)
class Draft:
    """Events that are about to be sent as one message."""

    message_id: str
    channel_id: int
    rule: AlarmRule
    events: tuple[AlarmEvent, ...]
    attempt: int


@frozen(kw_only=True)
class Begun:
    """A message that was begun and whose end was not written."""

    delivery_id: int
    message_id: str
    rule_id: int
    attempt: int
    begun_at: datetime


@frozen
class Outbox:
    """Reads and changes what waits."""

    _database: Database

    def channels_due(self, now: datetime) -> tuple[int, ...]:
        """Return the channels that have something to do for whoever claims them."""
        table = alarm_channels.c
        due = or_(
            _C.state == OutboxState.SENDING,
            and_(_C.state == OutboxState.WAITING, _C.due_at <= now, table.rests_until <= now),
        )
        free = or_(table.claimed_by == "", table.claimed_until <= now)
        statement = select(table.id).where(free, exists().where(_C.channel_id == table.id, due)).order_by(table.id)
        with self._database.read() as connection:
            return tuple(connection.execute(statement).scalars())

    def groups(self, channel_id: int, now: datetime) -> tuple[Group, ...]:
        """Return what is due for a channel: messages that were begun before, then what has waited longest."""
        since = func.min(_C.due_at)
        statement = (
            select(_C.rule_id, _C.message_id, func.count().label("waiting"), since.label("since"))
            .where(_C.channel_id == channel_id, _C.state == OutboxState.WAITING, _C.due_at <= now)
            .group_by(_C.rule_id, _C.message_id)
            .order_by(_C.message_id.is_(None), since)
        )
        with self._database.read() as connection:
            found = connection.execute(statement).all()
        return tuple(
            Group(rule_id=row.rule_id, message_id=row.message_id, waiting=row.waiting, due_since=row.since)
            for row in found
        )

    def begun_since(self, channel_id: int, rule_id: int, since: datetime) -> tuple[datetime, ...]:
        """Return when a rule's latest messages to a channel were begun, but for those that were certainly not taken."""
        table = alarm_deliveries.c
        statement = select(table.begun_at).where(
            table.channel_id == channel_id,
            table.rule_id == rule_id,
            table.begun_at > since,
            table.state.not_in(NOT_TAKEN),
        )
        with self._database.read() as connection:
            return tuple(connection.execute(statement).scalars())

    def claim(self, channel_id: int, holder: str, now: datetime, until: datetime) -> datetime | None:
        """Claim a channel; return until when it was claimed before, or None where another has it."""
        table = alarm_channels
        with self._database.try_to_write() as connection:
            found = connection.execute(
                select(table.c.claimed_by, table.c.claimed_until).where(table.c.id == channel_id).with_for_update()
            ).first()
            if found is None or (found.claimed_by not in {"", holder} and found.claimed_until > now):
                return None
            values = {"claimed_by": holder, "claimed_until": until}
            connection.execute(update(table).where(table.c.id == channel_id).values(values))
        before: datetime = found.claimed_until
        return before

    def renew(self, channel_ids: Iterable[int], holder: str, until: datetime) -> None:
        """Prolong one's own claims."""
        table = alarm_channels
        own = and_(table.c.id.in_([*channel_ids]), table.c.claimed_by == holder)
        with self._database.try_to_write() as connection:
            connection.execute(update(table).where(own).values(claimed_until=until))

    def release(self, channel_id: int, holder: str) -> None:
        """Give a channel back."""
        table = alarm_channels
        own = and_(table.c.id == channel_id, table.c.claimed_by == holder)
        with self._database.try_to_write() as connection:
            connection.execute(update(table).where(own).values(claimed_by=""))

    def left_behind(self, channel_id: int) -> tuple[Begun, ...]:
        """Return what somebody began who is gone; only for who has claimed the channel and has begun nothing."""
        table = alarm_deliveries.c
        statement = (
            select(table.id, table.message_id, table.rule_id, table.attempt, table.begun_at)
            .where(table.channel_id == channel_id, table.state == DeliveryState.SENDING)
            .where(
                exists().where(
                    _C.channel_id == channel_id,
                    _C.state == OutboxState.SENDING,
                    _C.message_id == table.message_id,
                )
            )
        )
        with self._database.read() as connection:
            found = connection.execute(statement).all()
        return tuple(
            Begun(
                delivery_id=row.id,
                message_id=row.message_id,
                rule_id=row.rule_id,
                attempt=row.attempt,
                begun_at=row.begun_at,
            )
            for row in found
        )

    def drop(self, channel_id: int, rule_id: int) -> None:
        """Forget what waits because of a rule that is gone."""
        with self._database.write() as connection:
            delete_from_outbox(connection, and_(_C.channel_id == channel_id, _C.rule_id == rule_id))

    def drop_waiting(self, channel_id: int, rule_id: int) -> None:
        """Forget what waits because of a rule that is switched off or has lost the channel; windows go on."""
        whose = and_(_C.channel_id == channel_id, _C.rule_id == rule_id, _C.state == OutboxState.WAITING)
        with self._database.write() as connection:
            delete_from_outbox(connection, whose)

    def draft(  # noqa: PLR0913, PLR0917 - what, how much and when
        self, channel_id: int, rule: AlarmRule, message_id: str, group: Group, most: int, now: datetime
    ) -> Draft | None:
        """Return what is due as one message: all of one that was begun before, else as many events as ``most``."""
        whose = _C.message_id == group.message_id if group.message_id else _C.message_id.is_(None)
        statement = (
            select(_C.event, _C.attempts)
            .where(_C.channel_id == channel_id, _C.state == OutboxState.WAITING, _C.rule_id == rule.id)
            .where(_C.due_at <= now, whose)
            .order_by(_C.due_at, _C.issue_id)
        )
        with self._database.read() as connection:
            found = connection.execute(statement if group.message_id else statement.limit(most)).all()
            events = _refresh(connection, [_EVENT.decode(row.event) for row in found])
        if not found:
            return None
        return Draft(
            message_id=group.message_id or message_id,
            channel_id=channel_id,
            rule=rule,
            events=tuple(events),
            attempt=1 + max(row.attempts for row in found),
        )

    def begin(self, draft: Draft, title: str, holder: str, now: datetime) -> int | None:
        """Write that a message is being sent, before it is; return the number of the attempt in the log.

        None where somebody else has the channel by now, or a rule or a channel was deleted.
        """
        issue_ids = [event.facts.issue_id for event in draft.events]
        with self._database.write() as connection:
            channel = _own_channel(connection, draft.channel_id, holder)
            rows = and_(
                _C.channel_id == draft.channel_id,
                _C.rule_id == draft.rule.id,
                _C.state == OutboxState.WAITING,
                ids_in(connection, _C.issue_id, issue_ids),
            )
            if channel is None or len(_lock(connection, rows)) != len(issue_ids):
                return None
            values = {"state": OutboxState.SENDING, "message_id": draft.message_id, "attempts": draft.attempt}
            connection.execute(update(alarm_outbox).where(rows).values(**values, begun_at=now))
            new = alarm_deliveries.insert().returning(alarm_deliveries.c.id)
            entry = {
                "message_id": draft.message_id,
                "rule_id": draft.rule.id,
                "channel_id": draft.channel_id,
                "rule_name": draft.rule.name,
                "channel_name": channel,
                "title": title,
                "issues": len(issue_ids),
                "attempt": draft.attempt,
                "state": DeliveryState.SENDING,
                "begun_at": now,
            }
            number: int = connection.execute(new, entry).scalar_one()
            return number

    def end(self, delivery_id: int, message_id: str, channel_id: int, verdict: Verdict) -> None:
        """Write what became of a message."""
        with self._database.write() as connection:
            _note_on_channel(connection, channel_id, verdict)
            rows = and_(_C.channel_id == channel_id, _C.message_id == message_id, _C.state != OutboxState.DONE)
            _lock(connection, rows)
            letter = _letter(connection, rows) if verdict.state is DeliveryState.DEAD else None
            connection.execute(update(alarm_outbox).where(rows).values(_place(verdict)))
            log = update(alarm_deliveries).where(alarm_deliveries.c.id == delivery_id)
            values = {"state": verdict.state, "reason": verdict.reason, "ended_at": verdict.ended_at}
            connection.execute(log.values(**values, letter=letter))

    def waiting(self) -> int:
        """Return how many events are to be told of and were not yet."""
        unsent = _C.state.in_([OutboxState.WAITING, OutboxState.SENDING])
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(unsent)).scalar_one()


def delete_from_outbox(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete rows, locked in the order of their keys first."""
    _lock(connection, which)
    connection.execute(alarm_outbox.delete().where(which))


def forget_untold(connection: Connection, issue_id: int) -> None:
    """Forget what nobody was told yet of an issue that is muted, but for statuses that it reached.

    A message that was begun before goes on: it may tell of others as well, and nobody knows what was taken of it.
    """
    untold = and_(
        _C.rule_id.in_(select(alarm_rules.c.id)),  # with the channels, the way of the key: issues have no index here
        _C.channel_id.in_(select(alarm_channels.c.id)),
        _C.issue_id == issue_id,
        _C.state == OutboxState.WAITING,
        _C.message_id.is_(None),
    )
    statement = select(*_KEY, _C.event).where(untold).order_by(*_KEY).with_for_update()
    for row in connection.execute(statement).all():
        if _EVENT.decode(row.event).trigger is not Trigger.STATUS:
            this = and_(_C.rule_id == row.rule_id, _C.channel_id == row.channel_id, _C.issue_id == issue_id)
            connection.execute(alarm_outbox.delete().where(this))


def put_back(
    connection: Connection, rule_id: int, channel_id: int, events: Sequence[AlarmEvent], now: datetime
) -> None:
    """Let events wait that were given up, but for those whose issues wait already."""
    issue_ids = [event.facts.issue_id for event in events]
    own = and_(_C.channel_id == channel_id, _C.rule_id == rule_id, ids_in(connection, _C.issue_id, issue_ids))
    states: dict[int, str] = {row.issue_id: row.state for row in _lock(connection, own)}
    done = [issue_id for issue_id in issue_ids if states.get(issue_id) == OutboxState.DONE]
    connection.execute(alarm_outbox.delete().where(own, ids_in(connection, _C.issue_id, done)))
    new = [
        {
            "rule_id": rule_id,
            "channel_id": channel_id,
            "issue_id": event.facts.issue_id,
            "state": OutboxState.WAITING,
            "event": msgspec.json.encode(event),
            "at": event.at,
            "due_at": now,
            "free_at": NEVER,
            "attempts": 0,
        }
        for event in events
        if states.get(event.facts.issue_id, OutboxState.DONE) == OutboxState.DONE
    ]
    if new:
        connection.execute(alarm_outbox.insert(), new)


def _lock(connection: Connection, which: ColumnElement[bool]) -> Sequence[Any]:
    statement: Select[Any] = select(*_KEY, _C.state).where(which).order_by(*_KEY).with_for_update()
    return connection.execute(statement).all()


def _own_channel(connection: Connection, channel_id: int, holder: str) -> str | None:
    """Return the name of a channel that one has claimed, and keep others from claiming it until the end."""
    table = alarm_channels
    own = and_(table.c.id == channel_id, table.c.claimed_by == holder)
    return connection.execute(select(table.c.name).where(own).with_for_update()).scalar()


def _note_on_channel(connection: Connection, channel_id: int, verdict: Verdict) -> None:
    table = alarm_channels
    values: dict[str, Any] = {}
    if verdict.state is DeliveryState.SENT:
        values = {"failures": 0}
    elif verdict.rests_until is not None:
        values = {"failures": table.c.failures + 1, "rests_until": verdict.rests_until}
    if values:
        connection.execute(update(table).where(table.c.id == channel_id).values(values))


def _place(verdict: Verdict) -> Mapping[str, Any]:
    """Return where the rows of a message stand after an attempt."""
    if verdict.again_at is not None:
        return {"state": OutboxState.WAITING, "due_at": verdict.again_at}
    return {"state": OutboxState.DONE, "due_at": NEVER, "free_at": verdict.free_at}


def _letter(connection: Connection, rows: ColumnElement[bool]) -> bytes:
    found = connection.execute(select(_C.event).where(rows).order_by(_C.issue_id)).scalars()
    return pack([msgspec.Raw(event) for event in found])


def _refresh(connection: Connection, events: Sequence[AlarmEvent]) -> list[AlarmEvent]:
    """Return events with the counts of their issues as they are now, and with the names of projects."""
    ids = [event.facts.issue_id for event in events]
    columns = (issues.c.id, issues.c.occurrence_count, issues.c.regression_count, issues.c.last_seen)
    counted = {
        row.id: {"occurrence_count": row.occurrence_count, "regression_count": row.regression_count}
        | {"last_seen": row.last_seen}
        for row in connection.execute(select(*columns).where(ids_in(connection, issues.c.id, ids)))
    }
    named = select(projects.c.project_id, projects.c.name).where(
        projects.c.project_id.in_({event.facts.project_id for event in events})
    )
    names = {row.project_id: row.name for row in connection.execute(named)}
    return [
        evolve(
            event,
            facts=evolve(
                event.facts,
                project_name=names.get(event.facts.project_id) or event.facts.project_id,
                **counted.get(event.facts.issue_id, {}),
            ),
        )
        for event in events
    ]
