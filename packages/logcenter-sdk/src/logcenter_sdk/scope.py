"""What an application knows about the work it is doing: values, tags and the trail of what it did.

It follows the work: each thread, each asyncio task has its own, and what a task learns stays in the task. Everything in
the context variable is immutable, so nothing is ever shared and nothing has to be locked; nothing is converted before a
report needs it.

An error leaves a ``with context(…)`` block before anybody reports it. So the block leaves what it knew in the error.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextvars import ContextVar, Token
from functools import partial, wraps
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeVar, cast

from logcenter_sdk.boundary import harmless, say
from logcenter_sdk.plain import plain_text
from logcenter_sdk.thrown_parts import attributes_of, cause_of, context_of

F = TypeVar("F")

BREADCRUMBS: Final = 50
"""How many of the latest a report carries."""
TAGS: Final = 100
"""How many a block keeps: a tag that has a new name each time must not fill the memory."""

_LONGEST_MESSAGE: Final = 8 * 1024
_LONGEST_NAME: Final = 200
_LONGEST_CHAIN: Final = 10
_LEFT: Final = "__logcenter_scope__"
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200  # of co_flags; inspect, which names them, takes 10 ms
_NOTHING: Final[Mapping[str, object]] = {}


class Breadcrumb(NamedTuple):
    """One thing that the application did."""

    at: float
    message: object
    category: object
    level: object
    data: Mapping[str, object]


class Layer(NamedTuple):
    """What one block knows; ``owner`` is who takes it away again."""

    owner: object
    values: Mapping[str, object]
    tags: Mapping[str, object]


class Scope(NamedTuple):
    """What is known at one moment: the blocks from the outermost to the innermost, and the trail."""

    layers: tuple[Layer, ...] = ()
    trail: tuple[Breadcrumb, ...] = ()

    def as_context(self) -> dict[str, object]:
        """Return what a report's context says of it: the values, tags and breadcrumbs, none of them where empty."""
        found: dict[str, object] = {}
        tags: dict[str, object] = {}
        for layer in self.layers:
            found.update(layer.values)
            tags.update(layer.tags)
        if tags:
            found["tags"] = tags
        if self.trail:
            found["breadcrumbs"] = [_as_context(crumb) for crumb in self.trail]
        return found


_SCOPE: Final[ContextVar[Scope]] = ContextVar("logcenter_scope", default=Scope())  # noqa: B039 - immutable


