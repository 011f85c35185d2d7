"""What every route of the API and of the dashboard asks of whoever comes: one table, and nothing answers without it.

A route that is not here keeps the collector from starting. docs/how-to/access.md shows the same table.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from logcenter_collector.domain.access import Scope


class Reach(Enum):
    """Which projects a principal has to see for a route."""

    SHOWN = "shown"
    """Any: the route answers of those projects that are shown to the principal, see ``access/view.py``."""
    PROJECT = "project"
    """That of the path's ``project_id``."""
    WHOLE = "whole"
    """All of them: what the route answers or changes is about the whole collector."""


@frozen
class Rule:
    """What a route asks for."""

    scope: Scope | None
    """None: anybody is answered."""
    reach: Reach = Reach.SHOWN
    by_key: bool = False
    """A route of reports: an ingest key does as well, and whether one is needed depends on the project of each report.
    That is checked where reports are taken, not by the guard."""


PUBLIC: Final = Rule(None)
REPORT: Final = Rule(Scope.REPORT, by_key=True)
READ: Final = Rule(Scope.READ)
READ_PROJECT: Final = Rule(Scope.READ, Reach.PROJECT)
READ_WHOLE: Final = Rule(Scope.READ, Reach.WHOLE)
TRIAGE: Final = Rule(Scope.TRIAGE)
TRIAGE_PROJECT: Final = Rule(Scope.TRIAGE, Reach.PROJECT)
TRIAGE_WHOLE: Final = Rule(Scope.TRIAGE, Reach.WHOLE)
ADMIN_PROJECT: Final = Rule(Scope.ADMIN, Reach.PROJECT)
ADMIN: Final = Rule(Scope.ADMIN, Reach.WHOLE)

Rules = Mapping[str, Rule]
"""By method and path, as the description of the API writes it; HEAD goes by the rule of GET."""

API_RULES: Final[Rules] = {
    "POST /api/v1/logs/report": REPORT,
    "POST /api/v1/logs/report/batch": REPORT,
    "GET /api/v1/issues": READ,
    "GET /api/v1/issues/{issue_id}": READ,
    "GET /api/v1/issues/{issue_id}/occurrences": READ,
    "GET /api/v1/issues/{issue_id}/history": READ,
    "GET /api/v1/issues/{issue_id}/stats": READ,
    "POST /api/v1/issues/{issue_id}/transitions": TRIAGE,
    "POST /api/v1/issues/bulk": TRIAGE,
    "PUT /api/v1/issues/{issue_id}/assignee": TRIAGE,
    "PUT /api/v1/issues/{issue_id}/mute": TRIAGE,
    "GET /api/v1/issues/{issue_id}/comments": READ,
    "POST /api/v1/issues/{issue_id}/comments": TRIAGE,
    "DELETE /api/v1/issues/{issue_id}/comments/{comment_id}": TRIAGE,
    "GET /api/v1/views": READ,
    "POST /api/v1/views": TRIAGE,
    "DELETE /api/v1/views/{view_id}": TRIAGE,
    "GET /api/v1/projects": READ,
    "GET /api/v1/projects/{project_id}": READ_PROJECT,
    "PUT /api/v1/projects/{project_id}": TRIAGE_PROJECT,
    "GET /api/v1/alarms/channels": ADMIN,
    "POST /api/v1/alarms/channels": ADMIN,
    "GET /api/v1/alarms/channels/{channel_id}": ADMIN,
    "PUT /api/v1/alarms/channels/{channel_id}": ADMIN,
    "DELETE /api/v1/alarms/channels/{channel_id}": ADMIN,
    "POST /api/v1/alarms/channels/{channel_id}/test": ADMIN,
    "GET /api/v1/alarms/rules": ADMIN,
    "POST /api/v1/alarms/rules": ADMIN,
    "GET /api/v1/alarms/rules/{rule_id}": ADMIN,
    "PUT /api/v1/alarms/rules/{rule_id}": ADMIN,
    "DELETE /api/v1/alarms/rules/{rule_id}": ADMIN,
    "GET /api/v1/alarms/deliveries": ADMIN,
    "POST /api/v1/alarms/deliveries/{delivery_id}/retry": ADMIN,
    "POST /api/v1/alarms/deliveries/{delivery_id}/dismiss": ADMIN,
    "GET /api/v1/projects/{project_id}/keys": ADMIN_PROJECT,
    "POST /api/v1/projects/{project_id}/keys": ADMIN_PROJECT,
    "DELETE /api/v1/projects/{project_id}/keys/{key_id}": ADMIN_PROJECT,
    "GET /api/v1/projects/{project_id}/doors": ADMIN_PROJECT,
    "PUT /api/v1/projects/{project_id}/doors": ADMIN_PROJECT,
    "GET /api/v1/overview": READ,
    "GET /api/v1/tokens": ADMIN,
    "POST /api/v1/tokens": ADMIN,
    "DELETE /api/v1/tokens/{token_id}": ADMIN,
    "GET /api/v1/audit": ADMIN,
    "GET /api/v1/people": ADMIN,
    "POST /api/v1/people": ADMIN,
    "PATCH /api/v1/people/{account_id}": ADMIN,
    "POST /api/v1/people/{account_id}/link": ADMIN,
    "GET /metrics": READ_WHOLE,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /docs/assets/{file_path}": PUBLIC,
    "GET /openapi.json": PUBLIC,
}

