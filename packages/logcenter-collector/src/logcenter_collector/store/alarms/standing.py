"""How alarms stand: what waits and until when, and how many messages were given up."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen
from sqlalchemy import exists, func, select

from logcenter_collector.domain.alarms.delivery import DeliveryState, OutboxState
from logcenter_collector.store.alarms.deliveries import Delivery
from logcenter_collector.store.alarms.tables import alarm_channels, alarm_deliveries, alarm_outbox, alarm_rules
from logcenter_collector.store.database import Database

_C: Final = alarm_outbox.c


@frozen(kw_only=True)
class Waiting:
    """What waits because of one rule for one channel."""

    rule_id: int
    channel_id: int
    issues: int
    due_at: datetime
    """When the first of it may go."""


@frozen
class Standing:
    """Reads how alarms stand."""

    _database: Database

    def dead_letters(self) -> int:
        """Return how many messages were given up that somebody can still send again: rule and channel are there.

        Those that somebody dismissed are given up for good.
        """
        table = alarm_deliveries.c
        statement = select(func.count()).where(
            table.state == DeliveryState.DEAD,
            exists().where(alarm_rules.c.id == table.rule_id),
            exists().where(alarm_channels.c.id == table.channel_id),
        )
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one()

    def waiting(self, channel_id: int | None = None) -> tuple[Waiting, ...]:
        """Return what waits, for one channel or all, what is due first at the top."""
        due_at = func.min(_C.due_at)
        statement = (
            select(_C.rule_id, _C.channel_id, func.count().label("issues"), due_at.label("due_at"))
            .where(_C.state == OutboxState.WAITING)
            .group_by(_C.rule_id, _C.channel_id)
            .order_by(due_at, _C.rule_id, _C.channel_id)
        )
        if channel_id is not None:
            statement = statement.where(_C.channel_id == channel_id)
        with self._database.read() as connection:
            return tuple(Waiting(**row._mapping) for row in connection.execute(statement))  # noqa: SLF001 - its public name

    def next_attempts(self, deliveries: Iterable[Delivery]) -> Mapping[int, datetime]:
        """Return when messages are tried again, by the number of their latest attempt."""
        attempts = {(each.message_id, each.attempt): each for each in deliveries}
        statement = (
            select(_C.message_id, func.max(_C.attempts).label("attempt"), func.min(_C.due_at).label("due_at"))
            .where(
                _C.channel_id.in_({each.channel_id for each in attempts.values()}),
                _C.state == OutboxState.WAITING,
                _C.message_id.in_({message_id for message_id, _ in attempts}),
            )
            .group_by(_C.message_id)
        )
        with self._database.read() as connection:
            found = connection.execute(statement).all()
        return {
            attempts[row.message_id, row.attempt].id: row.due_at
            for row in found
            if (row.message_id, row.attempt) in attempts
        }
