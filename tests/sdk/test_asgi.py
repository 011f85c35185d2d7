from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

import logcenter_sdk
from logcenter_sdk.integrations.asgi import LogCenterMiddleware
from sdk.fake_collector import FakeCollector


class OwnError(Exception):
    pass


def application(*, watched: bool) -> FastAPI:
    app = FastAPI()

    @app.get("/users/{user_id}")
    async def fail(user_id: int) -> None:
        raise ValueError(f"no user {user_id}")

    @app.post("/sync")
    def fail_in_a_thread() -> None:
        raise KeyError("sync")

    @app.get("/missing")
    async def missing() -> None:
        raise HTTPException(404)

    @app.get("/handled")
    async def handled() -> None:
        raise OwnError

    @app.get("/fine")
    async def fine() -> dict[str, bool]:
        return {"ok": True}

    @app.exception_handler(OwnError)
    async def answer(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"handled": True}, status_code=418)

    if watched:
        app.add_middleware(LogCenterMiddleware)
    return app


async def answer_of(app: Any, method: str, url: str, **options: Any) -> tuple[int, str]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.request(method, url, **options)
        return response.status_code, response.text


@pytest.mark.parametrize(
    ("method", "url", "error", "context"),
    [
        (
            "GET",
            "/users/5?page=2&token=hush",
            "ValueError",
            {
                "url": "/users/5?page=2&token=[masked]",
                "method": "GET",
                "view": "test_asgi.application.<locals>.fail",
                "route": "/users/{user_id}",
            },
        ),
        (
            "POST",
            "/sync",
            "KeyError",
            {
                "url": "/sync",
                "method": "POST",
                "view": "test_asgi.application.<locals>.fail_in_a_thread",
                "route": "/sync",
            },
        ),
    ],
)
async def test_a_failing_view_still_answers_as_before_and_is_one_report(
    installed: FakeCollector, method: str, url: str, error: str, context: dict[str, str]
) -> None:
    headers = {"Authorization": "Bearer hush", "Cookie": "session=hush"}
    expected = await answer_of(application(watched=False), method, url)
    actual = await answer_of(application(watched=True), method, url, headers=headers)

    assert logcenter_sdk.flush(10)
    assert (500, "Internal Server Error") == expected == actual
    [report] = installed.reports
    view = report["context"].pop("view")
    assert view.endswith(context.pop("view"))
    assert (error, context) == (report["error"]["type"], report["context"])
    assert "hush" not in str(report["context"])


@pytest.mark.parametrize(("url", "status"), [("/fine", 200), ("/missing", 404), ("/handled", 418), ("/nowhere", 404)])
async def test_what_the_application_answers_itself_is_no_error(installed: FakeCollector, url: str, status: int) -> None:
    assert status == (await answer_of(application(watched=True), "GET", url))[0]

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


async def test_the_very_same_exception_goes_on(installed: FakeCollector) -> None:
    error = ValueError("the one")

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise error

    with pytest.raises(ValueError, match="the one") as caught:
        await LogCenterMiddleware(app)({"type": "http"}, None, None)  # type: ignore[arg-type] # nobody asks for them

    assert error is caught.value
    assert (None, False) == (error.__cause__, error.__suppress_context__)
    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


async def test_several_layers_and_hooks_make_one_report(installed: FakeCollector) -> None:
    app = application(watched=True)
    app.add_middleware(LogCenterMiddleware)

    await answer_of(LogCenterMiddleware(app), "GET", "/users/5")

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


async def test_starlettes_mounted_routes_are_named_too(installed: FakeCollector) -> None:
    async def fail(_request: Any) -> None:
        raise ValueError("mounted")

    app = Starlette(routes=[Mount("/api", routes=[Route("/x", fail)])])

    await answer_of(LogCenterMiddleware(app), "GET", "/api/x")

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert "/api/x" == report["context"]["url"]
    assert report["context"]["view"].endswith(".fail")


