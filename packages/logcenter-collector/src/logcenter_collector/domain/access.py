"""Who may do what: scopes, the roles that people have, and whoever asks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen


class Scope(StrEnum):
    """What a credential is good for."""

    REPORT = "report"
    READ = "read"
    TRIAGE = "triage"
    """Move issues, set a project's name, repository and description."""
    ADMIN = "admin"
    """People, tokens, keys, what a project demands, alarms, the audit log."""


class Role(StrEnum):
    """What somebody who signs in is, the least first."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"


SCOPES_OF: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.MEMBER: frozenset({Scope.READ, Scope.TRIAGE}),
    Role.ADMIN: frozenset(Scope),
}


class PrincipalKind(StrEnum):
    """How somebody is known."""

    ANYONE = "anyone"
    """Whoever reaches an open collector."""
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - a word
    KEY = "key"
    COLLECTOR = "collector"
    """The collector itself, or whoever may run its commands."""


@frozen(kw_only=True)
class Principal:
    """Whoever asks, and what for."""

    kind: PrincipalKind
    name: str
    """As the history and the audit log call it; empty for anyone."""
    scopes: frozenset[Scope]
    projects: frozenset[str] | None = None
    """The only projects that exist for this principal; None: all."""

    def may(self, scope: Scope, project_id: str | None = None) -> bool:
        """Whether this is allowed, in one project or, without one, at all."""
        return scope in self.scopes and (project_id is None or self.sees(project_id))

    def sees(self, project_id: str) -> bool:
        """Whether a project exists for this principal."""
        return self.projects is None or project_id in self.projects

    @property
    def may_everywhere(self) -> bool:
        """Whether no project is hidden."""
        return self.projects is None


ANYONE: Final = Principal(kind=PrincipalKind.ANYONE, name="", scopes=frozenset(Scope))
COLLECTOR: Final = Principal(kind=PrincipalKind.COLLECTOR, name="collector", scopes=frozenset(Scope))
