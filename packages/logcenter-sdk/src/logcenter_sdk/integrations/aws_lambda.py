"""AWS Lambda, and what calls functions as it does: ``@report_errors`` above the handler, sync or async.

A function is frozen as soon as it has answered, so what is waiting is delivered before: within the time that the
invocation has left, less a margin for the answer itself. Nothing of the event is sent.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec, TypeVar, cast

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import flush, report
from logcenter_sdk.integrations.about import about
from logcenter_sdk.scope import fresh

P = ParamSpec("P")
R = TypeVar("R")

_MARGIN_SECONDS: Final = 0.5
"""What is left to the answer: a function that is out of time is killed, and has failed."""
_LONGEST_SECONDS: Final = 5.0
"""A small function is slow to import what sends its first report."""


def report_errors(handler: Callable[P, R]) -> Callable[P, R]:
    """Decorate a handler ``(event, context)``: what it raises is reported and raised again.

    Reports that the handler made itself are delivered as well. Call ``install_hook`` when the module is imported.
    """
    if iscoroutinefunction(handler):
        return cast("Callable[P, R]", _async(handler))

    @wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        invocation = _context(args, kwargs)
        with fresh():
            try:
                return handler(*args, **kwargs)
            except BaseException as error:
                _report(error, invocation)
                raise
            finally:
                flush(seconds_for_delivery(invocation))

    return guarded


def _async(handler: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    @wraps(handler)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        invocation = _context(args, kwargs)
        with fresh():
            try:
                return await handler(*args, **kwargs)
            except BaseException as error:
                _report(error, invocation)
                raise
            finally:
                # One invocation at a time, which ends here: nobody else waits for this loop.
                flush(seconds_for_delivery(invocation))

    return guarded


def _context(args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - whatever the platform gives
    return args[1] if len(args) > 1 else kwargs.get("context")


@harmless(None)
def _report(error: BaseException, invocation: Any) -> None:  # noqa: ANN401 - whatever the platform gives
    context = about(
        function=lambda: invocation.function_name,
        function_version=lambda: invocation.function_version,
        request_id=lambda: invocation.aws_request_id,
    )
    report(error, context=context)


def seconds_for_delivery(invocation: Any) -> float:  # noqa: ANN401 - whatever the platform gives
    """Return how long a delivery may hold up the answer."""
    known = about(left=lambda: float(invocation.get_remaining_time_in_millis()) / 1_000)
    left: float = known.get("left", float("inf"))
    return max(min(left - _MARGIN_SECONDS, _LONGEST_SECONDS), 0.0)
