"""Everything that is known of credentials and doors at one moment, by what is looked up with a request."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from logcenter_collector.domain.access import Principal, PrincipalKind, Scope


@frozen(kw_only=True)
class TokenRecord:
    """A token that was not revoked, and what it is good for now."""

    id: int
    name: str
    scopes: frozenset[Scope]
    projects: frozenset[str] | None
    expires_at: datetime | None

    def principal(self, now: datetime) -> Principal | None:
        """Return whoever holds it, or None once it has expired."""
        if self.expires_at is not None and self.expires_at <= now:
            return None
        return token_principal(self.name, self.scopes, self.projects)


def token_principal(name: str, scopes: frozenset[Scope], projects: frozenset[str] | None = None) -> Principal:
    """Return the principal of a token. Its name says that it is one: no token passes for a person in a history."""
    return Principal(kind=PrincipalKind.TOKEN, name=f"token:{name}", scopes=scopes, projects=projects)


@frozen(kw_only=True)
class KeyRecord:
    """An ingest key that was not revoked."""

    id: int
    project_id: str
    per_minute: int | None


@frozen(kw_only=True)
class DoorRecord:
    """What a project demands of its reports."""

    requires_key: bool = False
    per_minute: int | None = None
    per_day: int | None = None
    scrub_names: tuple[str, ...] = ()
    scrub_patterns: tuple[str, ...] = ()


NO_DEMANDS = DoorRecord()
"""Of a project that demands nothing of its own."""


@frozen(kw_only=True)
class Known:
    """A snapshot. Tokens and keys by the hash of their secret, doors by their project."""

    tokens: Mapping[bytes, TokenRecord] = field(factory=dict)
    keys: Mapping[bytes, KeyRecord] = field(factory=dict)
    doors: Mapping[str, DoorRecord] = field(factory=dict)
    has_accounts: bool = False
