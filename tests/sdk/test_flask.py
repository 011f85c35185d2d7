from collections.abc import Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, abort, g, stream_with_context
from flask.views import MethodView

import logcenter_sdk
from logcenter_sdk.integrations.flask import watch
from sdk.fake_collector import FakeCollector


class OwnError(Exception):
    pass


class User:
    def __init__(self) -> None:
        self.id = 5


class FailingView(MethodView):
    def get(self) -> str:
        raise OSError("class")


def application(*, watched: bool) -> Flask:
    app = Flask("page")
    app.logger.disabled = True
    shop = Blueprint("shop", __name__, url_prefix="/shop")

    @app.get("/users/<int:user_id>")
    def fail(user_id: int) -> str:
        g._login_user = User()
        raise ValueError(f"no user {user_id}")

    @shop.get("/async")
    async def fail_async() -> str:
        raise KeyError("async")

    @app.get("/missing")
    def missing() -> str:
        abort(404)

    @app.get("/own")
    def own() -> str:
        raise OwnError

    @app.get("/fine")
    def fine() -> str:
        return "fine"

    @app.get("/stream/<name>")
    def stream(name: str) -> Response:
        def body() -> Iterator[bytes]:
            yield b"first"
            raise ValueError(name)

        return Response(stream_with_context(body()))

    @app.errorhandler(OwnError)
    def answer(_error: Exception) -> tuple[str, int]:
        return "handled", 418

    app.add_url_rule("/class", view_func=FailingView.as_view("failing"))
    app.register_blueprint(shop)
    if watched:
        watch(app)
    return app


def answer_of(app: Flask, url: str) -> tuple[int, str]:
    response = app.test_client().get(url)
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("url", "error", "context"),
    [
        (
            "/users/9?token=hush",
            "ValueError",
            {
                "url": "/users/9?token=[masked]",
                "view": "application.<locals>.fail",
                "route": "/users/<int:user_id>",
                "user_id": 5,
            },
        ),
        (
            "/shop/async",
            "KeyError",
            {"url": "/shop/async", "view": "application.<locals>.fail_async", "route": "/shop/async"},
        ),
        ("/class", "OSError", {"url": "/class", "view": "FailingView", "route": "/class"}),
    ],
)
def test_a_failing_view_still_answers_as_before_and_is_one_report(
    installed: FakeCollector, url: str, error: str, context: dict[str, Any]
) -> None:
    expected = answer_of(application(watched=False), url)
    actual = answer_of(application(watched=True), url)

    assert logcenter_sdk.flush(10)
    assert (500, expected) == (expected[0], actual)
    [report] = installed.reports
    view = f"{__name__}.{context['view']}"
    assert (error, {"method": "GET", **context, "view": view}) == (report["error"]["type"], report["context"])


@pytest.mark.parametrize(("url", "status"), [("/fine", 200), ("/missing", 404), ("/own", 418), ("/nowhere", 404)])
def test_what_the_application_answers_itself_is_no_error(installed: FakeCollector, url: str, status: int) -> None:
    assert status == answer_of(application(watched=True), url)[0]

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


def test_an_error_page_of_the_application_does_not_hide_the_error(installed: FakeCollector) -> None:
    app = application(watched=True)
    app.register_error_handler(500, lambda _error: ("sorry", 500))

    assert (500, "sorry") == answer_of(app, "/users/5")

    assert logcenter_sdk.flush(10)
    assert ["no user 5"] == [report["error"]["message"] for report in installed.reports]


def test_an_error_that_flask_lets_through_is_one_report(installed: FakeCollector) -> None:
    app = application(watched=True)
    app.testing = True

    with pytest.raises(ValueError, match="no user 5"):
        answer_of(app, "/users/5")

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


def test_an_error_of_a_body_that_is_streamed_is_reported(installed: FakeCollector) -> None:
    with pytest.raises(ValueError, match="in the body"):
        answer_of(application(watched=True), "/stream/in the body")

    assert logcenter_sdk.flush(10)
    assert ["/stream/in the body"] == [report["context"]["url"] for report in installed.reports]


def test_the_log_of_the_application_stays_as_it_was(installed: FakeCollector, caplog: pytest.LogCaptureFixture) -> None:
    logged = []
    for watched in (False, True):
        caplog.clear()
        app = application(watched=watched)
        app.logger.disabled = False
        answer_of(app, "/users/5")
        logged.append([(record.name, record.getMessage()) for record in caplog.records if record.name == app.name])

    assert [("page", "Exception on /users/5 [GET]")] == logged[0] == logged[1]
    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


def test_an_application_that_is_not_watched_is_left_alone(installed: FakeCollector) -> None:
    watch(Flask("other"))

    answer_of(application(watched=False), "/users/5")

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports
