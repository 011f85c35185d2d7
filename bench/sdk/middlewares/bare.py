"""No reporter."""

from typing import Any


def asgi(app: Any) -> Any:  # noqa: ANN401 - an ASGI application
    """Return the application as it is."""
    return app


fastapi = asgi


def django() -> list[str]:
    """Return no middleware."""
    return []
