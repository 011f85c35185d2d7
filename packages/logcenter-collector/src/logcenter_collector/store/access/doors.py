"""What projects demand of their reports: read, and set with a note of what was changed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, evolve
from sqlalchemy import Connection, select

from logcenter_collector.domain.credentials import NO_DEMANDS, DoorRecord
from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.access.loading import to_door
from logcenter_collector.store.access.tables import project_doors
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import insert


def read_door(database: Database, project_id: str) -> DoorRecord:
    """Return what a project demands."""
    with database.read() as connection:
        return _read(connection, project_id)


def set_door(database: Database, project_id: str, changes: Mapping[str, Any], by: By, now: datetime) -> DoorRecord:
    """Set what ``changes`` names (fields of DoorRecord), leave the rest, and return what holds now."""
    with database.write() as connection:
        before = _read(connection, project_id)
        after = evolve(before, **changes)
        changed = {
            name: value for name, value in asdict(after, recurse=False).items() if value != getattr(before, name)
        }
        if changed:
            _write(connection, project_id, after, now)
            entry = AuditEntry(at=now, by=by, action="doors.set", project_id=project_id, detail=changed)
            write_audit(connection, entry)
        return after


def _read(connection: Connection, project_id: str) -> DoorRecord:
    chosen = select(project_doors).where(project_doors.c.project_id == project_id)
    row = connection.execute(chosen).mappings().first()
    return NO_DEMANDS if row is None else to_door(row)


def _write(connection: Connection, project_id: str, door: DoorRecord, now: datetime) -> None:
    values = {
        "requires_key": door.requires_key,
        "per_minute": door.per_minute,
        "per_day": door.per_day,
        "scrub_names": json.dumps(door.scrub_names, ensure_ascii=False),
        "scrub_patterns": json.dumps(door.scrub_patterns, ensure_ascii=False),
        "updated_at": now,
    }
    statement = insert(connection, project_doors).values(project_id=project_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id"], set_=values))