async def test_what_fails_after_the_answer_began_is_one_report(installed: FakeCollector) -> None:
    app = FastAPI()
    app.add_middleware(LogCenterMiddleware)

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        raise ValueError("in the body")

    def tidy_up() -> None:
        raise ValueError("in the background")

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(body())

    @app.get("/background")
    async def background(tasks: BackgroundTasks) -> None:
        tasks.add_task(tidy_up)

    await answer_of(app, "GET", "/stream")
    await answer_of(app, "GET", "/background")

    assert logcenter_sdk.flush(10)
    assert ["/stream", "/background"] == [report["context"]["route"] for report in installed.reports]


async def test_the_lifespan_passes_through_untouched(installed: FakeCollector) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        seen.append("started")
        yield

    app = LogCenterMiddleware(Starlette(lifespan=lifespan))
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        seen.append(message["type"])

    await app({"type": "lifespan", "state": {}}, receive, send)

    assert ["started", "lifespan.startup.complete", "lifespan.shutdown.complete"] == seen
    assert [] == installed.reports


async def test_a_failing_websocket_is_one_report(installed: FakeCollector) -> None:
    async def fail(_websocket: Any) -> None:
        raise ValueError("socket")

    app = LogCenterMiddleware(Starlette(routes=[WebSocketRoute("/ws/{room}", fail)]))

    with pytest.raises(ValueError, match="socket"):
        await app({"type": "websocket", "path": "/ws/5", "headers": []}, None, None)  # type: ignore[arg-type] # nobody asks for them

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("/ws/5", "/ws/{room}") == (report["context"]["url"], report["context"]["route"])


@pytest.mark.parametrize("gone", [ClientDisconnect(), WebSocketDisconnect()])
async def test_that_a_client_went_away_is_no_error(installed: FakeCollector, gone: Exception) -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise gone

    with pytest.raises(type(gone)):
        await LogCenterMiddleware(app)({"type": "http"}, None, None)  # type: ignore[arg-type] # nobody asks for them

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


class Stored:
    def __init__(self, user_id: object) -> None:
        self.id = user_id


class Slotted:
    __slots__ = ("user_id",)

    def __init__(self, user_id: object) -> None:
        self.user_id = user_id


class Asking:
    """Its id would be a query."""

    queries = 0

    @property
    def id(self) -> int:
        Asking.queries += 1
        return 5

    def __getattr__(self, name: str) -> int:
        Asking.queries += 1
        return 5


class Hostile:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


USER_ID = UUID(int=7)


@pytest.mark.parametrize(
    ("make_user", "expected"),
    [
        (lambda: Stored(5), {"user_id": 5}),
        (lambda: Stored(USER_ID), {"user_id": str(USER_ID)}),
        (lambda: Slotted("u_5"), {"user_id": "u_5"}),
        (lambda: {"id": 5}, {"user_id": 5}),
        (lambda: Stored(None), {}),
        (lambda: None, {}),
        (Asking, {}),
        (Hostile, {}),
    ],
)
async def test_the_id_of_a_user_who_is_in_memory_is_said(
    installed: FakeCollector, make_user: Callable[[], object], expected: dict[str, object]
) -> None:
    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        scope["user"] = make_user()
        raise ValueError("the one")

    with pytest.raises(ValueError, match="the one"):
        await LogCenterMiddleware(app)({"type": "http", "path": "/"}, None, None)  # type: ignore[arg-type] # nobody asks for them

    assert logcenter_sdk.flush(10)
    assert [{"url": "/", **expected}] == [report["context"] for report in installed.reports]
    assert 0 == Asking.queries


@pytest.mark.parametrize("make", [lambda: None, Hostile])
async def test_a_request_that_cannot_be_read_does_not_cost_the_report(
    installed: FakeCollector, make: Callable[[], object]
) -> None:
    scope = {name: make() for name in ("path", "query_string", "method", "endpoint", "route", "path_template", "user")}

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError("the one")

    with pytest.raises(ValueError, match="the one"):
        await LogCenterMiddleware(app)({"type": "http", **scope}, None, None)  # type: ignore[arg-type] # nobody asks for them

    assert logcenter_sdk.flush(10)
    assert ["the one"] == [report["error"]["message"] for report in installed.reports]
