"""honeybadger's."""

from typing import Any


def asgi(app: Any) -> Any:  # noqa: ANN401 - an ASGI application
    """Wrap an ASGI application."""
    from honeybadger.contrib import ASGIHoneybadger

    return ASGIHoneybadger(app)


def fastapi(app: Any) -> Any:  # noqa: ANN401 - FastAPI comes with the child
    """Let its class make the routes that come from now on."""
    from honeybadger.contrib.fastapi import HoneybadgerRoute

    app.router.route_class = HoneybadgerRoute
    return app


def django() -> list[str]:
    """Return the middleware for Django's settings."""
    return ["honeybadger.contrib.DjangoHoneybadgerMiddleware"]
