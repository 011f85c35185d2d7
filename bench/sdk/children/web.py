"""Healthy requests, with the middleware of an SDK or without. ``web.py SDK URL FRAMEWORK BLOCKS``."""

import asyncio
import io
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from saying import adapter, say

SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/orders/7",
    "raw_path": b"/orders/7",
    "query_string": b"page=2",
    "root_path": "",
    "headers": [(b"host", b"shop.example.com"), (b"user-agent", b"bench"), (b"accept", b"*/*")],
    "client": ("127.0.0.1", 50_000),
    "server": ("127.0.0.1", 80),
}
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/orders/7",
    "QUERY_STRING": "page=2",
    "SERVER_NAME": "shop.example.com",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "shop.example.com",
    "wsgi.url_scheme": "http",
    "wsgi.input": io.BytesIO(),
    "wsgi.errors": sys.stderr,
}
REQUESTS = {"asgi": 2_000, "fastapi": 200, "django": 200}
"""In a block, of which one figure is taken."""
urlpatterns: list[Any] = []
"""Django's, which finds them in this module."""


async def bare(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:  # noqa: ANN401 - ASGI
    """Answer as the smallest ASGI application does."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def with_fastapi(middleware: Any) -> Any:  # noqa: ANN401 - a module in, an application out
    """Return a FastAPI application of one route."""
    fastapi = import_module("fastapi")
    app = middleware.fastapi(fastapi.FastAPI())

    @app.get("/orders/{number}")  # type: ignore[untyped-decorator]  # comes with the child
    async def order(number: int) -> dict[str, int]:
        return {"number": number}

    return app


def with_django(middleware: Any) -> Any:  # noqa: ANN401 - a module in, an application out
    """Return a Django application of one view."""
    settings = import_module("django.conf").settings
    settings.configure(
        DEBUG=False, SECRET_KEY="bench", ALLOWED_HOSTS=["*"], ROOT_URLCONF="web", MIDDLEWARE=middleware.django()
    )
    import_module("django").setup()
    path, response = import_module("django.urls").path, import_module("django.http").JsonResponse
    urlpatterns.append(path("orders/<int:number>", lambda _request, number: response({"number": number})))
    return import_module("django.core.handlers.wsgi").WSGIHandler()


async def asgi_blocks(app: Any, count: int, blocks: int) -> list[float]:  # noqa: ANN401 - an ASGI application
    """Return the CPU seconds of a request, for each block."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200, message  # noqa: PLR2004 - OK

    found = []
    for _ in range(blocks):
        begin = time.thread_time()
        for _ in range(count):
            await app(dict(SCOPE), receive, send)
        found.append((time.thread_time() - begin) / count)
    return found


def wsgi_blocks(app: Any, count: int, blocks: int) -> list[float]:  # noqa: ANN401 - a WSGI application
    """Return the CPU seconds of a request, for each block."""

    def start_response(status: str, _headers: object) -> None:
        assert status == "200 OK", status

    found = []
    for _ in range(blocks):
        begin = time.thread_time()
        for _ in range(count):
            response = app(dict(ENVIRON), start_response)
            b"".join(response)
            response.close()
        found.append((time.thread_time() - begin) / count)
    return found


def main() -> None:
    """Say what a request costs."""
    name, url, framework, blocks = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    adapter(name).init(url)
    middleware, count = import_module(f"middlewares.{name}"), REQUESTS[framework]
    if framework == "django":
        wsgi_blocks(app := with_django(middleware), count, 1)
        say("result", blocks=wsgi_blocks(app, count, blocks))
        return
    app = with_fastapi(middleware) if framework == "fastapi" else middleware.asgi(bare)
    asyncio.run(asgi_blocks(app, count, 1))
    say("result", blocks=asyncio.run(asgi_blocks(app, count, blocks)))


if __name__ == "__main__":
    sys.modules["web"] = sys.modules["__main__"]
    main()
