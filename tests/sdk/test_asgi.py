from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.applications import Starlette
from starlette.routing import Mount, Route

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


async def test_the_lifespan_and_websockets_pass_through_untouched(installed: FakeCollector) -> None:
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
