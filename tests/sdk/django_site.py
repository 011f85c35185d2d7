"""A small Django site, whose settings a test can put together; it is set up once per process."""

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import django
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

OURS = "logcenter_sdk.integrations.django.LogCenterMiddleware"

settings.configure(
    DEBUG=False,
    SECRET_KEY="x",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    USE_TZ=True,
    DATABASES={},
    REST_FRAMEWORK={
        "EXCEPTION_HANDLER": "logcenter_sdk.integrations.django.exception_handler",
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_AUTHENTICATION_CLASSES": [],
    },
)
django.setup()
logging.getLogger("django.request").setLevel(logging.CRITICAL)

from django.contrib.auth.models import User  # noqa: E402 - after the set-up
from django.core.exceptions import PermissionDenied, SuspiciousOperation  # noqa: E402 - after the set-up
from django.utils.deprecation import MiddlewareMixin  # noqa: E402
from django.utils.functional import SimpleLazyObject  # noqa: E402
from django.views import View  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.exceptions import APIException, NotFound  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class OwnError(Exception):
    pass


def fail(_request: Any, user_id: int) -> HttpResponse:
    raise ValueError(f"no user {user_id}")


async def fail_async(_request: Any) -> HttpResponse:
    raise KeyError("async")


class FailingView(View):  # type: ignore[misc] # Django has no types
    def post(self, _request: Any) -> HttpResponse:
        raise OSError("class")


def not_found(_request: Any) -> HttpResponse:
    raise Http404


def denied(_request: Any) -> HttpResponse:
    raise PermissionDenied


def suspicious(_request: Any) -> HttpResponse:
    raise SuspiciousOperation


def own_error(_request: Any) -> HttpResponse:
    raise OwnError


def fine(_request: Any) -> HttpResponse:
    return JsonResponse({"ok": True})


def stream(_request: Any) -> StreamingHttpResponse:
    def body() -> Iterator[bytes]:
        yield b"first"
        raise ValueError("in the body")

    return StreamingHttpResponse(body())


async def stream_async(_request: Any) -> StreamingHttpResponse:
    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        raise ValueError("in the body")

    return StreamingHttpResponse(body())


class Queries:
    """How often a user was asked for, as a query would."""

    count = 0


def _load() -> User:
    Queries.count += 1
    return User(pk=5)


def knows_user(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        request.user = SimpleLazyObject(_load)
        return get_response(request)

    return middleware


class KnowsUserAsync(MiddlewareMixin):  # type: ignore[misc] # Django has no types
    def process_request(self, request: Any) -> None:
        request.user = SimpleLazyObject(_load)
        request._acached_user = User(pk=7)  # as request.auser() leaves it


def fail_with_user(request: Any) -> HttpResponse:
    raise ValueError(request.user.username)


class Authentication(BaseAuthentication):  # type: ignore[misc] # Django has no types
    def authenticate(self, _request: Any) -> tuple[User, None]:
        return User(pk=6), None


class FailingUserAPI(APIView):  # type: ignore[misc] # Django has no types
    authentication_classes = (Authentication,)

    def get(self, _request: Any) -> None:
        raise ValueError("api")


class FailingAPI(APIView):  # type: ignore[misc] # Django has no types
    def get(self, _request: Any) -> None:
        raise ValueError("api")


class UnavailableAPI(APIView):  # type: ignore[misc] # Django has no types
    def get(self, _request: Any) -> None:
        raise APIException("upstream")


class MissingAPI(APIView):  # type: ignore[misc] # Django has no types
    def get(self, _request: Any) -> None:
        raise NotFound


def handles_own_errors(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        return get_response(request)

    def process_exception(_request: Any, error: Exception) -> HttpResponse | None:
        return HttpResponse("handled", status=418) if isinstance(error, OwnError) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined] # as Django wants it
    return middleware


def fails(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        get_response(request)
        raise ValueError("in middleware")

    return middleware


urlpatterns = [
    path("users/<int:user_id>/", fail, name="user"),
    path("async/", fail_async),
    path("class/", FailingView.as_view()),
    path("missing/", not_found),
    path("denied/", denied),
    path("suspicious/", suspicious),
    path("own/", own_error),
    path("fine/", fine),
    path("stream/", stream),
    path("stream/async/", stream_async),
    path("user/", fail_with_user),
    path("api/user/", FailingUserAPI.as_view()),
    path("api/", FailingAPI.as_view()),
    path("api/unavailable/", UnavailableAPI.as_view()),
    path("api/missing/", MissingAPI.as_view()),
]
