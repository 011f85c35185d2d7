"""The middleware of this checkout."""

from typing import Any


def asgi(app: Any) -> Any:  # noqa: ANN401 - an ASGI application
    """Wrap an ASGI application."""
    from logcenter_sdk.integrations.asgi import LogCenterMiddleware

    return LogCenterMiddleware(app)


def fastapi(app: Any) -> Any:  # noqa: ANN401 - FastAPI comes with the child
    """Add the middleware to a FastAPI application."""
    from logcenter_sdk.integrations.asgi import LogCenterMiddleware

    app.add_middleware(LogCenterMiddleware)
    return app


def django() -> list[str]:
    """Return the middleware for Django's settings."""
    return ["logcenter_sdk.integrations.django.LogCenterMiddleware"]
