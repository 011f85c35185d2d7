"""Each request, task and invocation has a scope of its own: begun before the application's code, left after it."""

from typing import Any

import httpx
import pytest
from celery import Celery
from flask import Flask
from litestar import Litestar, get
from quart import Quart

from logcenter_sdk.integrations import asgi, aws_lambda, celery, django, flask, litestar, quart, wsgi

Events = list[str]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Events:
    seen: Events = []

    class Recording:
        def __enter__(self) -> None:
            seen.append("begun")

        def __exit__(self, *_error: object) -> None:
            seen.append("left")

    for module in (asgi, aws_lambda, celery, django, litestar, wsgi):
        monkeypatch.setattr(module, "fresh", Recording)
    return seen


TWICE = ["begun", "inside", "left"] * 2


async def ask_twice(app: Any) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        await client.get("/x")
        await client.get("/x")


async def test_of_asgi(events: Events) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        events.append("inside")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    await ask_twice(asgi.LogCenterMiddleware(app))

    assert TWICE == events


async def test_of_litestar(events: Events) -> None:
    @get("/x")
    async def view() -> None:
        events.append("inside")

    await ask_twice(Litestar([view], plugins=[litestar.LogCenterPlugin()]))

    assert TWICE == events


async def test_of_quart(events: Events) -> None:
    app = Quart("page")
    quart.watch(app)

    @app.get("/x")
    async def view() -> str:
        events.append("inside")
        return ""

    await ask_twice(app)

    assert TWICE == events


def test_of_flask(events: Events) -> None:
    app = Flask("page")
    flask.watch(app)

    @app.get("/x")
    def view() -> str:
        events.append("inside")
        return ""

    app.test_client().get("/x")
    app.test_client().get("/x")

    assert TWICE == events


def test_of_django(events: Events) -> None:
    def get_response(_request: Any) -> object:
        events.append("inside")
        return object()

    middleware = django.LogCenterMiddleware(get_response)
    middleware(None)
    middleware(None)

    assert TWICE == events


async def test_of_django_under_asgi(events: Events) -> None:
    async def get_response(_request: Any) -> object:
        events.append("inside")
        return object()

    middleware = django.LogCenterMiddleware(get_response)
    await middleware(None)
    await middleware(None)

    assert TWICE == events


def test_of_a_task_of_celery_whether_it_fails_or_not(events: Events) -> None:
    def work(text: str) -> int:
        events.append("inside")
        return int(text)

    celery.watch()
    task = Celery("page").task(work, name="work")
    task.apply(["3"])
    task.apply(["three"])

    assert TWICE == events


async def test_of_an_invocation(events: Events) -> None:
    @aws_lambda.report_errors
    def handler(_event: object, _context: object) -> None:
        events.append("inside")

    @aws_lambda.report_errors
    async def async_handler(_event: object, _context: object) -> None:
        events.append("inside")

    handler({}, None)
    await async_handler({}, None)

    assert TWICE == events
