"""The audit log: who changed what, written in the transaction of the change itself."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen
from sqlalchemy import Connection

from logcenter_collector.domain.access import ANYONE, COLLECTOR, Principal
from logcenter_collector.store.access.tables import audit


@frozen(kw_only=True)
class By:
    """Who does something, and from where."""

    principal: Principal
    address: str | None = None


BY_ANYONE: Final = By(principal=ANYONE)
BY_COLLECTOR: Final = By(principal=COLLECTOR)


@frozen(kw_only=True)
class AuditEntry:
    """One change."""

    at: datetime
    by: By
    action: str
    """What was done: a noun and a verb, such as ``token.create``."""
    project_id: str | None = None
    subject: str | None = None
    """What it was done to: an id or a name."""
    detail: Mapping[str, Any] = field(factory=dict)
    """JSON; never a secret."""


def write_audit(connection: Connection, entry: AuditEntry) -> None:
    """Write an entry; it is committed with the change or not at all."""
    connection.execute(
        audit.insert(),
        {
            "at": entry.at,
            "actor": entry.by.principal.name,
            "actor_kind": entry.by.principal.kind,
            "address": entry.by.address,
            "action": entry.action,
            "project_id": entry.project_id,
            "subject": entry.subject,
            "detail": json.dumps(entry.detail, ensure_ascii=False) if entry.detail else None,
        },
    )
