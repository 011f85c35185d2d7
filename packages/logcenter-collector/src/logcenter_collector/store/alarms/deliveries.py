"""What became of every attempt to send, newest first; and the dead letters, which somebody can send after all."""

from datetime import datetime
from typing import Any, Final

import msgspec
from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Row, select, update

from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.event import AlarmEvent
from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.alarms.outbox import put_back
from logcenter_collector.store.alarms.rules import Rulebook
from logcenter_collector.store.alarms.tables import alarm_channels, alarm_deliveries, alarm_rules
from logcenter_collector.store.base import InvalidCursorError, Page
from logcenter_collector.store.database import Database
from logcenter_collector.store.rows import unpack

_C: Final = alarm_deliveries.c
_SHOWN: Final = tuple(column for column in _C if column.name != "letter")


class NoDeadLetterError(Exception):
    """A delivery cannot be sent again; the message says why."""


@frozen(kw_only=True)
class Delivery:
    """One attempt."""

    id: int
    message_id: str
    """The same at every attempt of a message; receivers know it as its id."""
    rule_id: int
    rule_name: str
    channel_id: int
    channel_name: str
    title: str
    issues: int
    """How many the message tells of."""
    attempt: int
    state: DeliveryState
    reason: str | None
    begun_at: datetime
    ended_at: datetime | None


@frozen
class Deliveries:
    """Lists attempts, and takes up dead letters again."""

    _database: Database
    _rulebook: Rulebook

    def page(
        self, *, state: DeliveryState | None = None, channel_id: int | None = None, limit: int, cursor: str | None
    ) -> Page[Delivery]:
        """Return one page of attempts, newest first. Raises InvalidCursorError."""
        wanted: list[ColumnElement[bool]] = []
        if state is not None:
            wanted.append(_C.state == state)
        if channel_id is not None:
            wanted.append(_C.channel_id == channel_id)
        if cursor:
            wanted.append(_C.id < _read_cursor(cursor))
        statement = select(*_SHOWN).where(*wanted).order_by(_C.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            found = connection.execute(statement).all()
        more = str(found[limit - 1].id) if len(found) > limit else None
        return Page(items=tuple(map(_to_delivery, found[:limit])), next_cursor=more)

    def retry(self, delivery_id: int, by: By, now: datetime) -> Delivery | None:
        """Send a dead letter on its way again, window or not; None where there is no such delivery.

        Raises NoDeadLetterError.
        """
        with self._database.write() as connection:
            found = connection.execute(select(alarm_deliveries).where(_C.id == delivery_id).with_for_update()).first()
            if found is None:
                return None
            _refuse_unless_dead(connection, found)
            events = msgspec.convert(unpack(found.letter), type=list[AlarmEvent])
            put_back(connection, found.rule_id, found.channel_id, events, now)
            values = {"state": DeliveryState.RETRIED, "letter": None}
            connection.execute(update(alarm_deliveries).where(_C.id == delivery_id).values(values))
            subject, detail = str(delivery_id), {"title": found.title, "channel": found.channel_name}
            entry = AuditEntry(at=now, by=by, action="alarm_delivery.retry", subject=subject, detail=detail)
            write_audit(connection, entry)
            changed = connection.execute(select(*_SHOWN).where(_C.id == delivery_id)).one()
        self._rulebook.wake()
        return _to_delivery(changed)


def _refuse_unless_dead(connection: Connection, found: Row[Any]) -> None:
    if found.state != DeliveryState.DEAD:
        raise NoDeadLetterError(f"It is {found.state}: only a dead letter can be sent again.")
    for table, what in ((alarm_rules, "rule"), (alarm_channels, "channel")):
        number = getattr(found, f"{what}_id")
        if connection.execute(select(table.c.id).where(table.c.id == number)).first() is None:
            raise NoDeadLetterError(f"Its {what} was deleted.")


def _read_cursor(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > len(str(2**63)) - 1:
        raise InvalidCursorError
    return int(cursor)


def _to_delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of it
    return Delivery(**{**values, "state": DeliveryState(values["state"])})
