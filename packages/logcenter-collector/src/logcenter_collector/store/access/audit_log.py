"""The audit log as it is read: a page at a time, the newest first."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import RowMapping, select

from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.database import Database

AT_ONCE: Final = 50


@frozen(kw_only=True)
class AuditQuery:
    """Which entries to show. What is empty matches all."""

    actor: str = ""
    action: str = ""
    """The action, or its noun: ``token`` is every ``token.…``."""
    project_id: str = ""
    before: int | None = None
    """Entries older than that with this id."""


@frozen(kw_only=True)
class Recorded:
    """One entry."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    address: str | None
    action: str
    project_id: str | None
    subject: str | None
    detail: Mapping[str, Any]


def read_audit(database: Database, query: AuditQuery) -> tuple[tuple[Recorded, ...], int | None]:
    """Return a page of the log, and before which id the next one begins; None at the end."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(AT_ONCE + 1)
    if query.actor:
        statement = statement.where(audit.c.actor == query.actor)
    if query.action:
        noun = f"{query.action}."
        statement = statement.where((audit.c.action == query.action) | audit.c.action.startswith(noun, autoescape=True))
    if query.project_id:
        statement = statement.where(audit.c.project_id == query.project_id)
    if query.before is not None:
        statement = statement.where(audit.c.id < query.before)
    with database.read() as connection:
        found = [_to_recorded(row) for row in connection.execute(statement).mappings()]
    page = found[:AT_ONCE]
    return tuple(page), page[-1].id if len(found) > AT_ONCE else None


def _to_recorded(row: RowMapping) -> Recorded:
    return Recorded(**{**row, "detail": json.loads(row["detail"]) if row["detail"] else {}})
