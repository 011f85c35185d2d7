from collections.abc import AsyncIterator
from typing import Any

import pytest
from quart import Quart, g
from quart.testing import WebsocketResponseError

import logcenter_sdk
from logcenter_sdk.integrations.quart import watch
from sdk.fake_collector import FakeCollector


class OwnError(Exception):
    pass


class User:
    def __init__(self) -> None:
        self.id = 5


def application(*, watched: bool) -> Quart:
    app = Quart("page")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True

    @app.get("/users/<int:user_id>")
    async def fail(user_id: int) -> str:
        g._login_user = User()
        raise ValueError(f"no user {user_id}")

    @app.get("/sync")
    def fail_in_a_thread() -> str:
        raise KeyError("sync")

    @app.get("/own")
    async def own() -> str:
        raise OwnError

    @app.get("/fine")
    async def fine() -> str:
        return "fine"

    @app.get("/stream")
    async def stream() -> Any:
        async def body() -> AsyncIterator[bytes]:
            yield b"first"
            raise ValueError("in the body")

        return body()

    @app.websocket("/ws")
    async def socket() -> None:
        raise ValueError("socket")

    @app.errorhandler(OwnError)
    async def answer(_error: Exception) -> tuple[str, int]:
        return "handled", 418

    if watched:
        watch(app)
    return app


async def answer_of(app: Quart, url: str) -> tuple[int, str]:
    response = await app.test_client().get(url)
    return response.status_code, await response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("url", "error", "context"),
    [
        (
            "/users/9?token=hush",
            "ValueError",
            {"url": "/users/9?token=[masked]", "view": "fail", "route": "/users/<int:user_id>", "user_id": 5},
        ),
        ("/sync", "KeyError", {"url": "/sync", "view": "fail_in_a_thread", "route": "/sync"}),
    ],
)
async def test_a_failing_view_still_answers_as_before_and_is_one_report(
    installed: FakeCollector, url: str, error: str, context: dict[str, object]
) -> None:
    expected = await answer_of(application(watched=False), url)
    actual = await answer_of(application(watched=True), url)

    assert logcenter_sdk.flush(10)
    assert (500, expected) == (expected[0], actual)
    [report] = installed.reports
    view = f"{__name__}.application.<locals>.{context['view']}"
    assert (error, {"method": "GET", **context, "view": view}) == (report["error"]["type"], report["context"])


@pytest.mark.parametrize(("url", "status"), [("/fine", 200), ("/own", 418), ("/nowhere", 404)])
async def test_what_the_application_answers_itself_is_no_error(installed: FakeCollector, url: str, status: int) -> None:
    assert status == (await answer_of(application(watched=True), url))[0]

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


async def test_an_error_of_a_body_that_is_streamed_is_one_report(installed: FakeCollector) -> None:
    with pytest.raises(ValueError, match="in the body"):
        await answer_of(application(watched=True), "/stream")

    assert logcenter_sdk.flush(10)
    assert ["/stream"] == [report["context"]["url"] for report in installed.reports]


async def test_a_failing_websocket_is_one_report(installed: FakeCollector) -> None:
    with pytest.raises(WebsocketResponseError):
        async with application(watched=True).test_client().websocket("/ws") as socket:
            await socket.receive()

    assert logcenter_sdk.flush(10)
    assert ["/ws"] == [report["context"]["route"] for report in installed.reports]
