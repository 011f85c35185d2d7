"""Flask: ``watch(app)``.

Flask answers every exception itself and says so by its signal ``got_request_exception``; what the application has an
error handler for is not among them. An error of a body that is being streamed reaches the WSGI server, and the
middleware in between.
"""

from typing import Any

from flask import Flask, current_app, g, got_request_exception, request

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.integrations.about import about, identifier, qualified_name
from logcenter_sdk.integrations.wsgi import LogCenterMiddleware, request_context


def watch(app: Flask) -> None:
    """Report the exceptions that requests of ``app`` end with. Call ``install_hook`` when the application starts."""
    got_request_exception.connect(_on_failure, app)
    app.wsgi_app = LogCenterMiddleware(app.wsgi_app)  # type: ignore[method-assign] # as Flask documents it


@harmless(None)
def _on_failure(_app: Flask, exception: Exception, **_signal: Any) -> None:  # noqa: ANN401 - as Flask sends it
    context = about(
        view=lambda: qualified_name(current_app.view_functions[request.endpoint or ""]),
        route=lambda: request.url_rule and request.url_rule.rule,
        user_id=lambda: identifier(g.get("_login_user")),  # where Flask-Login keeps a user whom it has loaded
    )
    report(exception, context=request_context(request.environ) | context)
