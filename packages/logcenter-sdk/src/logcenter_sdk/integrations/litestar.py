"""Litestar: ``Litestar(…, plugins=[LogCenterPlugin()])``.

Litestar answers every exception itself, before any middleware sees it. So its own hook ``after_exception`` reports, but
neither what the application has an exception handler for, nor an ``HTTPException`` below 500. A handler for every
exception (``Exception``, or status 500) is how an application words its error page, so those are reported.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.exceptions import HTTPException, LitestarException
from litestar.plugins import InitPlugin

from logcenter_sdk.integrations.asgi import report_request
from logcenter_sdk.scope import fresh

if TYPE_CHECKING:
    from litestar.config.app import AppConfig
    from litestar.types import ASGIApp, Receive, Scope, Send

_SERVER_ERROR: Final = 500
_ANY_ERROR: Final = frozenset({Exception, HTTPException, LitestarException})


class LogCenterPlugin(InitPlugin):
    """Reports the exceptions that requests end with. Call ``install_hook`` when the application starts."""

    def on_app_init(self, app_config: "AppConfig") -> "AppConfig":
        """Add the hook and the middleware."""
        app_config.after_exception.append(_after_exception)
        app_config.middleware.insert(0, _Middleware)
        return app_config


class _Middleware:
    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        with fresh():
            try:
                await self.app(scope, receive, send)
            except LitestarException as error:
                # All that Litestar raises from an error of a body that is being streamed.
                if type(error) is LitestarException and error.__cause__ is not None:
                    report_request(error.__cause__, cast("dict[str, Any]", scope))
                raise


async def _after_exception(error: Exception, scope: Any) -> None:  # noqa: ANN401 - a TypedDict of Litestar
    if getattr(error, "status_code", _SERVER_ERROR) >= _SERVER_ERROR and not _has_handler(error, _handlers(scope)):
        report_request(error, scope)


def _handlers(scope: Any) -> Mapping[Any, object]:  # noqa: ANN401 - a TypedDict of Litestar
    route_handler = scope.get("route_handler")
    owner = scope["litestar_app"] if route_handler is None else route_handler
    resolve = getattr(owner, "resolve_exception_handlers", None)
    found: Mapping[Any, object] = owner.exception_handlers if resolve is None else resolve()
    return found


def _has_handler(error: Exception, handlers: Mapping[Any, object]) -> bool:
    return any(cls in handlers for cls in type(error).__mro__ if cls not in _ANY_ERROR)
