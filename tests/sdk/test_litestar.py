from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, WebSocket, get, websocket
from litestar.exceptions import HTTPException, LitestarException, WebSocketDisconnect
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from litestar.params import FromPath
from litestar.response import Stream
from litestar.testing import TestClient

import logcenter_sdk
from logcenter_sdk.integrations.litestar import LogCenterPlugin
from sdk.fake_collector import FakeCollector


class OwnError(Exception):
    pass


class User:
    def __init__(self) -> None:
        self.id = 5


class Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: Any) -> AuthenticationResult:
        return AuthenticationResult(User(), connection.headers.get("authorization"))


@get("/users/{user_id:int}")
async def fail(user_id: FromPath[int]) -> None:
    raise ValueError(f"no user {user_id}")


@get("/sync", sync_to_thread=True)
def fail_in_a_thread() -> None:
    raise KeyError("sync")


@get("/missing")
async def missing() -> None:
    raise HTTPException(status_code=404)


@get("/unavailable")
async def unavailable() -> None:
    raise HTTPException(status_code=503)


@get("/own")
async def own() -> None:
    raise OwnError


@get("/fine")
async def fine() -> dict[str, bool]:
    return {"ok": True}


@get("/stream")
async def stream() -> Stream:
    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        raise ValueError("in the body")

    return Stream(body())


@websocket("/ws")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    raise ValueError(socket.url.path)


def answer(_request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    return Response({"handled": True}, status_code=418)


def error_page(_request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    return Response("sorry", status_code=500)


def application(*plugins: LogCenterPlugin, **options: Any) -> Litestar:
    handlers = {OwnError: answer, **options.pop("exception_handlers", {})}
    routes = [fail, fail_in_a_thread, missing, unavailable, own, fine, stream, socket]
    return Litestar(routes, plugins=plugins, exception_handlers=handlers, logging_config=None, **options)


async def answer_of(app: Any, url: str) -> tuple[int, str]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get(url)
        return response.status_code, response.text


@pytest.mark.parametrize(
    ("url", "error", "view", "route"),
    [
        ("/users/5?token=hush", "ValueError", "fail", "/users/{user_id}"),
        ("/sync", "KeyError", "fail_in_a_thread", "/sync"),
        ("/unavailable", "HTTPException", "unavailable", "/unavailable"),
    ],
)
async def test_a_failing_handler_still_answers_as_before_and_is_one_report(
    installed: FakeCollector, url: str, error: str, view: str, route: str
) -> None:
    expected = await answer_of(application(), url)
    actual = await answer_of(application(LogCenterPlugin()), url)

    assert logcenter_sdk.flush(10)
    assert expected == actual
    [report] = installed.reports
    context = {
        "url": url.replace("hush", "[masked]"),
        "method": "GET",
        "view": f"{__name__}.{view}",
        "route": route,
    }
    assert (error, context) == (report["error"]["type"], report["context"])


@pytest.mark.parametrize(("url", "status"), [("/fine", 200), ("/missing", 404), ("/own", 418), ("/nowhere", 404)])
async def test_what_the_application_answers_itself_is_no_error(installed: FakeCollector, url: str, status: int) -> None:
    assert status == (await answer_of(application(LogCenterPlugin()), url))[0]

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


@pytest.mark.parametrize("key", [Exception, 500])
async def test_an_error_page_of_the_application_does_not_hide_the_error(installed: FakeCollector, key: Any) -> None:
    app = application(LogCenterPlugin(), exception_handlers={key: error_page})

    assert (500, "sorry") == await answer_of(app, "/users/5")

    assert logcenter_sdk.flush(10)
    assert ["no user 5"] == [report["error"]["message"] for report in installed.reports]


async def test_an_error_of_a_body_that_is_streamed_is_one_report(installed: FakeCollector) -> None:
    app: Any = application(LogCenterPlugin())

    with pytest.raises(LitestarException, match="after response started"):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            await client.get("/stream")

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert "ValueError: in the body" in str(report["error"]["stack_trace"])
    assert "/stream" == report["context"]["route"]


async def test_the_users_id_is_said(installed: FakeCollector) -> None:
    app = application(LogCenterPlugin(), middleware=[DefineMiddleware(Authentication)])

    await answer_of(app, "/users/9")

    assert logcenter_sdk.flush(10)
    assert [5] == [report["context"]["user_id"] for report in installed.reports]


def test_a_failing_websocket_is_one_report(installed: FakeCollector) -> None:
    with (
        TestClient(application(LogCenterPlugin())) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/ws"),
    ):
        pass

    assert logcenter_sdk.flush(10)
    assert ["/ws"] == [report["error"]["message"] for report in installed.reports]
