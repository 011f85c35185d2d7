"""Ingest keys: made, listed, revoked. When one was last used, store/access/tokens.py writes."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen
from sqlalchemy import RowMapping, select, update

from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.access.tables import ingest_keys
from logcenter_collector.store.database import Database


@frozen(kw_only=True)
class NewKey:
    """A key to make."""

    project_id: str
    hash: bytes
    hint: str
    name: str
    per_minute: int | None = None


@frozen(kw_only=True)
class Key:
    """A key as it is listed; nothing here lets anything in."""

    id: int
    project_id: str
    name: str
    hint: str
    per_minute: int | None
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None


def create_key(database: Database, new: NewKey, by: By, now: datetime) -> Key:
    """Make a key and return it."""
    row = {
        "project_id": new.project_id,
        "hash": new.hash,
        "hint": new.hint,
        "name": new.name,
        "per_minute": new.per_minute,
        "created_at": now,
        "created_by": by.principal.name,
    }
    with database.write() as connection:
        made = connection.execute(ingest_keys.insert().values(row).returning(*ingest_keys.c)).mappings().one()
        detail = {"name": new.name, "per_minute": new.per_minute}
        write_audit(connection, _entry("key.create", made, by, now, detail))
        return _to_key(made)


def list_keys(database: Database, project_id: str) -> tuple[Key, ...]:
    """Return all keys of a project, the latest first, revoked ones as well."""
    chosen = select(ingest_keys).where(ingest_keys.c.project_id == project_id).order_by(ingest_keys.c.id.desc())
    with database.read() as connection:
        return tuple(_to_key(row) for row in connection.execute(chosen).mappings())


def revoke_key(database: Database, project_id: str, key_id: int, by: By, now: datetime) -> Key | None:
    """Revoke a key of a project and return it; None when there is none. One that was revoked stays as it was."""
    of_project = (ingest_keys.c.id == key_id, ingest_keys.c.project_id == project_id)
    with database.write() as connection:
        revoking = update(ingest_keys).where(*of_project, ingest_keys.c.revoked_at.is_(None)).values(revoked_at=now)
        is_new = connection.execute(revoking).rowcount
        row = connection.execute(select(ingest_keys).where(*of_project)).mappings().first()
        if row is not None and is_new:
            write_audit(connection, _entry("key.revoke", row, by, now, {"name": row["name"]}))
        return None if row is None else _to_key(row)


def _entry(action: str, row: RowMapping, by: By, now: datetime, detail: Mapping[str, object]) -> AuditEntry:
    return AuditEntry(at=now, by=by, action=action, project_id=row["project_id"], subject=str(row["id"]), detail=detail)


def _to_key(row: RowMapping) -> Key:
    return Key(
        id=row["id"],
        project_id=row["project_id"],
        name=row["name"],
        hint=row["hint"],
        per_minute=row["per_minute"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
