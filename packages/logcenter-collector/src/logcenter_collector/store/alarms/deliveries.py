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
from logcenter_collector.store.base import Page
from logcenter_collector.store.cursors import DELIVERIES, page_of_log, read_log_cursor
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
    """Lists attempts, and takes up dead letters again or lets them be."""

    _database: Database
    _rulebook: Rulebook

    def page(
        self, *, state: DeliveryState | None = None, channel_id: int | None = None, limit: int, cursor: str | None
    ) -> Page[Delivery]:
        """Return one page of attempts, newest first. Raises InvalidCursorError."""
        wanted: list[ColumnElement[bool]] = [_C.id < read_log_cursor(DELIVERIES, cursor)]
        if state is not None:
            wanted.append(_C.state == state)
        if channel_id is not None:
            wanted.append(_C.channel_id == channel_id)
        statement = select(*_SHOWN).where(*wanted).order_by(_C.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            found = connection.execute(statement).all()
        return page_of_log(DELIVERIES, found, limit, _to_delivery)

    def retry(self, delivery_id: int, by: By, now: datetime) -> Delivery | None:
        """Send a dead letter on its way again, window or not; None where there is no such delivery.

        Raises NoDeadLetterError.
        """
        with self._database.write() as connection:
            found = _lock_delivery(connection, delivery_id)
            if found is None:
                return None
            _refuse_unless_dead(found)
            _refuse_without_sender(connection, found)
            events = msgspec.convert(unpack(found.letter), type=list[AlarmEvent])
            put_back(connection, found.rule_id, found.channel_id, events, now)
            delivery = _close_letter(connection, found, DeliveryState.RETRIED, "retry", by, now)
        self._rulebook.wake()
        return delivery

    def dismiss(self, delivery_id: int, by: By, now: datetime) -> Delivery | None:
        """Say that nobody needs a dead letter any more; None where there is no such delivery. Raises NoDeadLetterError.

        What it was about goes: it cannot be sent again.
        """
        with self._database.write() as connection:
            found = _lock_delivery(connection, delivery_id)
            if found is None:
                return None
            _refuse_unless_dead(found)
            return _close_letter(connection, found, DeliveryState.DISMISSED, "dismiss", by, now)


def _lock_delivery(connection: Connection, delivery_id: int) -> Row[Any] | None:
    return connection.execute(select(alarm_deliveries).where(_C.id == delivery_id).with_for_update()).first()


def _close_letter(  # noqa: PLR0913, PLR0917 - what becomes of what, and whose doing that is
    connection: Connection, found: Row[Any], state: DeliveryState, verb: str, by: By, now: datetime
) -> Delivery:
    values = {"state": state, "letter": None}
    connection.execute(update(alarm_deliveries).where(_C.id == found.id).values(values))
    subject, detail = str(found.id), {"title": found.title, "channel": found.channel_name}
    write_audit(connection, AuditEntry(at=now, by=by, action=f"alarm_delivery.{verb}", subject=subject, detail=detail))
    return _to_delivery(connection.execute(select(*_SHOWN).where(_C.id == found.id)).one())


def _refuse_unless_dead(found: Row[Any]) -> None:
    if found.state != DeliveryState.DEAD:
        raise NoDeadLetterError(f"It is {found.state}, and a dead letter no more.")


def _refuse_without_sender(connection: Connection, found: Row[Any]) -> None:
    for table, what in ((alarm_rules, "rule"), (alarm_channels, "channel")):
        number = getattr(found, f"{what}_id")
        if connection.execute(select(table.c.id).where(table.c.id == number)).first() is None:
            raise NoDeadLetterError(f"Its {what} was deleted.")


def _to_delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of it
    return Delivery(**{**values, "state": DeliveryState(values["state"])})
