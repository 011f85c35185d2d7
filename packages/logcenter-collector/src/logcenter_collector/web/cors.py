"""Which pages of other origins get through: everybody to report, a list to do more (section 6 of the contract).

``sendBeacon`` with a JSON Blob makes a preflight with credentials, for which browsers do not take ``*``: the origin is
echoed. Nothing on this port reads cookies, so that gives nothing away.
"""

from collections.abc import Collection
from typing import Final

from attrs import frozen
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

REPORT_PATHS: Final = frozenset({"/api/v1/logs/report", "/api/v1/logs/report/batch"})
_PREFLIGHT_SECONDS: Final = 24 * 60 * 60


@frozen
class Cors:
    """ASGI middleware around the whole API."""

    app: ASGIApp
    origins: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflights, and allow the origin to read the other answers."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        origin = _header(scope, b"origin")
        # Without an origin too: a cache must not keep that answer for a page elsewhere.
        allowed = [(b"vary", b"Origin")] if origin is None else self._allowed(scope["path"], origin)
        if (
            origin is not None
            and scope.get("method") == "OPTIONS"
            and _header(scope, b"access-control-request-method") is not None
        ):
            await _answer_preflight(scope, send, allowed)
            return

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *allowed]
            await send(message)

        await self.app(scope, receive, send_allowed)

    def _allowed(self, path: str, origin: bytes) -> list[tuple[bytes, bytes]]:
        if takes_reports(path):
            allow = [(b"access-control-allow-credentials", b"true")]
        elif origin.decode("latin-1") in self.origins:
            allow = []
        else:
            return [(b"vary", b"Origin")]
        expose = (b"access-control-expose-headers", b"Retry-After")
        return [(b"access-control-allow-origin", origin), *allow, expose, (b"vary", b"Origin")]


async def _answer_preflight(scope: Scope, send: Send, allowed: list[tuple[bytes, bytes]]) -> None:
    headers = [*allowed, (b"content-length", b"0")]
    if any(name == b"access-control-allow-origin" for name, _ in allowed):
        headers += [
            (
                b"access-control-allow-methods",
                b"POST" if takes_reports(scope["path"]) else b"GET, POST, PUT, DELETE",
            ),
            (b"access-control-allow-headers", _header(scope, b"access-control-request-headers") or b"content-type"),
            (b"access-control-max-age", str(_PREFLIGHT_SECONDS).encode()),
        ]
        if _header(scope, b"access-control-request-private-network") == b"true":  # a collector in the company's network
            headers.append((b"access-control-allow-private-network", b"true"))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def takes_reports(path: str) -> bool:
    """Return whether it is the path of a route for reports."""
    return path.rstrip("/") in REPORT_PATHS


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)
