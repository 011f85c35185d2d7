"""A small OpenID Connect provider over HTTP on this machine: discovery, authorize, token, keys, RS256 signatures.

It signs in whoever ``claims`` says without asking, and can be told to lie.
"""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from attrs import define, field
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT: Final = "log-center"
SECRET: Final = "the-client-s-secret"
HOUR: Final = 3_600

_KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
"""Says that it is the same one."""


def signed(claims: dict[str, Any], key: RSAKey = _KEY) -> str:
    """Return a token as the provider signs it."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@define
class IdentityProvider:
    """A running provider, and what it says of whoever comes."""

    url: str = ""
    claims: dict[str, Any] = field(factory=dict)
    """Of the person; those of the protocol are added."""
    sign: Callable[[dict[str, Any]], str] = signed
    """Makes the ID token."""
    denies: bool = False
    keeps_email: bool = False
    """Whether the e-mail address is told by userinfo only."""
    methods: list[str] = field(factory=lambda: ["client_secret_basic"])
    codes: dict[str, Mapping[str, str]] = field(factory=dict)
    asked: list[str] = field(factory=list)

    def authorize(self, query: Mapping[str, str]) -> str:
        """Return where to send the browser back to."""
        if self.denies:
            answer = {"error": "access_denied", "state": query["state"]}
        else:
            code = token_urlsafe(16)
            self.codes[code] = query
            answer = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, form: Mapping[str, str], authorization: str | None) -> tuple[int, Any]:
        """Return what the token endpoint answers."""
        asked = self.codes.pop(form.get("code", ""), None)
        if not self._is_the_client(form, authorization) or asked is None:
            return 400, {"error": "invalid_grant"}
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if (challenge, "S256") != (asked["code_challenge"], asked["code_challenge_method"]):
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        told = {name: value for name, value in self.claims.items() if not (self.keeps_email and "email" in name)}
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + HOUR, "nonce": asked["nonce"], **told}
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(claims)}

    def _is_the_client(self, form: Mapping[str, str], authorization: str | None) -> bool:
        if "client_secret_basic" in self.methods:
            known = b64decode((authorization or "").removeprefix("Basic ")).decode()
            return unquote(known) == f"{CLIENT}:{SECRET}"
        return (CLIENT, SECRET) == (form.get("client_id"), form.get("client_secret"))

    @property
    def metadata(self) -> dict[str, Any]:
        """What discovery answers."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": self.methods,
        }


def unsigned(claims: dict[str, Any]) -> str:
    """Return a token that says of itself that it needs no signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "one"}, claims)]
    return ".".join([*(urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


@contextmanager
def providing() -> Iterator[IdentityProvider]:
    """Run a provider on a free port until the end of the block."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            provider.asked.append(url.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if url.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            pages = {
                "/.well-known/openid-configuration": provider.metadata,
                "/keys": {"keys": [_KEY.as_dict(private=False)]},
                "/userinfo": provider.claims,
            }
            self._answer(200, pages[url.path])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*provider.tokens(form, self.headers["Authorization"]))

        def _answer(self, status: int, answer: object) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
