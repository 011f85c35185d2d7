"""The door of the API: who is it, by what a request carries."""

from datetime import datetime
from hmac import compare_digest

from attrs import field, frozen

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.secrets import hashed
from logcenter_collector.domain.access import ANYONE, Principal, Scope
from logcenter_collector.domain.credentials import token_principal
from logcenter_collector.domain.openness import Openness

ADMINISTRATOR = token_principal("admin-token", frozenset(Scope))
"""Whoever holds the token of the setting ``admin_token``."""

_SEND = "Send `Authorization: Bearer` and a token; administrators make them."


class NotSignedInError(Exception):
    """Nobody knows who asks (401); the message says what to send."""

    def __init__(self, detail: str = _SEND, *, is_wrong: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_wrong = is_wrong
        """Whether there was a credential, and not a good one."""


class NotAllowedError(Exception):
    """Whoever asks is known and may not do this (403)."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@frozen(kw_only=True)
class Doorway:
    """Who is let in, and as whom."""

    credentials: Credentials
    openness: Openness
    admin_token: str = field(default="", repr=False)

    @property
    def is_open(self) -> bool:
        """Whether everybody who reaches the collector may do everything."""
        return self.openness.is_open(has_accounts=self.credentials.has_accounts)

    def enter(self, authorization: str | None, now: datetime) -> Principal:
        """Return whoever sends a request with this ``Authorization`` header. Raises NotSignedInError."""
        if self.is_open:
            return ANYONE
        if authorization is None:
            raise NotSignedInError
        secret = bearer_of(authorization)
        if secret is None:
            raise NotSignedInError("Only `Authorization: Bearer` and a token is read here.", is_wrong=True)
        principal = self.holder_of(secret, now)
        if principal is None:
            raise NotSignedInError("This token is unknown, revoked or expired.", is_wrong=True)
        return principal

    def holder_of(self, secret: str, now: datetime) -> Principal | None:
        """Return whoever holds a token, that of the settings among them; None if nobody does."""
        return self.principal_of_hash(hashed(secret), now)

    def principal_of_hash(self, token_hash: bytes, now: datetime) -> Principal | None:
        """Return whoever holds the token of a hash; None if nobody does."""
        if self.admin_token and compare_digest(hashed(self.admin_token), token_hash):
            return ADMINISTRATOR
        return self.credentials.principal_of_hash(token_hash, now)


def bearer_of(authorization: str) -> str | None:
    """Return the token of an ``Authorization`` header, or None if it holds something else."""
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None
