"""Tokens over HTTP: made, used, listed, revoked."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from logcenter_collector.store.sql import SqlStore
from support.doors import closed_door, tokens_of
from support.served import served
from support.stores import START

Headers = dict[str, str]


class Clock:
    """A clock that is set by hand."""

    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(tmp_path: Path, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A closed collector, asked by an administrator unless a request says else."""
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        doorway = closed_door(store)
        async with served(store, doorway=doorway, clock=clock) as client:
            client.headers["Authorization"] = f"Bearer {tokens_of(doorway)['admin']}"
            yield client


async def make(api: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
    """Make a token."""
    response = await api.post("/api/v1/tokens", json={"name": "ci", "scopes": ["read"], **wanted})
    assert 200 == response.status_code, response.text
    assert "no-store" == response.headers["cache-control"]
    return dict(response.json())


async def status_for(api: httpx.AsyncClient, token: dict[str, Any], path: str = "/api/v1/issues") -> int:
    """Return how a request by a token is answered."""
    return (await api.get(path, headers={"Authorization": f"Bearer {token['token']}"})).status_code


async def test_a_token_lets_in_at_once_and_its_secret_is_shown_once(api: httpx.AsyncClient) -> None:
    token = await make(api, projects=["shop", "cart"], expires_in_days=30)
    listed = await api.get("/api/v1/tokens")

    assert 200 == await status_for(api, token)
    assert token["token"] not in listed.text
    shown = {name: token[name] for name in token if name != "token"}
    assert shown == listed.json()[0]
    assert ("ci", ["read"], ["cart", "shop"], "token:admin") == tuple(
        token[name] for name in ("name", "scopes", "projects", "created_by")
    )
    assert token["token"].startswith(token["hint"])
    assert token["token"] not in (await api.get("/api/v1/audit")).text


async def test_a_revoked_token_lets_nobody_in_any_more(api: httpx.AsyncClient) -> None:
    token = await make(api)
    revoked = await api.delete(f"/api/v1/tokens/{token['id']}")

    assert 200 == revoked.status_code
    assert revoked.json()["revoked_at"] is not None
    assert 401 == await status_for(api, token)
    assert revoked.json() == (await api.get("/api/v1/tokens")).json()[0]


async def test_an_expired_token_lets_nobody_in_any_more(api: httpx.AsyncClient, clock: Clock) -> None:
    token = await make(api, expires_in_days=1)

    clock.now += timedelta(days=1, seconds=-1)
    assert 200 == await status_for(api, token)
    clock.now += timedelta(seconds=1)
    assert 401 == await status_for(api, token)


@pytest.mark.parametrize("token_id", ["0", "-1", "999999", str(2**80)])
async def test_a_token_that_is_not_there_is_404(api: httpx.AsyncClient, token_id: str) -> None:
    assert 404 == (await api.delete(f"/api/v1/tokens/{token_id}")).status_code


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({}, ["name", "scopes"]),
        ({"name": " ", "scopes": []}, ["name", "scopes"]),
        ({"name": "x" * 201, "scopes": ["everything"]}, ["name", "scopes"]),
        ({"name": "a\nb", "scopes": ["read"]}, ["name"]),
        ({"name": "ci", "scopes": "read"}, ["scopes"]),
        ({"name": "ci", "scopes": ["read"], "projects": []}, ["projects"]),
        ({"name": "ci", "scopes": ["read"], "projects": ["../x"]}, ["projects"]),
        ({"name": "ci", "scopes": ["read"], "expires_in_days": 0}, ["expires_in_days"]),
        ({"name": "ci", "scopes": ["read"], "expires_in_days": 10**9}, ["expires_in_days"]),
        ([], ["(body)"]),
    ],
)
async def test_wrong_fields_of_a_token_are_400_and_named(
    api: httpx.AsyncClient, wrong: object, fields: list[str]
) -> None:
    response = await api.post("/api/v1/tokens", json=wrong)

    assert (400, fields) == (response.status_code, [error["field"] for error in response.json()["errors"]])
