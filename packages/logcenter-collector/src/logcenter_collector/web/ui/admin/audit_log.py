"""The audit log: who changed what."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.datastructures import MultiDict

from logcenter_collector.store.access.audit_log import AuditQuery, list_audit
from logcenter_collector.store.base import InvalidCursorError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.handlers import shows
from logcenter_collector.web.ui.problem_pages import problem_page
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.storable import storable_text

AUDIT: Final = "/admin/audit"
FILTERS: Final = ("actor", "action", "project")
NOUNS: Final = (
    "account",
    "session",
    "token",
    "key",
    "doors",
    "issue",
    "project",
    "alarm_rule",
    "alarm_channel",
    "alarm_delivery",
)
"""What actions are about: the part before the dot."""
AT_ONCE: Final = 50


@shows(AUDIT)
def audit_log(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show a page of the log."""
    params = request.query_params
    query = AuditQuery(
        actor=_text(params, "actor"), action=_text(params, "action"), project_id=_text(params, "project")
    )
    cursor = params.get("cursor") or None
    try:
        page = list_audit(site.front.database, limit=AT_ONCE, cursor=cursor, query=query)
    except InvalidCursorError:
        return problem_page(site, request, 400, "cursor")
    return site.page(
        request,
        "admin_audit.html",
        section="audit",
        entries=page.items,
        query=query,
        nouns=NOUNS,
        projects=view.projects(),
        filtered=any(params.get(name) for name in FILTERS),
        older=_url(params, page.next_cursor) if page.next_cursor else None,
        newest=_url(params, None) if cursor else None,
    )


def _text(params: MultiDict[str], name: str) -> str:
    return storable_text(params.get(name, "")).strip()[:SHORT_CHARACTERS]


def _url(params: MultiDict[str], cursor: str | None) -> str:
    """Return the URL of the log with the same filters at another place."""
    kept = [(name, params[name]) for name in FILTERS if params.get(name)]
    query = urlencode([*kept, *([("cursor", cursor)] if cursor else [])])
    return f"{AUDIT}?{query}" if query else AUDIT
