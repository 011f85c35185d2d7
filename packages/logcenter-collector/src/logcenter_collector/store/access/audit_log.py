"""Read the audit log, the newest entry first."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import ColumnElement, Row, or_, select

from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.base import Page
from logcenter_collector.store.cursors import AUDIT, page_of_log, read_log_cursor
from logcenter_collector.store.database import Database


@frozen(kw_only=True)
class AuditQuery:
    """Which entries to list. What is empty matches all."""

    actor: str = ""
    action: str = ""
    """The action, or its noun: ``token`` is every ``token.…``."""
    project_id: str = ""


EVERYTHING: Final = AuditQuery()


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


def list_audit(
    database: Database, *, limit: int, cursor: str | None = None, query: AuditQuery = EVERYTHING
) -> Page[AuditRecord]:
    """Return one page of the audit log. Raises InvalidCursorError."""
    before = read_log_cursor(AUDIT, cursor)
    chosen = select(audit).where(audit.c.id < before, *_conditions(query))
    statement = chosen.order_by(audit.c.id.desc()).limit(limit + 1)
    with database.read() as connection:
        found = connection.execute(statement).all()
    return page_of_log(AUDIT, found, limit, _to_record)


def _conditions(query: AuditQuery) -> Iterator[ColumnElement[bool]]:
    if query.actor:
        yield audit.c.actor == query.actor
    if query.action:
        yield or_(audit.c.action == query.action, audit.c.action.startswith(f"{query.action}.", autoescape=True))
    if query.project_id:
        yield audit.c.project_id == query.project_id


def _to_record(row: Row[Any]) -> AuditRecord:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of it
    return AuditRecord(**{**values, "detail": json.loads(row.detail) if row.detail else {}})
