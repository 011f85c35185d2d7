"""What stands around both applications: who a request comes from behind proxies, and by which name it asks."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

import msgspec
from attrs import frozen
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from logcenter_collector.access.doorway import Doorway
from logcenter_collector.domain.forwarding import Networks, origin_of
from logcenter_collector.domain.openness import host_name, is_allowed_host
from logcenter_collector.web.bodies import header
from logcenter_collector.web.cors import takes_reports
from logcenter_sdk.contract.problem import MEDIA_TYPE, Problem

_ELSEWHERE: Final = (
    "This collector lets everybody in and so answers only to names that it knows. Add {name!r} to --allowed-hosts "
    "(LOG_CENTER_ALLOWED_HOSTS), or use its address."
)


def allowed_names(hosts: Collection[str], public_url: str) -> frozenset[str]:
    """Return the names by which an open collector may be reached, beside local ones."""
    public = urlsplit(public_url).hostname if public_url else None
    return frozenset(host_name(host) for host in (*hosts, *([public] if public else [])))


@frozen
class KnownHosts:
    """ASGI middleware that answers, while the collector is open, only to names that it knows.

    But for reports, which give nothing away and are to get through.
    """

    app: ASGIApp
    doorway: Doorway
    allowed: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 421."""
        if scope["type"] == ScopeType.HTTP and (problem := self._problem(scope)) is not None:
            await _answer(send, problem)
        else:
            await self.app(scope, receive, send)

    def _problem(self, scope: HTTPScope) -> Problem | None:
        if not self.doorway.is_open or takes_reports(scope["path"]):
            return None
        host = header(scope, b"host")
        name = None if host is None else host.decode("latin-1")
        if is_allowed_host(name, self.allowed):
            return None
        detail = _ELSEWHERE.format(name=host_name(name or ""))
        return Problem(title="Misdirected request", status=421, detail=detail)


@frozen
class BehindProxies:
    """ASGI middleware that knows the client and the scheme of what trusted proxies pass on."""

    app: ASGIApp
    trusted: Networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with what is believed of it."""
        if scope["type"] == ScopeType.HTTP and scope["client"] is not None:
            origin = origin_of(scope["client"][0], list(scope["headers"]), self.trusted)
            if origin.address:
                scope["client"] = (origin.address, 0)
            if origin.scheme:
                scope["scheme"] = origin.scheme
        await self.app(scope, receive, send)


async def _answer(send: Send, problem: Problem) -> None:
    body = msgspec.json.encode(problem.to_wire())
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
