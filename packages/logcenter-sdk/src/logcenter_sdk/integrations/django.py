"""Django: ``"logcenter_sdk.integrations.django.LogCenterMiddleware"`` in ``MIDDLEWARE``.

What becomes an error page of status 500 is reported: Django itself says so, by its signal ``got_request_exception``.
That leaves out everything that Django answers in another way (a page not found, a denied permission, a suspicious
operation) and what the application's own middleware handles; and it includes errors of other middleware. An error of a
body that is being streamed comes after Django's last word, so the body is watched.

With Django REST framework set ``EXCEPTION_HANDLER`` to ``"logcenter_sdk.integrations.django.exception_handler"``.
"""

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.signals import got_request_exception
from django.http import FileResponse
from django.utils.functional import LazyObject

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.integrations.about import about, identifier, qualified_name
from logcenter_sdk.scope import fresh
from logcenter_sdk.scrub import masked_url


class LogCenterMiddleware:
    """Reports failing requests, under WSGI and ASGI. Call ``install_hook`` in the settings."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        got_request_exception.connect(_on_failure, dispatch_uid="logcenter_sdk")

    def __call__(self, request: Any) -> Any:  # noqa: ANN401 - Django has no types of its own
        """Pass the request on: a response, or a coroutine of one."""
        if self._is_async:
            return self._answer(request)
        with fresh():
            return _watched(self.get_response(request), request)

    async def _answer(self, request: Any) -> Any:  # noqa: ANN401 - Django has no types of its own
        with fresh():
            return _watched(await self.get_response(request), request)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a Response of REST framework, or None
    """Answer as REST framework's own handler does; what that one does not answer, or with a 5xx, is reported."""
    response = import_module("rest_framework.views").exception_handler(exc, context)
    if response is None or response.status_code >= 500:  # noqa: PLR2004 - a server error
        _report(exc, context.get("request"), context.get("view"))
    return response


def _on_failure(request: Any = None, **_signal: Any) -> None:  # noqa: ANN401 - as Django sends it
    _report(sys.exc_info()[1], request)


@harmless(None)
def _report(error: BaseException | None, request: Any, view: object = None) -> None:  # noqa: ANN401 - of Django or REST framework
    report(error, context=request_context(request, view))


def request_context(request: Any, view: object = None) -> dict[str, Any]:  # noqa: ANN401 - of Django or REST framework
    """Return what a report says about a request: no body, no header, no cookie."""
    return about(
        url=lambda: masked_url(request.path, request.META.get("QUERY_STRING", "")),
        method=lambda: request.method,
        view=lambda: qualified_name(view or request.resolver_match.func),
        view_name=lambda: request.resolver_match.view_name or None,
        route=lambda: request.resolver_match.route,
        user_id=lambda: _user_id(request),
    )


def _user_id(request: Any) -> str | int | None:  # noqa: ANN401 - of Django or REST framework
    """Return the id of the request's user, if the application has loaded it: asking for it may be a query."""
    known = vars(getattr(request, "_request", request))  # REST framework wraps Django's request, and tells it the user
    user = known.get("_acached_user", known.get("user"))
    if LazyObject in type(user).__mro__:
        user = object.__getattribute__(user, "__dict__")["_wrapped"]
    key = getattr(getattr(type(user), "_meta", None), "pk", None)
    return identifier(user, *([key.attname] if key is not None else []))


def _watched(response: Any, request: Any) -> Any:  # noqa: ANN401 - Django has no types of its own
    """Watch a body that is generated while it is sent; a file stays with the server's own way to send files."""
    if getattr(response, "streaming", False) and not isinstance(response, FileResponse):
        watch = _watched_async if response.is_async else _watched_sync
        response.streaming_content = watch(response.streaming_content, request)
    return response


def _watched_sync(content: Any, request: Any) -> Iterator[bytes]:  # noqa: ANN401 - Django has no types of its own
    try:
        yield from content
    except Exception as error:
        _report(error, request)
        raise


async def _watched_async(content: Any, request: Any) -> AsyncIterator[bytes]:  # noqa: ANN401 - Django has no types of its own
    try:
        async for chunk in content:
            yield chunk
    except Exception as error:
        _report(error, request)
        raise
