import asyncio
import contextvars
import copy
import gc
import inspect
import json
import pickle
import threading
import weakref
from collections.abc import AsyncGenerator, Generator, Iterator
from functools import partial
from typing import Any

import pytest

from logcenter_sdk import scope
from logcenter_sdk.scope import breadcrumb, context, current, fresh, present, tag


@pytest.fixture(autouse=True)
def _scope_of_its_own() -> Iterator[None]:
    with fresh():
        yield


class Bomb:
    """Everything that can be asked of it goes off."""

    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)

    def __str__(self) -> str:
        raise SystemExit

    def __hash__(self) -> int:
        raise SystemExit


class BadName(str):
    __slots__ = ()

    def __hash__(self) -> int:
        raise ValueError


def failing() -> None:
    raise ValueError("three")


def test_nothing_is_known_at_first() -> None:
    assert {} == present()


def test_values_hold_in_their_block_and_the_inner_ones_go_before() -> None:
    with context(user_id=1, shop="a"):
        with context(user_id=2, step="pay"):
            assert {"user_id": 2, "shop": "a", "step": "pay"} == present()
        assert {"user_id": 1, "shop": "a"} == present()
    assert {} == present()


def test_any_name_may_be_the_name_of_a_value() -> None:
    with context(self=1, values=2, function=3):
        assert {"self": 1, "values": 2, "function": 3} == present()


def test_a_tag_holds_until_its_block_ends() -> None:
    tag("region", "eu")
    with context(user_id=1):
        tag("region", "us")
        tag("plan", "free")
        assert {"user_id": 1, "tags": {"region": "us", "plan": "free"}} == present()
    assert {"tags": {"region": "eu"}} == present()


def test_of_tags_with_ever_new_names_the_latest_are_kept() -> None:
    for number in range(10 * scope.TAGS):
        tag(f"n{number}", number)

    tags: Any = present()["tags"]

    assert scope.TAGS == len(tags)
    assert 999 == tags["n999"]


def test_the_latest_breadcrumbs_are_kept_with_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "_now", lambda: 1_771_583_400.25)

    for number in range(60):
        breadcrumb("a query", category="db", level="INFO", rows=number)
    breadcrumb("the end")

    crumbs: Any = present()["breadcrumbs"]
    assert 50 == len(crumbs)
    assert {
        "timestamp": "2026-02-20T10:30:00.250000Z",
        "message": "a query",
        "category": "db",
        "level": "INFO",
        "data": {"rows": 11},
    } == crumbs[0]
    assert {"timestamp": "2026-02-20T10:30:00.250000Z", "message": "the end"} == crumbs[-1]


def test_the_trail_goes_on_after_a_block() -> None:
    with context(step="pay"):
        breadcrumb("paid")

    assert ["paid"] == messages(present())


def messages(found: dict[str, Any]) -> list[str]:
    return [crumb["message"] for crumb in found.get("breadcrumbs", ())]


def test_a_long_message_is_cut_when_it_is_left() -> None:
    breadcrumb("x" * 10_000_000)

    assert 8 * 1024 == len(messages(present())[0])


def test_an_error_remembers_the_blocks_that_it_has_left() -> None:
    def failing_payment() -> None:
        with context(user_id=1):
            tag("plan", "free")
            with context(step="pay"):
                breadcrumb("paying")
                failing()

    with pytest.raises(ValueError, match="three") as caught:
        failing_payment()
    breadcrumb("caught it")
    tag("region", "eu")

    found = present(caught.value)

    assert ["paying", "caught it"] == messages(found)
    assert {"user_id": 1, "step": "pay", "tags": {"region": "eu", "plan": "free"}} == without_trail(found)
    assert {"tags": {"region": "eu"}} == without_trail(present())


def without_trail(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name != "breadcrumbs"}


def test_an_error_made_of_another_one_knows_what_that_one_knew() -> None:
    def translated() -> None:
        try:
            with context(user_id=1):
                failing()
        except ValueError as error:
            raise RuntimeError from error

    with pytest.raises(RuntimeError) as caught:
        translated()

    assert {"user_id": 1} == present(caught.value)


def test_a_request_that_fails_leaves_what_it_knew_in_its_error() -> None:
    def failing_request() -> None:
        with fresh():
            tag("plan", "free")
            failing()

    with pytest.raises(ValueError, match="three") as caught:
        failing_request()

    assert {} == present()
    assert {"tags": {"plan": "free"}} == present(caught.value)


def test_an_error_that_remembers_can_be_pickled_copied_and_shown() -> None:
    with pytest.raises(ValueError, match="three") as caught, context(lock=threading.Lock()):
        failing()

    assert ("three",) == pickle.loads(pickle.dumps(caught.value)).args
    assert {} == present(copy.deepcopy(caught.value))
    assert '{"__logcenter_scope__": ""}' == json.dumps(vars(caught.value))


def test_an_exit_remembers_nothing() -> None:
    with pytest.raises(SystemExit) as caught, context(user_id=1):
        raise SystemExit

    assert {} == present(caught.value)


def test_a_request_does_not_leak_into_the_next_one_on_the_same_thread() -> None:
    breadcrumb("started")
    tag("region", "eu")
    with fresh():
        assert {"tags": {"region": "eu"}} == present()
        tag("plan", "free")
        breadcrumb("a request")
        context(user_id=1).__enter__()  # a block that is never left
    with fresh():
        assert {"tags": {"region": "eu"}} == present()
    assert ["started"] == messages(present())


