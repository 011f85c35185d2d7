"""Signing in at an identity provider: who may come, what the browser takes along, and whom it comes back as."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from attrs import field, frozen

from logcenter_collector.domain.access import Role
from logcenter_collector.domain.people import NAME_CHARACTERS, PeopleRefusedError

FLOW_LIFETIME: Final = timedelta(minutes=10)


@frozen(kw_only=True)
class OidcSettings:
    """The identity provider, and who of it may come."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    role: Role = Role.VIEWER
    """Of people who sign in for the first time."""
    domains: tuple[str, ...] = ()
    """Of e-mail addresses; none: everybody whom the provider knows."""

    @property
    def called(self) -> str:
        """How a page calls the provider: its host."""
        return self.issuer.partition("://")[2].partition("/")[0]


@frozen(kw_only=True)
class Flow:
    """What the browser keeps between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str = field(repr=False)


@frozen(kw_only=True)
class Identity:
    """Whom an identity provider knows."""

    issuer: str
    subject: str
    names: tuple[str, ...]
    """What they are called there, the best account name first."""
    display_name: str | None

    @classmethod
    def from_claims(cls, issuer: str, claims: Mapping[str, Any]) -> "Identity":
        """Return whom an ID token is about."""
        email = str(claims.get("email") or "")
        wanted = (claims.get("preferred_username"), email.partition("@")[0], claims.get("nickname"), claims.get("name"))
        shown = str(claims.get("name") or "").strip()[:NAME_CHARACTERS]
        names = tuple(str(name) for name in wanted if name)
        return cls(issuer=issuer, subject=str(claims["sub"]), names=names, display_name=shown or None)


def check_domain(claims: Mapping[str, Any], domains: Collection[str]) -> None:
    """Hold that somebody's verified e-mail address is of one of the domains. Raises PeopleRefusedError."""
    if not domains:
        return
    _, at, domain = str(claims.get("email") or "").rpartition("@")
    if not at or claims.get("email_verified") not in {True, "true"}:
        raise PeopleRefusedError("oidc_no_email")
    if domain.lower() not in {allowed.lower().lstrip("@") for allowed in domains}:
        raise PeopleRefusedError("oidc_domain")
