"""Nothing is lost, nothing counted twice: the laws of fold and counts, and what a real collector counts in the end."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import logcenter_sdk
from logcenter_sdk import client
from logcenter_sdk.counts import REASONS, Counts, Stats
from logcenter_sdk.fold import Fold, Waiting
from logcenter_sdk.settings import present_settings
from logcenter_sdk.worker import importing
from sdk.fake_collector import FakeCollector, reply
from support.collector import Collector

KEYS = st.integers(0, 5)


def settled(stats: Stats) -> int:
    return stats.sent + stats.spooled + sum(stats.dropped.values())


def occurrences(collector: FakeCollector) -> Counter[str]:
    """How often each error happened, by its type, each event counted once."""
    by_event = {report["event_id"]: report for report in collector.reports}
    found: Counter[str] = Counter()
    for report in by_event.values():
        found[report["error"]["type"]] += report.get("occurrences") or 1
    return found


def in_threads(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@given(st.lists(st.one_of(KEYS, st.sampled_from(["take", "busy", "free"]))), st.integers(1, 4), st.integers(1, 5))
def test_a_fold_gives_back_every_error_that_it_took(steps: list[int | str], most: int, room: int) -> None:
    fold = Fold(most_waiting=room)
    expected: Counter[int] = Counter()
    taken: list[Waiting] = []
    is_busy = False
    for at, step in enumerate(steps):
        if type(step) is int:
            if fold.repeat(step, at) is not None or fold.add(Waiting(step, f"{at}", None, at, 7)):
                expected[step] += 1
        elif step == "busy" and not is_busy:
            is_busy = fold._lock.acquire(blocking=False)  # another thread is in the middle of something
        elif is_busy:
            fold._lock.release()
            is_busy = False
        elif step == "take":
            taken += fold.take(most)
        assert len(fold) <= room
    if is_busy:
        fold._lock.release()
    while more := fold.take(most):
        taken += more

    found: Counter[int] = Counter()
    for waiting in taken:
        found[waiting.key] += waiting.occurrences  # type: ignore[index] # the keys of this test
        assert waiting.first_at <= waiting.last_at
    assert expected == found
    assert (0, 0) == (len(fold), fold._characters)


def test_a_fold_that_threads_fill_while_it_is_emptied_loses_none() -> None:
    # Room for all of them: who finds the lock taken leaves a stray, and a holder that is not scheduled for a while
    # makes a stray of every repeat.
    fold, found, ended = Fold(most_waiting=4 * 5_000), Counter[int](), threading.Event()

    def fill(_: int) -> None:
        for number in range(5_000):
            key = number % 7
            if fold.repeat(key, 0.0) is None:
                assert fold.add(Waiting(key, "", None, 0.0))

    def empty() -> None:
        while not ended.is_set() or len(fold):
            for waiting in fold.take(3):
                found[waiting.key] += waiting.occurrences  # type: ignore[index] # the keys of this test

    worker = threading.Thread(target=empty)
    worker.start()
    in_threads(4, fill)
    ended.set()
    worker.join()

    assert 4 * 5_000 == found.total()
    assert {found[key] for key in range(7)} <= {4 * 714, 4 * 715}


def test_a_fold_whose_lock_was_never_given_back_works_again_after_a_second() -> None:
    fold = Fold()
    fold._lock.acquire()
    assert fold.add(Waiting("key", "id", None, 0.0))

    assert ["id"] == [waiting.event_id for waiting in fold.take(1)]

    assert fold.add(Waiting("key", "next", None, 0.0))
    assert "next" == fold.repeat("key", 1.0)


@given(st.lists(st.tuples(st.sampled_from(["captured", "sent", "spooled", *REASONS]), st.integers(-5, 50))))
def test_counts_add_up(notes: list[tuple[str, int]]) -> None:
    counts = Counts()
    for name, count in notes:
        counts.add(name, count)

    stats = counts.read()

    assert stats.captured == stats.waiting + settled(stats)
    assert sum(count for name, count in notes if name == "captured") == stats.captured


def test_counts_of_many_threads_are_exact() -> None:
    counts = Counts()

    def count(_: int) -> None:
        for _ in range(5_000):
            counts.add("captured")
            counts.add("sent")

    in_threads(8, count)

    assert (40_000, 40_000, 0) == (counts.read().captured, counts.read().sent, counts.read().waiting)


def test_counts_whose_lock_was_never_given_back_do_not_grow_for_ever() -> None:
    counts = Counts()
    counts._lock.acquire()

    for _ in range(25_000):
        counts.add("captured")

    assert len(counts._notes) <= 10_000
    assert 25_000 == counts.read().captured


class RepeatedError(Exception):
    pass


def test_ten_thousand_equal_errors_of_eight_threads_are_a_handful_of_requests(installed: FakeCollector) -> None:
    moments: list[Stats] = []

    def fail(_: int) -> None:
        for _ in range(1_250):
            logcenter_sdk.capture_exception(RepeatedError())
        moments.append(logcenter_sdk.stats())

    in_threads(8, fail)
    assert logcenter_sdk.flush(20)

    stats = logcenter_sdk.stats()
    assert {"RepeatedError": 10_000} == occurrences(installed)
    assert (10_000, 10_000, 0, 0, {}) == (stats.captured, stats.sent, stats.spooled, stats.waiting, stats.dropped)
    assert all(each.waiting >= 0 and each.captured == each.waiting + settled(each) for each in moments)
    assert len(installed.requests) <= 40


def test_two_hundred_kinds_are_counted_each_for_itself(installed: FakeCollector) -> None:
    kinds = [type(f"Kind{number}Error", (Exception,), {}) for number in range(200)]

    def fail(_: int) -> None:
        for number in range(2_000):
            logcenter_sdk.capture_exception(kinds[number % 200]())

    in_threads(4, fail)
    assert logcenter_sdk.flush(30)

    assert dict.fromkeys((kind.__name__ for kind in kinds), 40) == occurrences(installed)
    assert 8_000 == logcenter_sdk.stats().sent


def test_what_has_no_room_in_the_buffer_is_counted(installed: FakeCollector) -> None:
    present = client.present_client()
    assert present is not None
    present.outbox.fold._most_waiting = 10
    installed.always = reply(503, {}, Retry_After="0")
    kinds = [type(f"Kind{number}Error", (Exception,), {}) for number in range(2_000)]
    for kind in kinds:
        logcenter_sdk.capture_exception(kind())
    installed.always = None

    assert logcenter_sdk.flush(30)

    stats = logcenter_sdk.stats()
    assert 2_000 == stats.captured == stats.sent + stats.dropped["buffer_full"]
    assert {"buffer_full"} == stats.dropped.keys()
    assert stats.sent == occurrences(installed).total()


def test_locals_take_room_in_the_buffer_as_well(collector: FakeCollector) -> None:
    present = client.configure(
        present_settings(
            project_id="shop",
            url=collector.url,
            spool=False,
            capture_locals=True,
            app_roots=[str(Path(__file__).parent)],
        )
    )
    present.outbox.fold._most_characters = 1_000

    def fail(kind: type[Exception]) -> None:
        large = ["x" * 150] * 10
        raise kind(len(large))

    with importing():  # the worker takes nothing yet
        for kind in (KeyError, OSError):
            with pytest.raises(kind) as raised:
                fail(kind)
            logcenter_sdk.capture_exception(raised.value)
    assert logcenter_sdk.flush(10)

    assert {"buffer_full": 1} == logcenter_sdk.stats().dropped


def test_what_has_no_room_in_the_spool_is_counted(collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    from logcenter_sdk import delivery, spool

    monkeypatch.setattr(delivery, "Spool", partial(spool.Spool, max_reports=20))
    monkeypatch.setattr(delivery, "MemorySpool", partial(spool.MemorySpool, max_reports=20))
    client.configure(present_settings(project_id="shop", url=collector.url))
    collector.always = reply(401, {"title": "Unauthorized"})
    kinds = [type(f"Kind{number}Error", (Exception,), {}) for number in range(100)]

    for kind in kinds:
        for _ in range(3):
            logcenter_sdk.capture_exception(kind())
    logcenter_sdk.flush(20)

    stats = logcenter_sdk.stats()
    assert (300, 0, 0) == (stats.captured, stats.sent, stats.waiting)
    assert stats.spooled + stats.dropped["spool_full"] == 300
    assert {"spool_full"} == stats.dropped.keys()
    assert stats.spooled <= 40 * 3


def test_the_real_collector_counts_what_was_captured(shared_collector: Collector) -> None:
    client.configure(present_settings(project_id="exact-counts", url=shared_collector.api_url, spool=False))
    kinds = [type(f"Kind{number}Error", (Exception,), {}) for number in range(20)]

    def fail(_: int) -> None:
        for number in range(1_000):
            logcenter_sdk.capture_exception(kinds[number % 20]())

    in_threads(4, fail)
    assert logcenter_sdk.flush(30)
    logcenter_sdk.close()

    issues = shared_collector.issues(project_id="exact-counts")
    assert dict.fromkeys((kind.__name__ for kind in kinds), 200) == {
        issue["error"]["type"]: issue["occurrence_count"] for issue in issues
    }
