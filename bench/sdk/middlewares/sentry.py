"""sentry-sdk's: its integrations patch FastAPI and Django when it is initialised."""

from typing import Any


def asgi(app: Any) -> Any:  # noqa: ANN401 - an ASGI application
    """Wrap an ASGI application."""
    from sentry_sdk.integrations.asgi import SentryAsgiMiddleware

    return SentryAsgiMiddleware(app)


def fastapi(app: Any) -> Any:  # noqa: ANN401 - FastAPI comes with the child
    """Return the application: the integration has patched FastAPI when it was initialised."""
    return app


def django() -> list[str]:
    """Return no middleware: the integration has patched Django when it was initialised."""
    return []
