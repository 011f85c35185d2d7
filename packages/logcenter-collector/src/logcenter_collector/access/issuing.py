"""Make and revoke tokens: the secret is made here, is told once and is kept by nobody."""

from datetime import datetime

from attrs import frozen

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.secrets import TOKEN_PREFIX, hashed, hint_of, new_secret
from logcenter_collector.domain.access import Scope
from logcenter_collector.store.access import tokens
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.tokens import NewToken, Token


@frozen(kw_only=True)
class TokenWish:
    """A token that somebody wants."""

    name: str
    scopes: frozenset[Scope]
    projects: frozenset[str] | None = None
    expires_at: datetime | None = None


def issue_token(credentials: Credentials, wish: TokenWish, by: By, now: datetime) -> tuple[Token, str]:
    """Make a token, and return it with its secret."""
    secret = new_secret(TOKEN_PREFIX)
    new = NewToken(
        hash=hashed(secret),
        hint=hint_of(secret),
        name=wish.name,
        scopes=wish.scopes,
        projects=wish.projects,
        expires_at=wish.expires_at,
    )
    token = tokens.create_token(credentials.database, new, by, now)
    credentials.changed()
    return token, secret


def revoke_token(credentials: Credentials, token_id: int, by: By, now: datetime) -> Token | None:
    """Let nobody in by a token any more, and return it; None when there is no such token."""
    token = tokens.revoke_token(credentials.database, token_id, by, now)
    credentials.changed()
    return token
