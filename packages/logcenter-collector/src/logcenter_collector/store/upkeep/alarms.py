"""Forget of alarms what nobody asks for any more: counts that are too old, windows that are over, old attempts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, tuple_

from logcenter_collector.domain.alarms.deciding import counts_since
from logcenter_collector.domain.alarms.delivery import OutboxState
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.domain.pace import Pace
from logcenter_collector.store.alarms.rules import load_rules
from logcenter_collector.store.alarms.tables import (
    alarm_channels,
    alarm_counts,
    alarm_deliveries,
    alarm_outbox,
    alarm_rules,
)
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.slices import Progress, timed

KEPT: Final = timedelta(days=30)
"""How long attempts stay, dead letters among them."""


def forget_alarms(database: Database, now: datetime) -> Iterator[Progress]:
    """Delete it, in slices."""
    with database.read() as connection:
        rules = load_rules(connection)
    pace, gone = Pace(size=500, most=20_000, least=50), 0
    for table, which in _forgotten(rules, now):
        deleted = size = 1
        while deleted >= size:
            with timed(pace) as size, database.write() as connection:
                deleted = _delete_some(connection, table, which, size)
            gone += deleted
            yield Progress(1.0, f"{gone:,} rows of alarms")


def _forgotten(rules: tuple[AlarmRule, ...], now: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    counts, outbox, known = alarm_counts.c, alarm_outbox.c, select(alarm_rules.c.id)
    yield alarm_counts, counts.rule_id.not_in(known)
    for rule in rules:
        since = counts_since(rule, now) if rule.trigger is Trigger.RATE else now
        yield alarm_counts, and_(counts.rule_id == rule.id, counts.slot < since)
    yield alarm_outbox, and_(outbox.state == OutboxState.DONE, outbox.free_at <= now)
    # What a batch of another collector raised for a rule or a channel while somebody deleted it.
    yield alarm_outbox, or_(outbox.rule_id.not_in(known), outbox.channel_id.not_in(select(alarm_channels.c.id)))
    yield alarm_deliveries, alarm_deliveries.c.begun_at < now - KEPT


def _delete_some(connection: Connection, table: Table, which: ColumnElement[bool], size: int) -> int:
    """Delete rows in the order of their keys, but for those that somebody has to do with just now."""
    key = [*table.primary_key.columns]
    some = select(*key).where(which).order_by(*key).limit(size).with_for_update(skip_locked=True)
    chosen = key[0].in_(some) if len(key) == 1 else tuple_(*key).in_(some)
    return connection.execute(table.delete().where(chosen)).rowcount
