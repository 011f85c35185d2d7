"""The channels that alarms leave by, with what they need to know; secrets among it are only for who sends."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Connection, Row, delete, select, update

from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.alarms.outbox import delete_from_outbox
from logcenter_collector.store.alarms.rules import Rulebook, leave_out_channel
from logcenter_collector.store.alarms.tables import alarm_channels, alarm_outbox
from logcenter_collector.store.database import Database

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class StoredChannel:
    """A channel as it is kept."""

    id: int
    name: str
    kind: str
    settings: Mapping[str, Any]
    """With secrets: not for lists."""
    failures: int = 0
    """How many attempts failed in a row."""
    rests_until: datetime | None = None
    """Until when nothing is sent, because attempts failed."""


@frozen
class Channels:
    """Lists and changes channels."""

    _database: Database
    _rulebook: Rulebook

    def all(self) -> tuple[StoredChannel, ...]:
        """Return every channel, the oldest first."""
        with self._database.read() as connection:
            return tuple(map(_to_channel, connection.execute(select(alarm_channels).order_by(alarm_channels.c.id))))

    def get(self, channel_id: int) -> StoredChannel | None:
        """Return one channel, or None."""
        with self._database.read() as connection:
            found = connection.execute(select(alarm_channels).where(alarm_channels.c.id == channel_id)).first()
            return None if found is None else _to_channel(found)

    def create(self, name: str, kind: str, settings: Mapping[str, Any], by: By, now: datetime) -> StoredChannel:
        """Add a channel and return it."""
        values = {"name": name, "kind": kind, "settings": json.dumps(settings), "created_at": now, "updated_at": now}
        values |= {"claimed_by": "", "claimed_until": _LONG_AGO, "failures": 0, "rests_until": _LONG_AGO}
        with self._database.write() as connection:
            new = alarm_channels.insert().returning(alarm_channels.c.id)
            channel_id = connection.execute(new, values).scalar_one()
            _audit(connection, "create", channel_id, name, kind, by, now)
        return StoredChannel(id=channel_id, name=name, kind=kind, settings=settings)

    def change(self, channel_id: int, name: str, settings: Mapping[str, Any], by: By, now: datetime) -> bool:
        """Set a channel's name and settings; what waits for it is tried at once. False when there is no such one."""
        values = {"name": name, "settings": json.dumps(settings), "updated_at": now}
        values |= {"failures": 0, "rests_until": _LONG_AGO}
        with self._database.write() as connection:
            table = alarm_channels
            changed = update(table).where(table.c.id == channel_id).values(values).returning(table.c.kind)
            kind = connection.execute(changed).scalar()
            if kind is None:
                return False
            _audit(connection, "change", channel_id, name, kind, by, now)
        self._rulebook.wake()
        return True

    def delete(self, channel_id: int, by: By, now: datetime) -> bool:
        """Remove a channel, from rules as well, and what waits for it. False when there is no such one."""
        with self._database.write() as connection:
            table = alarm_channels
            gone = delete(table).where(table.c.id == channel_id).returning(table.c.name, table.c.kind)
            found = connection.execute(gone).first()
            if found is None:
                return False
            leave_out_channel(connection, channel_id, now)
            delete_from_outbox(connection, alarm_outbox.c.channel_id == channel_id)
            _audit(connection, "delete", channel_id, found.name, found.kind, by, now)
        self._rulebook.changed()
        return True

    def note_test(self, channel: StoredChannel, outcome: str, by: By, now: datetime) -> None:
        """Write who sent a test message by a channel, and what became of it."""
        with self._database.write() as connection:
            _audit(connection, "test", channel.id, channel.name, channel.kind, by, now, outcome=outcome)

    def works_again(self, channel_id: int) -> None:
        """End the rest of a channel that somebody tried by hand with success."""
        values = {"failures": 0, "rests_until": _LONG_AGO}
        with self._database.write() as connection:
            connection.execute(update(alarm_channels).where(alarm_channels.c.id == channel_id).values(values))
        self._rulebook.wake()


def _to_channel(row: Row[Any]) -> StoredChannel:
    return StoredChannel(
        id=row.id,
        name=row.name,
        kind=row.kind,
        settings=json.loads(row.settings),
        failures=row.failures,
        rests_until=row.rests_until if row.failures else None,
    )


def _audit(  # noqa: PLR0913, PLR0917 - what was done, to what, by whom and when
    connection: Connection, verb: str, channel_id: int, name: str, kind: str, by: By, now: datetime, **more: str
) -> None:
    detail = {"name": name, "kind": kind, **more}
    entry = AuditEntry(at=now, by=by, action=f"alarm_channel.{verb}", subject=str(channel_id), detail=detail)
    write_audit(connection, entry)
