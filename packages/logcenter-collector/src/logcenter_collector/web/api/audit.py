"""Who changed what."""

from typing import Any

from litestar import get

from logcenter_collector.store.access.audit_log import AuditRecord, list_audit
from logcenter_collector.web.api.issues import Cursor, Limit
from logcenter_collector.web.injected import InjectedCredentials
from logcenter_collector.web.openapi import page_of
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/audit",
    sync_to_thread=True,
    summary="Who changed what, the latest first",
    description="Every change by a person or a token. Nothing deletes entries.",
    tags=["Access"],
    opt={"answers": page_of(AuditRecord)},
)
def read_audit(credentials: InjectedCredentials, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Return one page of the audit log."""
    page = list_audit(credentials.database, limit=limit, cursor=cursor)
    return {"items": [to_wire(item) for item in page.items], "next_cursor": page.next_cursor}
