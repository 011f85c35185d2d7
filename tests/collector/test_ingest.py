"""The queue in front of the storage: what it gathers, when it is full, and what a failing storage costs whom."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from logcenter_collector.ingest.coalescer import Coalescer, Group
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.base import Arrival, Store, StoreUnavailableError, arrive
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Report, ReportedError


def arrival(message: str = "m") -> Arrival:
    error = ReportedError(type="T", message=message, stack_trace=())
    return arrive(Report(project_id="p", environment="e", level="ERROR", error=error), datetime.now(UTC))


def group(size: int, waiter: str = "") -> Group[str]:
    return Group([arrival()] * size, waiter)


def waiters(batch: Iterable[Group[str]]) -> list[str]:
    return [group.waiter for group in batch]


def test_what_waits_is_taken_oldest_first_up_to_the_limit_of_a_batch() -> None:
    coalescer = Coalescer[str](queue_limit=100, queue_bytes=1_000, batch_limit=3)
    for waiter in "abcd":
        coalescer.offer(group(1, waiter))

    assert [["a", "b", "c"], ["d"], []] == [waiters(coalescer.next_batch()) for _ in range(3)]
    assert 0 == coalescer.queued


def test_a_group_is_never_split_although_it_is_larger_than_a_batch() -> None:
    coalescer = Coalescer[str](queue_limit=100, queue_bytes=1_000, batch_limit=3)
    for size, waiter in ((2, "a"), (5, "b"), (1, "c")):
        coalescer.offer(group(size, waiter))

    assert [["a"], ["b"], ["c"]] == [waiters(coalescer.next_batch()) for _ in range(3)]


def test_a_full_queue_takes_nothing_until_a_batch_left_it() -> None:
    coalescer = Coalescer[str](queue_limit=4, queue_bytes=1_000, batch_limit=10)

    assert [True, True, False, True] == [coalescer.offer(group(size)) for size in (1, 2, 2, 1)]
    coalescer.next_batch()
    assert coalescer.offer(group(2))


def test_large_bodies_fill_the_queue_as_many_reports_do() -> None:
    coalescer = Coalescer[str](queue_limit=100, queue_bytes=1_000, batch_limit=10)

    assert [True, False, True] == [coalescer.offer(Group([arrival()], "", size)) for size in (600, 500, 400)]
    coalescer.next_batch()
    assert 0 == coalescer.queued_bytes
    assert coalescer.offer(Group([arrival()], "", 1_000))


def test_an_empty_queue_takes_a_group_that_is_larger_than_it() -> None:
    assert Coalescer[str](queue_limit=4, queue_bytes=1_000, batch_limit=10).offer(group(500))


class RecordingStore:
    """A store that records in memory, and fails where a report's message says so."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def prepare(self, _arrivals: Sequence[Arrival]) -> None:
        return None

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        self.may_go_on.wait(10)
        messages = [arrival.report.error.message for arrival in arrivals]
        self.batches.append(messages)
        if "locked" in messages:
            raise StoreUnavailableError("locked")
        if messages == ["the last straw"]:
            raise StoreUnavailableError("gone")
        if "poison" in messages:
            raise ValueError("poison")
        return [Answer(Outcome.NEW, number) for number in range(len(messages))]


async def running(store: RecordingStore, **limits: int) -> Runner:
    runner = Runner(cast("Store", store), **{"queue_limit": 100, "queue_bytes": 1_000, "batch_limit": 100} | limits)
    runner.start()
    return runner


def statuses(outcomes: Iterable[Any]) -> list[int]:
    return [outcome.problem.status if isinstance(outcome, RefusedError) else 200 for outcome in outcomes]


async def test_what_arrives_during_a_commit_is_committed_together() -> None:
    store = RecordingStore()
    runner = await running(store)
    store.may_go_on.clear()

    first = asyncio.create_task(runner.submit([arrival("first")]))
    await asyncio.sleep(0.1)
    others = [asyncio.create_task(runner.submit([arrival(message)])) for message in "abc"]
    await asyncio.sleep(0.1)
    store.may_go_on.set()
    await asyncio.gather(first, *others)
    await runner.stop()

    assert [["first"], ["a", "b", "c"]] == store.batches


async def test_a_failed_batch_is_tried_again_one_by_one_so_that_one_bad_report_fails_alone() -> None:
    runner = await running(store := RecordingStore())

    outcomes = await runner.submit([arrival("a"), arrival("poison"), arrival("b")])
    await runner.stop()

    assert [200, 500, 200] == statuses(outcomes)
    assert [["a", "poison", "b"], ["a"], ["poison"], ["b"]] == store.batches


async def test_a_store_that_goes_away_while_reports_are_tried_one_by_one_is_not_asked_for_the_rest() -> None:
    runner = await running(store := RecordingStore())

    outcomes = await runner.submit([arrival(name) for name in ("poison", "a", "the last straw", "b", "c")])
    await runner.stop()

    assert [500, 200, 503, 503, 503] == statuses(outcomes)
    assert [["poison"], ["a"], ["the last straw"]] == store.batches[1:]


async def test_an_unavailable_store_refuses_all_with_a_time_to_come_back_and_is_not_tried_again_at_once() -> None:
    runner = await running(store := RecordingStore())

    outcomes = await runner.submit([arrival("a"), arrival("locked")])
    await runner.stop()

    assert [503, 503] == statuses(outcomes)
    assert all(isinstance(outcome, RefusedError) and outcome.retry_after for outcome in outcomes)
    assert 1 == len(store.batches)


async def test_a_full_queue_refuses_at_once_with_a_time_to_come_back() -> None:
    store = RecordingStore()
    runner = await running(store, queue_limit=2)
    store.may_go_on.clear()
    under_way = [asyncio.create_task(runner.submit([arrival()]))]
    await asyncio.sleep(0.1)
    under_way += [asyncio.create_task(runner.submit([arrival()])) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(RefusedError) as refused:
        await runner.submit([arrival()])

    store.may_go_on.set()
    assert [200] * 3 == statuses(outcome for [outcome] in await asyncio.gather(*under_way))
    await runner.stop()
    assert (503, True) == (refused.value.problem.status, isinstance(refused.value.retry_after, int))


async def test_a_reporter_that_went_away_fails_nobody_and_its_report_is_stored() -> None:
    store = RecordingStore()
    runner = await running(store)
    store.may_go_on.clear()
    gone, patient = (asyncio.create_task(runner.submit([arrival(name)])) for name in ("gone", "patient"))
    await asyncio.sleep(0.1)

    gone.cancel()
    store.may_go_on.set()
    await patient
    await runner.stop()

    assert {"gone", "patient"} == {message for batch in store.batches for message in batch}


async def test_the_end_commits_what_is_queued_and_takes_nothing_more() -> None:
    store = RecordingStore()
    runner = await running(store)
    queued = [asyncio.create_task(runner.submit([arrival()])) for _ in range(5)]
    await asyncio.sleep(0)

    await runner.stop()

    assert [200] * 5 == statuses(outcome for [outcome] in await asyncio.gather(*queued))
    with pytest.raises(RefusedError):
        await runner.submit([arrival()])
