"""Signing in at an identity provider: a real one, over HTTP, that may lie."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from support.collector import Collector, start
from support.identity_provider import CLIENT, HOUR, OTHER_KEY, SECRET, IdentityProvider, providing, signed, unsigned
from support.visiting import Guest, text_of

ADMIN = "an-administrator-s-token"
FLAGS = ("--admin-token", ADMIN, "--keyless-reports", "--oidc-client-id", CLIENT, "--oidc-client-secret", SECRET)


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with providing() as provider:
        yield provider


@pytest.fixture(scope="module")
def collector(running: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    flags = (*FLAGS, "--oidc-issuer", running.url, "--oidc-role", "member", "--oidc-domains", "example.org")
    collector = start(tmp_path_factory.mktemp("oidc") / "logcenter.db", *flags)
    yield collector
    assert collector.stop() == 0


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    """The provider, honest again, with somebody new."""
    running.claims = {
        "sub": uuid4().hex,
        "preferred_username": f"p{uuid4().hex}",
        "name": "Li Lei",
        "email": "li.lei@example.org",
        "email_verified": True,
    }
    running.sign, running.denies, running.keeps_email = signed, False, False
    running.methods = ["client_secret_basic"]
    return running


@pytest.fixture
def guest(collector: Collector) -> Guest:
    return Guest(collector.dashboard_url)


def leave(guest: Guest, wanted: str = "/") -> str:
    """Go to the provider and return where it sends the browser back to."""
    there = guest.client.get("/sign-in/oidc", params={"next": wanted}).headers["location"]
    back = httpx.get(there, trust_env=False).headers["location"]
    assert back.startswith(guest.url)
    return str(back.removeprefix(guest.url))


def test_the_page_offers_the_provider_by_its_name(guest: Guest, provider: IdentityProvider) -> None:
    assert f"Sign in with {urlsplit(provider.url).netloc}" in text_of(guest.get("/sign-in").text)


def test_who_comes_for_the_first_time_gets_an_account_with_the_role_of_the_settings(
    guest: Guest, provider: IdentityProvider
) -> None:
    answer = guest.get(leave(guest, "/account"))
    page = text_of(guest.get("/account").text)

    assert (303, "/account") == (answer.status_code, answer.headers["location"])
    assert f"Li Lei Member {provider.claims['preferred_username']}" in page
    assert "there is no password here" in page


def test_who_comes_again_is_the_same_person_whatever_they_are_called_by_now(
    collector: Collector, guest: Guest, provider: IdentityProvider
) -> None:
    guest.get(leave(guest))
    name = provider.claims["preferred_username"]
    provider.claims["preferred_username"] = "admin"
    again = Guest(collector.dashboard_url)

    again.get(leave(again))

    assert name in again.get("/account").text


def test_the_request_carries_what_binds_the_answer_to_it(guest: Guest, provider: IdentityProvider) -> None:
    answer = guest.get("/sign-in/oidc")
    assert answer.headers["location"].startswith(f"{provider.url}/authorize?")
    query = {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    assert ("code", CLIENT, "openid profile email", "S256") == (
        query["response_type"],
        query["client_id"],
        query["scope"],
        query["code_challenge_method"],
    )
    assert all(len(query[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert f"{guest.url}/sign-in/oidc/callback" == query["redirect_uri"]
    assert {"HttpOnly", "Max-Age=600", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(guest: Guest, provider: IdentityProvider) -> None:
    provider.methods = ["client_secret_post"]

    assert 303 == guest.get(leave(guest)).status_code


def test_what_only_userinfo_tells_is_asked_for(guest: Guest, provider: IdentityProvider) -> None:
    provider.keeps_email = True

    assert 303 == guest.get(leave(guest)).status_code


LIES: dict[str, Any] = {
    "wrong nonce": lambda claims: signed(claims | {"nonce": "another"}),
    "no nonce": lambda claims: signed({name: value for name, value in claims.items() if name != "nonce"}),
    "wrong issuer": lambda claims: signed(claims | {"iss": "https://evil.example"}),
    "wrong audience": lambda claims: signed(claims | {"aud": "another"}),
    "another party's": lambda claims: signed(claims | {"aud": [CLIENT, "another"], "azp": "another"}),
    "expired": lambda claims: signed(claims | {"exp": int(time.time()) - HOUR}),
    "of the future": lambda claims: signed(claims | {"iat": int(time.time()) + HOUR, "nbf": int(time.time()) + HOUR}),
    "no subject": lambda claims: signed({name: value for name, value in claims.items() if name != "sub"}),
    "another key": lambda claims: signed(claims, OTHER_KEY),
    "alg none": unsigned,
    "by the shared secret": lambda claims: jwt.encode(
        {"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET.ljust(32, "x"))
    ),
    "no token at all": lambda _claims: "not.a.token",
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_is_not_right_lets_nobody_in(guest: Guest, provider: IdentityProvider, lie: str) -> None:
    provider.sign = LIES[lie]

    answer = guest.get(leave(guest))

    assert 400 == answer.status_code
    assert "What the identity provider sent is not good" in answer.text
    assert "lc_session" not in guest.client.cookies


def test_an_answer_counts_once(guest: Guest, provider: IdentityProvider) -> None:
    back = leave(guest)
    flow = guest.client.cookies["lc_oidc"]
    first = guest.get(back)
    guest.client.cookies.delete("lc_session")
    guest.client.cookies.set("lc_oidc", flow)
    provider.codes[parse_qs(urlsplit(back).query)["code"][0]] = {}  # as if the provider would take it twice

    again = guest.get(back)

    assert (303, 400) == (first.status_code, again.status_code)
    assert "does not belong to a sign-in that was begun in this browser" in again.text


def test_an_answer_is_no_use_in_another_browser(collector: Collector, guest: Guest, provider: IdentityProvider) -> None:
    assert provider.claims
    back = leave(guest)

    stolen = Guest(collector.dashboard_url).get(back)

    assert 400 == stolen.status_code
    assert "lc_session" not in stolen.headers.get("set-cookie", "")


@pytest.mark.parametrize("state", ["", "another", "é"])
def test_an_answer_with_another_state_is_refused(guest: Guest, provider: IdentityProvider, state: str) -> None:
    code = parse_qs(urlsplit(leave(guest)).query)["code"][0]

    answer = guest.client.get("/sign-in/oidc/callback", params={"code": code, "state": state})

    assert 400 == answer.status_code
    assert code in provider.codes


def test_who_is_denied_there_is_told_so(guest: Guest, provider: IdentityProvider) -> None:
    provider.denies = True

    assert "The identity provider did not let you in" in guest.get(leave(guest)).text


@pytest.mark.parametrize("email", [{"email": "a@elsewhere.org"}, {"email_verified": False}])
def test_who_has_no_verified_address_of_a_named_domain_stays_outside(
    guest: Guest, provider: IdentityProvider, email: dict[str, Any]
) -> None:
    provider.claims |= email

    assert 400 == guest.get(leave(guest)).status_code
    assert 303 == guest.get("/account").status_code


def test_a_provider_that_does_not_answer_is_said_to_be_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    with providing() as gone:
        nobody = gone.url
    collector = start(tmp_path_factory.mktemp("gone") / "logcenter.db", *FLAGS, "--oidc-issuer", nobody)

    answer = Guest(collector.dashboard_url).get("/sign-in/oidc")

    assert collector.stop() == 0
    assert "The identity provider does not answer" in answer.text
