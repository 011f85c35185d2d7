from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.http import FileResponse
from django.test import AsyncClient, Client, override_settings

import logcenter_sdk
from logcenter_sdk.integrations.django import LogCenterMiddleware
from sdk import django_site
from sdk.django_site import OURS
from sdk.fake_collector import FakeCollector

SITE = django_site.__name__


@pytest.fixture(autouse=True)
def unwatched_again() -> Iterator[None]:
    yield
    got_request_exception.disconnect(dispatch_uid="logcenter_sdk")


def answer_of(method: str, url: str, *middleware: str, **headers: Any) -> tuple[int, bytes]:
    with override_settings(MIDDLEWARE=list(middleware)):
        response = Client(raise_request_exception=False).generic(method, url, **headers)
        return response.status_code, response.content


@pytest.mark.parametrize(
    ("method", "url", "error", "context"),
    [
        (
            "GET",
            "/users/5/?page=2&api_key=hush",
            "ValueError",
            {
                "url": "/users/5/?page=2&api_key=[masked]",
                "method": "GET",
                "view": f"{SITE}.fail",
                "view_name": "user",
                "route": "users/<int:user_id>/",
            },
        ),
        (
            "POST",
            "/class/",
            "OSError",
            {
                "url": "/class/",
                "method": "POST",
                "view": f"{SITE}.FailingView",
                "view_name": f"{SITE}.FailingView",
                "route": "class/",
            },
        ),
        (
            "GET",
            "/api/",
            "ValueError",
            {
                "url": "/api/",
                "method": "GET",
                "view": f"{SITE}.FailingAPI",
                "view_name": f"{SITE}.FailingAPI",
                "route": "api/",
            },
        ),
    ],
)
def test_a_failing_view_still_answers_as_before_and_is_one_report(
    installed: FakeCollector, method: str, url: str, error: str, context: dict[str, str]
) -> None:
    secrets = {"HTTP_AUTHORIZATION": "Bearer hush", "HTTP_COOKIE": "session=hush"}
    expected = answer_of(method, url)
    actual = answer_of(method, url, OURS, **secrets)

    assert logcenter_sdk.flush(10)
    assert (500, expected) == (expected[0], actual)
    [report] = [each for each in installed.reports if each["error"]["file_path"].endswith("django_site.py")][-1:]
    assert (error, context) == (report["error"]["type"], report["context"])
    assert "hush" not in str(report["context"])


def test_exactly_one_report_arrives_though_handler_middleware_and_hand_see_it(installed: FakeCollector) -> None:
    answer_of("GET", "/api/", OURS, OURS)

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


@pytest.mark.parametrize(
    ("url", "status"),
    [("/fine/", 200), ("/missing/", 404), ("/denied/", 403), ("/suspicious/", 400), ("/own/", 418), ("/nowhere/", 404)],
)
def test_what_django_or_the_application_answers_itself_is_no_error(
    installed: FakeCollector, url: str, status: int
) -> None:
    assert status == answer_of("GET", url, f"{SITE}.handles_own_errors", OURS)[0]

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


@pytest.mark.parametrize("order", [[OURS, f"{SITE}.fails"], [f"{SITE}.fails", OURS]])
def test_an_error_of_other_middleware_is_reported_on_either_side(installed: FakeCollector, order: list[str]) -> None:
    assert 500 == answer_of("GET", "/fine/", *order)[0]

    assert logcenter_sdk.flush(10)
    assert ["in middleware"] == [report["error"]["message"] for report in installed.reports]


async def test_asynchronous_views_are_reported_under_asgi(installed: FakeCollector) -> None:
    with override_settings(MIDDLEWARE=[OURS]):
        response = await AsyncClient(raise_request_exception=False).get("/async/")

    assert 500 == response.status_code
    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("KeyError", f"{SITE}.fail_async") == (report["error"]["type"], report["context"]["view"])


@pytest.mark.parametrize(("url", "status", "count"), [("/api/unavailable/", 500, 1), ("/api/missing/", 404, 0)])
def test_rest_frameworks_own_answers_are_reported_only_when_the_server_is_at_fault(
    installed: FakeCollector, url: str, status: int, count: int
) -> None:
    assert status == answer_of("GET", url)[0]

    assert logcenter_sdk.flush(10)
    assert count == len(installed.reports)


def test_the_rest_framework_handler_works_without_the_middleware(installed: FakeCollector) -> None:
    assert 500 == answer_of("GET", "/api/")[0]

    assert logcenter_sdk.flush(10)
    assert ["api"] == [report["error"]["message"] for report in installed.reports]


def test_an_error_of_a_body_that_is_streamed_is_reported(installed: FakeCollector) -> None:
    with override_settings(MIDDLEWARE=[OURS]), pytest.raises(ValueError, match="in the body"):
        b"".join(Client().get("/stream/").streaming_content)

    assert logcenter_sdk.flush(10)
    assert ["/stream/"] == [report["context"]["url"] for report in installed.reports]


async def test_an_error_of_a_body_that_is_streamed_asynchronously_is_reported(installed: FakeCollector) -> None:
    with override_settings(MIDDLEWARE=[OURS]):
        response = await AsyncClient().get("/stream/async/")
        with pytest.raises(ValueError, match="in the body"):
            [chunk async for chunk in response.streaming_content]

    assert logcenter_sdk.flush(10)
    assert ["/stream/async/"] == [report["context"]["url"] for report in installed.reports]


def test_a_file_is_left_to_the_servers_own_way_of_sending_files() -> None:
    file = BytesIO(b"file")

    with closing(LogCenterMiddleware(lambda _request: FileResponse(file))(None)) as response:
        assert file is response.file_to_stream


@pytest.mark.parametrize(
    ("url", "user_id", "queries"), [("/user/", 5, 1), ("/users/9/", None, 0), ("/api/user/", 6, 0)]
)
def test_the_id_of_a_user_who_is_loaded_is_said_and_no_other_is_asked_for(
    installed: FakeCollector, url: str, user_id: int | None, queries: int
) -> None:
    django_site.Queries.count = 0

    assert 500 == answer_of("GET", url, OURS, f"{SITE}.knows_user")[0]

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert (user_id, queries) == (report["context"].get("user_id"), django_site.Queries.count)


async def test_the_id_of_a_user_who_was_loaded_asynchronously_is_said(installed: FakeCollector) -> None:
    with override_settings(MIDDLEWARE=[OURS, f"{SITE}.KnowsUserAsync"]):
        await AsyncClient(raise_request_exception=False).get("/async/")

    assert logcenter_sdk.flush(10)
    assert [7] == [report["context"]["user_id"] for report in installed.reports]


@pytest.mark.parametrize("request_object", [None, object()])
def test_a_request_that_cannot_be_read_does_not_cost_the_report(
    installed: FakeCollector, request_object: object
) -> None:
    assert answer_of("GET", "/fine/", OURS)  # connects
    try:
        int("the one")
    except ValueError:
        got_request_exception.send(sender=None, request=request_object)

    assert logcenter_sdk.flush(10)
    assert ["ValueError"] == [report["error"]["type"] for report in installed.reports]
