"""What makes a function the handler of a page, or of a form that pages of the dashboard send."""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec

from litestar import HttpMethod, post, route
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from logcenter_collector.web.ui.origin import require_same_origin

FORM_BYTES: Final = 64 * 1024

P = ParamSpec("P")
Decorator = Callable[[Callable[..., Any]], HTTPRouteHandler]


def shows(path: str) -> Decorator:
    """Make a function the handler of a page."""

    def decorate(function: Callable[..., Any]) -> HTTPRouteHandler:
        return route(path, http_method=[HttpMethod.GET, HttpMethod.HEAD])(_in_thread(function))

    return decorate


def takes_form(path: str) -> Decorator:
    """Make a function the handler of a form, which only pages of the dashboard may send."""

    def decorate(function: Callable[..., Any]) -> HTTPRouteHandler:
        make = post(path, guards=[require_same_origin], request_max_body_size=FORM_BYTES)
        return make(_in_thread(function))

    return decorate


def _in_thread(function: Callable[P, Any]) -> Callable[P, Awaitable[Any]]:
    """Return a coroutine function that runs another one in a thread, unless it is one itself.

    Litestar's own ``sync_to_thread`` wraps a function twice where two of them share a path, and then answers 500.
    """
    if iscoroutinefunction(function):
        return function

    @wraps(function)
    async def call(*arguments: P.args, **named: P.kwargs) -> Any:  # noqa: ANN401 - what the handler returns
        return await sync_to_thread(function, *arguments, **named)

    return call
