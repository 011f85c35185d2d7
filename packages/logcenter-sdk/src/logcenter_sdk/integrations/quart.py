"""Quart: ``watch(app)``.

Quart answers every exception itself, so no ASGI middleware sees it; it says so by its signals
``got_request_exception`` and ``got_websocket_exception``. An error of a body that is being streamed reaches the ASGI
server, and the middleware in between.
"""

from typing import Any

from quart import Quart, current_app, g, request, websocket
from quart.signals import got_request_exception, got_websocket_exception

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.integrations.about import about, identifier, qualified_name
from logcenter_sdk.integrations.asgi import LogCenterMiddleware
from logcenter_sdk.scrub import masked_url


def watch(app: Quart) -> None:
    """Report the exceptions that requests of ``app`` end with. Call ``install_hook`` when the application starts."""
    got_request_exception.connect(_on_request, app)
    got_websocket_exception.connect(_on_websocket, app)
    app.asgi_app = LogCenterMiddleware(app.asgi_app)  # type: ignore[assignment, method-assign, arg-type] # as Quart documents it


async def _on_request(_app: Quart, exception: Exception, **_signal: Any) -> None:  # noqa: ANN401 - as Quart sends it; a plain function would go through a thread
    _report(exception, request)


async def _on_websocket(_app: Quart, exception: Exception, **_signal: Any) -> None:  # noqa: ANN401 - as Quart sends it
    _report(exception, websocket)


@harmless(None)
def _report(error: Exception, asked: Any) -> None:  # noqa: ANN401 - Quart's request or websocket
    context = about(
        url=lambda: masked_url(asked.path, asked.query_string.decode("latin-1")),
        method=lambda: asked.method,
        view=lambda: qualified_name(current_app.view_functions[asked.endpoint]),
        route=lambda: asked.url_rule.rule,
        user_id=lambda: identifier(g.get("_login_user")),
    )
    report(error, context=context)