class context:  # noqa: N801 - used like a function, as contextlib.suppress is
    """Let every report of a block, or of a decorated function, carry these values.

    Blocks may be nested; the inner one's values go before. Functions may be asynchronous, and generators: there the
    values hold while the generator runs, not while it waits for being asked.
    """

    __slots__ = ("_values",)

    def __init__(self, /, **values: object) -> None:
        self._values = values

    def __enter__(self) -> None:
        scope = _SCOPE.get()
        _SCOPE.set(Scope((*scope.layers, Layer(self, self._values, _NOTHING)), scope.trail))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # Its own layer, not "what was before": a generator's block may end after one that began later.
        scope = _SCOPE.get()
        _leave(kind, error, scope)
        _SCOPE.set(Scope(_without(scope.layers, self), scope.trail))

    def __call__(self, function: F) -> F:
        """Return the function with this block around each of its calls; what is no function as it is."""
        if callable(function) and not issubclass(type(function), type):
            try:
                return cast("F", self._around(function))
            except Exception:  # noqa: BLE001, S110 - a callable whose attributes cannot be read
                pass
        say("context(…) decorates functions only")
        return function

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        flags = _flags(function)
        if flags & _COROUTINE:
            return self._around_coroutine(function)
        if flags & _GENERATOR:
            return wraps(function)(lambda *args, **kwargs: _stepwise(_Steps(self), function(*args, **kwargs)))
        if flags & _ASYNC_GENERATOR:
            return wraps(function)(lambda *args, **kwargs: _async_stepwise(_Steps(self), function(*args, **kwargs)))

        @wraps(function)
        def within(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function has it
            with self:
                return function(*args, **kwargs)

        return within

    def _around_coroutine(self, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(function)
        async def within(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function has it
            with self:
                return await function(*args, **kwargs)

        return within


class fresh:  # noqa: N801 - used like a function
    """A scope for one request: what is learned inside is forgotten at its end, and its trail begins anew.

    What was known outside (a tag that was set at the start of the program) holds inside as well. For integrations; each
    request takes an object of its own.
    """

    __slots__ = ("_token",)

    _token: Token[Scope]

    def __enter__(self) -> None:
        scope = _SCOPE.get()
        self._token = _SCOPE.set(Scope(scope.layers) if scope.trail else scope)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            _leave(kind, error, _SCOPE.get())
        try:
            _SCOPE.reset(self._token)
        except (ValueError, RuntimeError, AttributeError):
            say("a request's scope ended where it did not begin")  # in another task: this one's own is untouched


class nothing_known(fresh):  # noqa: N801 - used like a function
    """A scope in which nothing is known of what was said outside: for tests, which must not see each other."""

    __slots__ = ()

    def __enter__(self) -> None:
        self._token = _SCOPE.set(Scope())


@harmless(None)
def tag(name: object, value: object) -> None:
    """Let the reports of the innermost block, or of the request outside of one, carry this tag. Never raises."""
    scope = _SCOPE.get()
    layer = scope.layers[-1] if scope.layers else Layer(None, _NOTHING, _NOTHING)
    tags = {**layer.tags, _text(name, _LONGEST_NAME): value}
    if len(tags) > TAGS:
        del tags[next(iter(tags))]
    _SCOPE.set(Scope((*scope.layers[:-1], layer._replace(tags=tags)), scope.trail))


@harmless(None)
def breadcrumb(message: object, *, category: object = None, level: object = None, **data: object) -> None:
    """Remember one thing that was done; a report carries the 50 latest of its request or task. Never raises."""
    scope = _SCOPE.get()
    crumb = Breadcrumb(_now(), _text(message, _LONGEST_MESSAGE), category, level, data)
    _SCOPE.set(Scope(scope.layers, (*scope.trail[1 - BREADCRUMBS :], crumb)))


def current(error: BaseException | None = None) -> Scope:
    """Return what is known now, and what the blocks knew that ``error`` has left: cheap, and free to keep."""
    scope = _SCOPE.get()
    left = None if error is None else _left_by(error)
    if left is None:
        return scope
    trail = {id(crumb): crumb for crumb in (*left.trail, *scope.trail)}
    return Scope((*scope.layers, *left.layers), tuple(trail.values())[-BREADCRUMBS:])


def present(error: BaseException | None = None) -> dict[str, object]:
    """Return what a report of now, or of ``error``, has in its context: values, ``tags`` and ``breadcrumbs``."""
    try:
        known = current(error)
        return known.as_context() if known.layers or known.trail else {}
    except Exception:  # noqa: BLE001 - a name that cannot be hashed must not cost the report
        return {}


def _now() -> float:
    return time.time()


def _text(value: object, limit: int) -> str:
    """Return a text that may be kept."""
    text = value if type(value) is str else plain_text(value)
    return text[:limit]


def _as_context(crumb: Breadcrumb) -> dict[str, object]:
    from datetime import UTC, datetime  # noqa: PLC0415 - only reports pay for it

    from logcenter_sdk.contract.instants import format_instant  # noqa: PLC0415 - it brings the same

    said = {
        "timestamp": format_instant(datetime.fromtimestamp(crumb.at, UTC)),
        "message": crumb.message,
        "category": crumb.category,
        "level": crumb.level,
        "data": dict(crumb.data) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _without(layers: tuple[Layer, ...], owner: object) -> tuple[Layer, ...]:
    """Return the layers without the innermost one of ``owner``."""
    for at in range(len(layers) - 1, -1, -1):
        if layers[at].owner is owner:
            return layers[:at] + layers[at + 1 :]
    return layers


class _Left(str):
    """What an error remembers. For everybody but us an empty text: the error can be copied, pickled and printed."""

    __slots__ = ("scope",)

    scope: Scope

    def __reduce_ex__(self, _protocol: object) -> tuple[type[str], tuple[()]]:
        return (str, ())


def _leave(kind: type[BaseException] | None, error: BaseException | None, scope: Scope) -> None:
    """Let an error remember what was known where it happened; it is in the innermost block that it happened."""
    if error is None or kind is None or not issubclass(kind, Exception):
        return
    left = _Left()
    left.scope = scope
    dict.setdefault(attributes_of(error), _LEFT, left)


def _left_by(error: BaseException) -> Scope | None:
    """Return what an error remembers, or the error that it came from."""
    each: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if each is None:
            return None
        left = dict.get(attributes_of(each), _LEFT)
        if type(left) is _Left:
            return left.scope
        each = _origin(each)
    return None


def _origin(error: BaseException) -> BaseException | None:
    cause = cause_of(error)
    return context_of(error) if cause is None else cause


def _flags(function: Any) -> int:  # noqa: ANN401 - any callable
    while isinstance(function, partial):
        function = function.func
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    return flags if type(flags) is int else 0


class _Steps:
    """A block around each step of one generator: what a step learns the next one knows, and nobody between them."""

    def __init__(self, owner: context) -> None:
        self._owner = owner
        self._outer = Scope()
        self._layers: tuple[Layer, ...] = ()

    def __enter__(self) -> None:
        self._outer = _SCOPE.get()
        self._layers = self._layers or (*self._outer.layers, Layer(self, self._owner._values, _NOTHING))  # noqa: SLF001 - of this module
        _SCOPE.set(Scope(self._layers, self._outer.trail))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        scope = _SCOPE.get()
        self._layers = scope.layers
        _leave(kind, error, scope)
        _SCOPE.set(Scope(self._outer.layers, scope.trail))


def _stepwise(steps: _Steps, generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    step: list[Callable[[], Any]] = [partial(generator.send, None)]
    while True:
        try:
            with steps:
                item = step.pop()()  # taken away first: an error that is thrown in must not be held by this frame
        except StopIteration as end:
            return end.value
        try:
            sent = yield item
        except GeneratorExit:
            with steps:
                generator.close()
            raise
        except BaseException as error:  # noqa: BLE001 - goes where it was thrown to
            step.append(partial(generator.throw, error))
        else:
            step.append(partial(generator.send, sent))


async def _async_stepwise(steps: _Steps, generator: AsyncGenerator[Any, Any]) -> AsyncGenerator[Any, Any]:
    step: list[Callable[[], Awaitable[Any]]] = [partial(generator.asend, None)]
    while True:
        try:
            with steps:
                item = await step.pop()()
        except StopAsyncIteration:
            return
        try:
            sent = yield item
        except GeneratorExit:
            with steps:
                await generator.aclose()
            raise
        except BaseException as error:  # noqa: BLE001 - goes where it was thrown to
            step.append(partial(generator.athrow, error))
        else:
            step.append(partial(generator.asend, sent))
