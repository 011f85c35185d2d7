"""Signing in by OpenID Connect: authorization code with PKCE. The rules are Authlib's, the way there is httpx.

Authlib's own client would bring a second HTTP library along. Only a collector that has a provider imports this.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final

import httpx
from attrs import define, field
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from logcenter_collector.domain.oidc import FLOW_LIFETIME, Flow, Identity, OidcSettings, check_domain
from logcenter_collector.domain.people import PeopleRefusedError

log = logging.getLogger(__name__)

# Signatures whose key only the provider has. With "none" and those by a shared secret, others could sign as well.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPE: Final = "openid profile email"
CHARACTERS: Final = 48
SECONDS: Final = 10
LEEWAY: Final = 60
"""Seconds by which two clocks may differ."""
ANSWER_BYTES: Final = 1024 * 1024


@define
class Oidc:
    """One identity provider. Thread-safe; ``begin`` and ``finish`` ask it over HTTP."""

    settings: OidcSettings
    clock: Callable[[], datetime]
    _used: dict[str, datetime] = field(factory=dict)
    """States that have come back; each does once."""
    _lock: threading.Lock = field(factory=threading.Lock)

    def begin(self, redirect_uri: str) -> tuple[str, Flow]:
        """Return where to send the browser, and what it has to bring back. Raises PeopleRefusedError."""
        flow = Flow(
            state=generate_token(CHARACTERS), nonce=generate_token(CHARACTERS), verifier=generate_token(CHARACTERS)
        )
        with self._asking() as client:
            endpoint = self._discover(client)["authorization_endpoint"]
        url = prepare_grant_uri(
            endpoint,
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=SCOPE,
            state=flow.state,
            nonce=flow.nonce,
            code_challenge=create_s256_code_challenge(flow.verifier),
            code_challenge_method="S256",
        )
        return str(url), flow

    def finish(self, answer: Mapping[str, str], flow: Flow | None, redirect_uri: str) -> Identity:
        """Return whom the provider says the browser belongs to. Raises PeopleRefusedError."""
        if flow is None or not self._use_up(answer.get("state", ""), flow):
            raise PeopleRefusedError("oidc_state")
        if "code" not in answer:
            log.warning("The identity provider refused: %s", answer.get("error", "no code"))
            raise PeopleRefusedError("oidc_denied")
        try:
            with self._asking() as client:
                metadata = self._discover(client)
                tokens = self._fetch_tokens(client, metadata, answer["code"], flow, redirect_uri)
                claims = self._claims(client, metadata, tokens, flow.nonce)
                claims = self._completed(client, metadata, tokens, claims)
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            log.warning("What the identity provider sent is not good: %s", error)
            raise PeopleRefusedError("oidc_wrong") from error
        check_domain(claims, self.settings.domains)
        return Identity.from_claims(str(metadata["issuer"]), claims)

    def _use_up(self, state: str, flow: Flow) -> bool:
        """Whether this is the answer to that flow, and the first one."""
        now = self.clock()
        with self._lock:
            for old in [old for old, at in self._used.items() if now - at > FLOW_LIFETIME]:
                del self._used[old]
            if not compare_digest(state.encode(), flow.state.encode()) or state in self._used:
                return False
            self._used[state] = now
            return True

    def _asking(self) -> "_Asking":
        return _Asking()

    def _discover(self, client: httpx.Client) -> Mapping[str, Any]:
        """Return the provider's own description. Raises PeopleRefusedError."""
        issuer = self.settings.issuer.rstrip("/")
        metadata = _json_of(client.get(f"{issuer}/.well-known/openid-configuration"))
        if str(metadata.get("issuer", "")).rstrip("/") != issuer:
            log.error("The identity provider calls itself %r, not %r", metadata.get("issuer"), issuer)
            raise PeopleRefusedError("oidc_wrong")
        return metadata

    def _fetch_tokens(
        self, client: httpx.Client, metadata: Mapping[str, Any], code: str, flow: Flow, redirect_uri: str
    ) -> Mapping[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=flow.verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth = ClientAuth(self.settings.client_id, self.settings.client_secret, self._way_to_authenticate(metadata))
        url, headers, body = auth.prepare("POST", metadata["token_endpoint"], headers, body)
        return _json_of(client.post(url, content=body, headers=headers))

    def _way_to_authenticate(self, metadata: Mapping[str, Any]) -> str:
        if not self.settings.client_secret:
            return "none"
        known = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"

    def _claims(
        self, client: httpx.Client, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
    ) -> Mapping[str, Any]:
        """Return what the ID token says, once its signature and all it is bound to are right."""
        keys = KeySet.import_key_set(_json_of(client.get(metadata["jwks_uri"])))  # type: ignore[arg-type] # checked in it
        token = jwt.decode(str(tokens["id_token"]), keys, algorithms=ALGORITHMS)
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        bound_to = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": tokens.get("access_token")}
        claims = CodeIDToken(token.claims, token.header, options, bound_to)
        claims.validate(now=int(self.clock().timestamp()), leeway=LEEWAY)
        return dict(claims)

    def _completed(
        self,
        client: httpx.Client,
        metadata: Mapping[str, Any],
        tokens: Mapping[str, Any],
        claims: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Return the claims with those that a provider keeps for its userinfo endpoint."""
        if "email" in claims or not metadata.get("userinfo_endpoint") or not tokens.get("access_token"):
            return claims
        headers = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}
        more = _json_of(client.get(metadata["userinfo_endpoint"], headers=headers))
        if more.get("sub") != claims["sub"]:
            raise ValueError("userinfo is about somebody else")
        return {**more, **claims}


class _Asking:
    """A client of the provider, whose failures are said as such."""

    def __enter__(self) -> httpx.Client:
        self._client = httpx.Client(timeout=SECONDS, follow_redirects=False)
        return self._client

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._client.close()
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
            log.error("The identity provider does not answer as it should: %s", error)
            raise PeopleRefusedError("oidc_unreachable") from error


def _json_of(response: httpx.Response) -> Mapping[str, Any]:
    """Return the object of an answer. Raises httpx.HTTPError and ValueError."""
    if response.is_redirect:
        raise ValueError(f"{response.url} redirects")
    response.raise_for_status()
    if len(response.content) > ANSWER_BYTES:
        raise ValueError(f"{response.url} answers too much")
    found = response.json()
    if not isinstance(found, dict):
        raise ValueError(f"{response.url} answers no object")  # noqa: TRY004 - of the value, not of our types
    return found
