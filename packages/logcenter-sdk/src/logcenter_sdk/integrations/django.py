"""Django: ``"logcenter_sdk.integrations.django.LogCenterMiddleware"`` in ``MIDDLEWARE``.

What becomes an error page of status 500 is reported: Django itself says so, by its signal ``got_request_exception``.
That leaves out everything that Django answers in another way (a page not found, a denied permission, a suspicious
operation) and what the application's own middleware handles; and it includes errors of other middleware.

With Django REST framework set ``EXCEPTION_HANDLER`` to ``"logcenter_sdk.integrations.django.exception_handler"``.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.signals import got_request_exception

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.scrub import masked_url


class LogCenterMiddleware:
    """Reports failing requests, under WSGI and ASGI. Call ``install_hook`` in the settings."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)
        got_request_exception.connect(_on_failure, dispatch_uid="logcenter_sdk")

    def __call__(self, request: Any) -> Any:  # noqa: ANN401 - Django has no types of its own
        """Pass the request on: a response, or a coroutine of one."""
        return self.get_response(request)


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
    if request is None:
        return {}
    match = getattr(request, "resolver_match", None)
    found = {
        "url": masked_url(request.path, request.META.get("QUERY_STRING", "")),
        "method": request.method,
        "view": _view(view or getattr(match, "func", None)),
        "view_name": getattr(match, "view_name", None) or None,
        "route": getattr(match, "route", None),
    }
    return {name: value for name, value in found.items() if value is not None}


def _view(view: Any) -> str | None:  # noqa: ANN401 - a function, a class's as_view(), or an instance
    if view is None:
        return None
    # as_view() makes a function that remembers its class; REST framework calls that one ``cls``.
    named = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    named = named if hasattr(named, "__qualname__") else type(named)
    return f"{named.__module__}.{named.__qualname__}"
