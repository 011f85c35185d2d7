"""FastAPI, Starlette and every other ASGI framework: ``app.add_middleware(LogCenterMiddleware)``.

Pure ASGI: a request that succeeds costs one function call. What an exception handler of the application answers is no
error; what reaches this middleware is reported and raised again, the very same exception. Frameworks that answer every
exception themselves have a module of their own: ``litestar``, ``quart``.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.integrations.about import about, identifier, qualified_name
from logcenter_sdk.scope import fresh
from logcenter_sdk.scrub import masked_url

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_GONE: Final = frozenset({"ClientDisconnect", "WebSocketDisconnect"})
"""How the frameworks call it that a client went away, which is nobody's error."""


class LogCenterMiddleware:
    """Reports the exceptions that requests end with. Call ``install_hook`` when the application starts."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; the lifespan untouched."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        with fresh():
            try:
                await self.app(scope, receive, send)
            except Exception as error:
                report_request(error, scope)
                raise


@harmless(None)
def report_request(error: BaseException, scope: Scope) -> str | None:
    """Report an exception together with the request that it ended, unless it says that the client went away."""
    return None if type(error).__name__ in _GONE else report(error, context=request_context(scope))


def request_context(scope: Scope) -> dict[str, Any]:
    """Return what a report says about a request: no body, no header, no cookie."""
    # The router puts its finds into the scope, which it shares with us.
    return about(
        url=lambda: masked_url(str(scope["path"]), (scope.get("query_string") or b"").decode("latin-1")),
        method=lambda: scope.get("method"),
        view=lambda: qualified_name(_endpoint(scope)),
        route=lambda: _route(scope),
        user_id=lambda: identifier(scope.get("user")),
    )


def _endpoint(scope: Scope) -> object:
    if "route_handler" in scope:  # Litestar's
        return scope["route_handler"].fn
    return scope.get("endpoint")


def _route(scope: Scope) -> object:
    return scope.get("path_template") or getattr(scope.get("route"), "path", None)
