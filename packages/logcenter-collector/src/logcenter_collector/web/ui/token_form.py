"""The form of a new token."""

from datetime import datetime, timedelta
from typing import Final

from logcenter_collector.access.issuing import TokenWish
from logcenter_collector.domain.access import Scope
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.web.ui.forms import Form

DAYS: Final = (30, 90, 365, 0)
"""After how many days a token may expire; 0: never."""


def token_from(form: Form, allowed: frozenset[Scope], projects: frozenset[str] | None, now: datetime) -> TokenWish:
    """Return the token that a form asks for. Raises PeopleRefusedError."""
    name, wanted = form.short("token_name"), form.several("scope")
    scopes = frozenset(scope for scope in Scope if scope in wanted)
    if not name or not name.isprintable():
        raise PeopleRefusedError("token_name", "token_name")
    if not scopes or len(scopes) != len(wanted) or not scopes <= allowed:
        raise PeopleRefusedError("token_scopes", "scope")
    if Scope.ADMIN in scopes and projects is not None:
        raise PeopleRefusedError("admin_everywhere", "projects")
    return TokenWish(name=name, scopes=scopes, projects=projects, expires_at=_expiry(form.text("days"), now))


def _expiry(days: str, now: datetime) -> datetime | None:
    chosen = next((known for known in DAYS if str(known) == days), DAYS[0])
    return now + timedelta(days=chosen) if chosen else None


def projects_from(form: Form) -> frozenset[str] | None:
    """Return the only projects that a form chooses; None: all. Raises PeopleRefusedError."""
    if form.text("reach") != "only":
        return None
    chosen = form.several("project")
    if not chosen:
        raise PeopleRefusedError("no_projects_chosen", "projects")
    return chosen
