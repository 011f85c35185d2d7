"""The rules of alarms, and the copy of them in memory that every batch of reports looks at."""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from attrs import define, evolve, field, frozen
from sqlalchemy import Connection, delete, select, update

from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.alarms.outbox import delete_from_outbox
from logcenter_collector.store.alarms.tables import alarm_channels, alarm_counts, alarm_outbox, alarm_rules
from logcenter_collector.store.database import Database


class UnknownChannelsError(Exception):
    """A rule names channels that do not exist."""

    def __init__(self, channel_ids: Iterable[int]) -> None:
        self.channel_ids = tuple(sorted(channel_ids))
        super().__init__(f"There is no channel {', '.join(map(str, self.channel_ids))}.")


@define
class Rulebook:
    """The rules that are in force, in memory. Whoever changes them reloads it at once; other collectors do later."""

    _database: Database
    _woken: threading.Event = field(factory=threading.Event)
    rules: tuple[AlarmRule, ...] = ()
    """Every rule, in force or not."""
    _of_trigger: dict[Trigger, tuple[AlarmRule, ...]] = field(factory=dict)
    raised: bool = False
    """Whether something was put into the outbox since the last commit."""

    def of(self, trigger: Trigger) -> tuple[AlarmRule, ...]:
        """Return the rules in force that wait for something."""
        return self._of_trigger.get(trigger, ())

    @property
    def is_idle(self) -> bool:
        """Whether no rule is in force."""
        return not self._of_trigger

    def reload(self) -> None:
        """Read the rules anew. Raises StoreUnavailableError."""
        with self._database.read() as connection:
            rules = load_rules(connection)
        in_force = [rule for rule in rules if rule.enabled and rule.channel_ids]
        triggers = {rule.trigger for rule in in_force}
        self.rules = rules
        self._of_trigger = {each: tuple(rule for rule in in_force if rule.trigger is each) for each in triggers}

    def committed(self) -> None:
        """Say that the transaction was committed: whoever sends need not look for a while to find what it raised."""
        if self.raised:
            self.raised = False
            self.wake()

    def wake(self) -> None:
        """Let whoever waits look at once."""
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Wait until there is something to look at, and no longer than this."""
        self._woken.wait(seconds)
        self._woken.clear()


@frozen
class Rules:
    """Lists and changes rules."""

    _database: Database
    _rulebook: Rulebook

    def all(self) -> tuple[AlarmRule, ...]:
        """Return every rule, the oldest first."""
        with self._database.read() as connection:
            return load_rules(connection)

    def get(self, rule_id: int) -> AlarmRule | None:
        """Return one rule, or None."""
        with self._database.read() as connection:
            found = connection.execute(select(alarm_rules).where(alarm_rules.c.id == rule_id)).first()
            return None if found is None else _to_rule(found.id, found.rule)

    def create(self, rule: AlarmRule, by: By, now: datetime) -> AlarmRule:
        """Add a rule and return it with its id. Raises UnknownChannelsError."""
        with self._database.write() as connection:
            _check_channels(connection, rule)
            values = {"rule": _written(rule), "created_at": now, "updated_at": now}
            new = alarm_rules.insert().returning(alarm_rules.c.id)
            rule = evolve(rule, id=connection.execute(new, values).scalar_one())
            _audit(connection, "create", rule, by, now)
        self._rulebook.reload()
        return rule

    def change(self, rule: AlarmRule, by: By, now: datetime) -> bool:
        """Set a rule; False when there is none with its id. Raises UnknownChannelsError."""
        table = alarm_rules
        with self._database.write() as connection:
            _check_channels(connection, rule)
            changed = update(table).where(table.c.id == rule.id).values(rule=_written(rule), updated_at=now)
            if not connection.execute(changed).rowcount:
                return False
            _audit(connection, "change", rule, by, now)
        self._rulebook.reload()
        return True

    def delete(self, rule_id: int, by: By, now: datetime) -> bool:
        """Remove a rule and what waits because of it; False when there is none with this id."""
        table = alarm_rules
        with self._database.write() as connection:
            gone = delete(table).where(table.c.id == rule_id).returning(table.c.rule)
            written = connection.execute(gone).scalar()
            if written is None:
                return False
            delete_from_outbox(connection, alarm_outbox.c.rule_id == rule_id)
            connection.execute(delete(alarm_counts).where(alarm_counts.c.rule_id == rule_id))
            _audit(connection, "delete", _to_rule(rule_id, written), by, now)
        self._rulebook.reload()
        return True


def leave_out_channel(connection: Connection, channel_id: int, now: datetime) -> None:
    """Take a channel that is gone out of every rule."""
    for rule in load_rules(connection):
        if channel_id in rule.channel_ids:
            left = tuple(other for other in rule.channel_ids if other != channel_id)
            values = {"rule": _written(evolve(rule, channel_ids=left)), "updated_at": now}
            connection.execute(update(alarm_rules).where(alarm_rules.c.id == rule.id).values(values))


def load_rules(connection: Connection) -> tuple[AlarmRule, ...]:
    """Return every rule, the oldest first."""
    found = connection.execute(select(alarm_rules.c.id, alarm_rules.c.rule).order_by(alarm_rules.c.id))
    return tuple(_to_rule(row.id, row.rule) for row in found)


def _to_rule(rule_id: int, written: str) -> AlarmRule:
    return evolve(msgspec.json.decode(written, type=AlarmRule), id=rule_id)


def _written(rule: AlarmRule) -> str:
    return msgspec.json.encode(evolve(rule, id=0)).decode()


def _check_channels(connection: Connection, rule: AlarmRule) -> None:
    known = select(alarm_channels.c.id).where(alarm_channels.c.id.in_(rule.channel_ids)).with_for_update(read=True)
    if unknown := {*rule.channel_ids} - {*connection.execute(known).scalars()}:
        raise UnknownChannelsError(unknown)


def _audit(connection: Connection, verb: str, rule: AlarmRule, by: By, now: datetime) -> None:
    detail: dict[str, Any] = msgspec.to_builtins(rule)
    entry = AuditEntry(
        at=now,
        by=by,
        action=f"alarm_rule.{verb}",
        project_id=rule.project_id,
        subject=str(rule.id),
        detail={name: detail[name] for name in detail if name != "id"},
    )
    write_audit(connection, entry)
