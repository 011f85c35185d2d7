"""FastAPI, Starlette and every other ASGI framework: ``app.add_middleware(LogCenterMiddleware)``.

Pure ASGI: a request that succeeds costs one function call. What an exception handler of the application answers is no
error; what reaches this middleware is reported and raised again, the very same exception.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.scrub import masked_url

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class LogCenterMiddleware:
    """Reports the exceptions that requests end with. Call ``install_hook`` when the application starts."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; websockets and the lifespan untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            _report(error, scope)
            raise


@harmless(None)
def _report(error: Exception, scope: Scope) -> None:
    report(error, context=request_context(scope))


def request_context(scope: Scope) -> dict[str, Any]:
    """Return what a report says about a request: no body, no header, no cookie."""
    query = scope.get("query_string") or b""
    found = {
        "url": masked_url(str(scope.get("path", "")), query.decode("latin-1")),
        "method": scope.get("method"),
        "view": _view(scope.get("endpoint")),
        # The router puts both into the scope, which it shares with us.
        "route": getattr(scope.get("route"), "path", None),
    }
    return {name: value for name, value in found.items() if value is not None}


def _view(endpoint: object) -> str | None:
    if endpoint is None:
        return None
    named = endpoint if hasattr(endpoint, "__qualname__") else type(endpoint)
    return f"{named.__module__}.{named.__qualname__}"
