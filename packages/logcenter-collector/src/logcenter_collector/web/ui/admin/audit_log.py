"""The audit log: who changed what."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.datastructures import MultiDict

from logcenter_collector.store.access.audit_log import AuditQuery, read_audit
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.handlers import shows
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.storable import storable_text

AUDIT: Final = "/admin/audit"
FILTERS: Final = ("actor", "action", "project")
DIGITS: Final = 18
NOUNS: Final = ("account", "session", "token", "key", "doors", "issue", "project")
"""What actions are about: the part before the dot."""


@shows(AUDIT)
def audit_log(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show a page of the log."""
    params = request.query_params
    query = AuditQuery(
        actor=_text(params, "actor"),
        action=_text(params, "action"),
        project_id=_text(params, "project"),
        before=_before(params.get("before", "")),
    )
    entries, older = read_audit(site.front.database, query)
    return site.page(
        request,
        "admin_audit.html",
        section="audit",
        entries=entries,
        query=query,
        nouns=NOUNS,
        projects=view.projects(),
        filtered=any(params.get(name) for name in FILTERS),
        older=_url(params, older) if older else None,
        newest=_url(params, None) if query.before is not None else None,
    )


def _text(params: MultiDict[str], name: str) -> str:
    return storable_text(params.get(name, "")).strip()[:SHORT_CHARACTERS]


def _before(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def _url(params: MultiDict[str], before: int | None) -> str:
    """Return the URL of the log with the same filters at another place."""
    kept = [(name, params[name]) for name in FILTERS if params.get(name)]
    query = urlencode([*kept, *([("before", str(before))] if before else [])])
    return f"{AUDIT}?{query}" if query else AUDIT
