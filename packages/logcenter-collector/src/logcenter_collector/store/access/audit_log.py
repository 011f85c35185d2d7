"""Read the audit log, the newest entry first."""

import json
from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import RowMapping, select

from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.base import Page
from logcenter_collector.store.cursors import read_audit_cursor, write_audit_cursor
from logcenter_collector.store.database import Database
from logcenter_sdk.contract.limits import INTEGER_MAX


@frozen(kw_only=True)
class AuditRecord:
    """An entry of the audit log: who changed what, when, and from which address."""

    id: int
    at: datetime
    actor: str
    """Empty for anyone, whom an open collector does not know."""
    actor_kind: str
    address: str | None
    action: str
    project_id: str | None
    subject: str | None
    detail: dict[str, Any]


def list_audit(database: Database, *, limit: int, cursor: str | None = None) -> Page[AuditRecord]:
    """Return one page of the audit log. Raises InvalidCursorError."""
    before = read_audit_cursor(cursor) if cursor else INTEGER_MAX
    statement = select(audit).where(audit.c.id < before).order_by(audit.c.id.desc()).limit(limit + 1)
    with database.read() as connection:
        found = connection.execute(statement).mappings().all()
    page = found[:limit]
    return Page(
        items=tuple(_to_record(row) for row in page),
        next_cursor=write_audit_cursor(page[-1]["id"]) if len(found) > limit else None,
    )


def _to_record(row: RowMapping) -> AuditRecord:
    return AuditRecord(**{**row, "detail": json.loads(row["detail"]) if row["detail"] else {}})
