"""Tokens: list, make, revoke."""

from datetime import timedelta
from typing import Any

from litestar import delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.access.issuing import TokenWish, issue_token, revoke_token
from logcenter_collector.domain.access import Scope
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.store.access.tokens import Token, list_tokens
from logcenter_collector.web.api.token_shapes import IssuedToken, ShownToken, TokenRequest
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedBy, InjectedCredentials, InjectedNow
from logcenter_collector.web.openapi import array_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/tokens",
    sync_to_thread=True,
    summary="All tokens, the latest first",
    description="Revoked and expired ones as well.",
    tags=["Access"],
    opt={"answers": array_of(ShownToken)},
)
def get_tokens(credentials: InjectedCredentials) -> list[dict[str, Any]]:
    """Return all tokens, without their secrets."""
    return [to_wire(ShownToken(**_shown(token))) for token in list_tokens(credentials.database)]


@post(
    "/api/v1/tokens",
    status_code=200,
    summary="Make a token",
    description="The answer holds the secret, this once.",
    tags=["Access"],
    opt={"takes": ref(TokenRequest), "answers": ref(IssuedToken)},
)
async def make_token(
    request: AnyRequest, credentials: InjectedCredentials, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Make a token and return it with its secret."""
    wanted = read_object(TokenRequest, await read_json(request))
    wish = TokenWish(
        name=wanted.name.strip(),
        scopes=frozenset(map(Scope, wanted.scopes)),
        projects=None if wanted.projects is None else frozenset(wanted.projects),
        expires_at=None if wanted.expires_in_days is None else now + timedelta(days=wanted.expires_in_days),
    )
    token, secret = await sync_to_thread(issue_token, credentials, wish, by, now)
    return dict(to_wire(IssuedToken(**_shown(token), token=secret)))


@delete(
    "/api/v1/tokens/{token_id:int}",
    status_code=200,
    sync_to_thread=True,
    summary="Revoke a token",
    description="It lets nobody in from now on, and stays in the list.",
    tags=["Access"],
    opt={"answers": ref(ShownToken)},
)
def delete_token(
    token_id: FromPath[int], credentials: InjectedCredentials, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Revoke a token and return it."""
    token = revoke_token(credentials, token_id, by, now) if 0 < token_id <= INTEGER_MAX else None
    if token is None:
        raise not_found(f"token {token_id}")
    return dict(to_wire(ShownToken(**_shown(token))))


def _shown(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "scopes": tuple(sorted(token.scopes)),
        "projects": None if token.projects is None else tuple(sorted(token.projects)),
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }
