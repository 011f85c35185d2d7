from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.test import AsyncClient, Client, override_settings

import logcenter_sdk
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
