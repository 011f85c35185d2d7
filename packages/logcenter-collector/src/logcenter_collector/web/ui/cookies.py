"""The cookies of signing in. None can be read by a script, and none is sent with another site's form."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, Self

from attrs import asdict, frozen
from litestar import Request
from litestar.datastructures import Cookie

from logcenter_collector.domain.oidc import FLOW_LIFETIME, Flow
from logcenter_collector.domain.people import LIFETIME, local_path

_SESSION: Final = "lc_session"
_FLOW: Final = "lc_oidc"


@frozen
class Jar:
    """Names and makes the cookies of one request: behind TLS they are bound to the host and to TLS."""

    is_secure: bool

    @classmethod
    def of(cls, request: Request[Any, Any, Any], *, is_secure: bool) -> Self:
        """Return the jar of a request; ``is_secure``: people come by TLS whatever the request itself says."""
        return cls(is_secure or request.url.scheme == "https")

    def name(self, plain: str) -> str:
        """Return the name of a cookie; browsers take one with the prefix from this host and over TLS only."""
        return f"__Host-{plain}" if self.is_secure else plain

    def session_of(self, request: Request[Any, Any, Any]) -> str | None:
        """Return the session that a browser sends."""
        return request.cookies.get(self.name(_SESSION))

    def session(self, secret: str) -> Cookie:
        """Return the cookie that keeps a session."""
        return self._cookie(_SESSION, secret, int(LIFETIME.total_seconds()))

    def no_session(self) -> Cookie:
        """Return the cookie that removes it."""
        return self._cookie(_SESSION, "", 0)

    def flow_of(self, request: Request[Any, Any, Any]) -> tuple[Flow | None, str]:
        """Return what a browser brought back from the identity provider's door, and where it wanted to go."""
        try:
            kept = json.loads(urlsafe_b64decode(request.cookies.get(self.name(_FLOW), "")))
            wanted = local_path(str(kept.pop("next")))
            return Flow(**{name: str(value) for name, value in kept.items()}), wanted
        except (ValueError, TypeError, KeyError, AttributeError):
            return None, "/"

    def flow(self, flow: Flow, wanted: str) -> Cookie:
        """Return the cookie that a browser takes along to the identity provider."""
        kept = json.dumps({**asdict(flow), "next": wanted}).encode()
        return self._cookie(_FLOW, urlsafe_b64encode(kept).decode(), int(FLOW_LIFETIME.total_seconds()))

    def no_flow(self) -> Cookie:
        """Return the cookie that removes it."""
        return self._cookie(_FLOW, "", 0)

    def _cookie(self, plain: str, value: str, max_age: int) -> Cookie:
        return Cookie(
            self.name(plain),
            value=value,
            max_age=max_age,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self.is_secure,
        )