DASHBOARD_RULES: Final[Rules] = {
    "GET /": READ,
    "GET /live": READ,
    "GET /overview": READ,
    "GET /projects": READ,
    "POST /projects": TRIAGE_WHOLE,
    "GET /projects/{project_id}": TRIAGE_PROJECT,
    "POST /projects/{project_id}": TRIAGE_PROJECT,
    "GET /projects/{project_id}/connect": READ_PROJECT,
    "POST /projects/{project_id}/connect/key": ADMIN_PROJECT,
    "POST /projects/{project_id}/connect/test": TRIAGE_PROJECT,
    "GET /issues/{issue_id}": READ,
    "GET /issues/{issue_id}/issue.md": READ,
    "POST /issues/{issue_id}/transitions": TRIAGE,
    "POST /issues/bulk": TRIAGE,
    "POST /views": TRIAGE,
    "POST /views/{view_id}/delete": TRIAGE,
    "POST /issues/{issue_id}/assignee": TRIAGE,
    "POST /issues/{issue_id}/mute": TRIAGE,
    "POST /issues/{issue_id}/comments": TRIAGE,
    "POST /issues/{issue_id}/comments/{comment_id}/delete": TRIAGE,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "POST /sign-in/token": PUBLIC,
    "GET /sign-in/link": PUBLIC,
    "POST /sign-in/link": PUBLIC,
    "GET /sign-in/oidc": PUBLIC,
    "GET /sign-in/oidc/callback": PUBLIC,
    "POST /sign-out": PUBLIC,
    "GET /account": READ,
    "POST /account/password": READ,
    "POST /account/sessions/end": READ,
    "POST /account/tokens": READ,
    "POST /account/tokens/{token_id}/revoke": READ,
    "GET /admin": ADMIN,
    "GET /admin/people": ADMIN,
    "POST /admin/people": ADMIN,
    "POST /admin/people/first": ADMIN,
    "POST /admin/people/{account_id}": ADMIN,
    "GET /admin/tokens": ADMIN,
    "POST /admin/tokens": ADMIN,
    "POST /admin/tokens/{token_id}/revoke": ADMIN,
    "GET /admin/projects": ADMIN,
    "GET /admin/projects/{project_id}": ADMIN,
    "POST /admin/projects/{project_id}": ADMIN,
    "POST /admin/projects/{project_id}/keys": ADMIN,
    "POST /admin/projects/{project_id}/keys/{key_id}/revoke": ADMIN,
    "GET /admin/alarms": ADMIN,
    "GET /admin/alarms/channels/new": ADMIN,
    "POST /admin/alarms/channels": ADMIN,
    "GET /admin/alarms/channels/{channel_id}": ADMIN,
    "POST /admin/alarms/channels/{channel_id}": ADMIN,
    "POST /admin/alarms/channels/{channel_id}/test": ADMIN,
    "POST /admin/alarms/channels/{channel_id}/delete": ADMIN,
    "GET /admin/alarms/rules/new": ADMIN,
    "POST /admin/alarms/rules": ADMIN,
    "GET /admin/alarms/rules/{rule_id}": ADMIN,
    "POST /admin/alarms/rules/{rule_id}": ADMIN,
    "POST /admin/alarms/rules/{rule_id}/delete": ADMIN,
    "GET /admin/alarms/deliveries": ADMIN,
    "POST /admin/alarms/deliveries/{delivery_id}/retry": ADMIN,
    "POST /admin/alarms/deliveries/{delivery_id}/dismiss": ADMIN,
    "GET /admin/storage": ADMIN,
    "GET /admin/audit": ADMIN,
    "GET /static/{file_path}": PUBLIC,
}


def key_of(method: str, path: str) -> str:
    """Return under which name a route has its rule."""
    return f"{'GET' if method == 'HEAD' else method} {path}"