def test_a_request_that_ends_in_another_task_harms_nobody() -> None:
    request = fresh()
    contextvars.copy_context().run(request.__enter__)
    tag("region", "eu")

    request.__exit__(None, None, None)
    fresh().__exit__(None, None, None)

    assert {"tags": {"region": "eu"}} == present()


def test_a_function_has_the_values_in_each_of_its_calls() -> None:
    @context(job="nightly")
    def job(depth: int) -> tuple[dict[str, object], int]:
        """Do it."""
        return job(depth - 1) if depth else (present(), len(current().layers))

    assert ({"job": "nightly"}, 3) == job(2)
    assert ("job", "Do it.") == (job.__name__, job.__doc__)
    assert {} == present()


async def test_an_asynchronous_function_has_them_while_it_runs() -> None:
    @context(job="nightly")
    async def job() -> dict[str, object]:
        await asyncio.sleep(0)
        return present()

    assert inspect.iscoroutinefunction(job)
    assert inspect.iscoroutinefunction(context(a=1)(partial(job)))
    assert {"job": "nightly"} == await job()
    assert {} == present()


def test_a_generator_has_them_while_it_runs_and_its_consumer_never() -> None:
    log = []

    @context(job="nightly")
    def rows() -> Generator[dict[str, object], str, str]:
        log.append((yield present()))
        tag("step", 2)
        try:
            yield present()
        except KeyError:
            yield present()
        return "done"

    steps = rows()

    assert ({"job": "nightly"}, {}) == (next(steps), present())
    assert ({"job": "nightly", "tags": {"step": 2}}, {}) == (steps.send("sent"), present())
    assert ({"job": "nightly", "tags": {"step": 2}}, {}) == (steps.throw(KeyError()), present())
    with pytest.raises(StopIteration, match="done"):
        next(steps)
    assert ["sent"] == log


def test_a_generator_that_is_closed_or_fails_ends_as_it_would_without() -> None:
    closed = []

    @context(job="nightly")
    def rows() -> Generator[int, None, None]:
        try:
            yield 1
            failing()
        finally:
            closed.append(present())

    steps = rows()
    next(steps)
    steps.close()

    with pytest.raises(ValueError, match="three") as caught:
        list(rows())
    assert [{"job": "nightly"}, {"job": "nightly"}] == closed
    assert {"job": "nightly"} == present(caught.value)


async def test_an_asynchronous_generator_has_them_while_it_runs() -> None:
    closed = []

    @context(job="nightly")
    async def rows() -> AsyncGenerator[Any, str]:
        try:
            sent = yield present()
            await asyncio.sleep(0)
            try:
                yield sent, present()
            except KeyError:
                yield "caught"
        finally:
            closed.append(present())

    steps = rows()

    assert ({"job": "nightly"}, {}) == (await anext(steps), present())
    assert ("sent", {"job": "nightly"}) == await steps.asend("sent")
    assert "caught" == await steps.athrow(KeyError())
    with pytest.raises(StopAsyncIteration):
        await anext(steps)
    early = rows()
    await anext(early)
    await early.aclose()
    assert [{"job": "nightly"}] * 2 == closed
    assert {} == present()


def test_a_generators_block_takes_away_its_own_values_only() -> None:
    def rows() -> Iterator[int]:
        with context(inner=1):
            yield 1

    steps = rows()
    next(steps)
    with context(outer=1):
        list(steps)
        assert {"outer": 1} == present()
    assert {} == present()


async def test_tasks_know_what_was_known_when_they_began_and_share_nothing() -> None:
    async def task(number: int) -> dict[str, object]:
        with context(number=number):
            tag("task", number)
            await asyncio.sleep(0)
            return present()

    with context(batch=7):
        found = await asyncio.gather(*(task(number) for number in range(3)))
        assert {"batch": 7} == present()

    assert [{"batch": 7, "number": number, "tags": {"task": number}} for number in range(3)] == found


def test_threads_share_nothing_and_know_more_only_in_a_copy() -> None:
    found = []
    with context(batch=7):
        for run in (present, partial(contextvars.copy_context().run, present)):
            thread = threading.Thread(target=lambda run=run: found.append(run()))
            thread.start()
            thread.join()

    assert [{}, {"batch": 7}] == found


def test_values_are_let_go_when_their_block_and_their_request_end() -> None:
    class Value:
        pass

    def request() -> weakref.ref[Value]:
        value = Value()
        with fresh(), context(value=value):
            tag("value", value)
            breadcrumb("seen", value=value)
        return weakref.ref(value)

    gc.disable()
    try:
        assert [None] * 100 == [request()() for _ in range(100)]
    finally:
        gc.enable()


def test_hostile_arguments_never_raise() -> None:
    tag(Bomb(), Bomb())
    breadcrumb(Bomb(), category=Bomb(), level=Bomb(), data=Bomb())
    tag("\x00" + "\ud800", "x")
    with context(value=Bomb()):
        assert ["<unprintable Bomb object>"] == messages(present())
    tag(BadName("a"), 1)
    assert ["<unprintable Bomb object>", "\x00\ud800", "a"] == list(current().layers[0].tags)


@pytest.mark.parametrize("value", [17, None, int])
def test_what_is_no_function_is_not_decorated(value: object) -> None:
    assert value is context(a=1)(value)


def test_a_callable_that_cannot_be_looked_at_is_not_decorated() -> None:
    class Shy:
        def __getattribute__(self, name: str) -> Any:
            raise ValueError(name)

        def __call__(self) -> None:
            raise NotImplementedError

    function = Shy()

    assert function is context(a=1)(function)
