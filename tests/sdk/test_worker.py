"""The worker by itself: what it does at the end of a process, and where there is nothing to do."""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

import pytest

from logcenter_sdk import worker as worker_module
from logcenter_sdk.worker import Time, Worker


class OneThing:
    """A job with one thing to do."""

    def __init__(self, prepare: Callable[[], None], deliver: Callable[[Time], None] | None) -> None:
        self.prepare = prepare
        self.rescued = False
        self._deliver = deliver

    def round(self, clock: Time) -> None:
        if self._deliver is not None:
            self._deliver(clock)
        self._deliver = None

    def is_empty(self) -> bool:
        return self._deliver is None

    def in_memory(self) -> int:
        return 1

    def is_settled(self) -> bool:
        return True

    def rescue(self, clock: Time) -> None:  # noqa: ARG002 - takes no time
        self.rescued = True

    def forget(self) -> None:
        self._deliver = None


def test_imports_at_the_end_are_not_taken_off_the_time_to_deliver() -> None:
    left: list[float] = []
    worker = Worker(OneThing(lambda: time.sleep(0.5), lambda clock: left.append(clock.remaining(10))))

    worker.finish()

    assert 1 == len(left)
    assert left[0] > 1.5


def test_a_worker_with_nothing_to_do_ends_at_once_and_imports_nothing() -> None:
    prepared: list[bool] = []

    Worker(OneThing(lambda: prepared.append(True), None)).finish()

    assert [] == prepared


def test_what_is_not_delivered_in_time_is_rescued() -> None:
    ended = threading.Event()

    def hang(_: Time) -> None:
        ended.wait(30)

    job = OneThing(lambda: None, hang)

    Worker(job).finish()
    ended.set()

    assert job.rescued


def test_a_closed_worker_gives_its_thread_back() -> None:
    before = set(threading.enumerate())
    worker = Worker(OneThing(lambda: None, lambda _: None))
    worker.wake()
    assert worker.flush(10)
    [thread] = set(threading.enumerate()) - before

    worker.close()
    thread.join(10)

    assert not thread.is_alive()


class Errands:
    """A job that does what is put down, each once."""

    def __init__(self) -> None:
        self.waiting: deque[threading.Event] = deque()

    def put(self) -> threading.Event:
        errand = threading.Event()
        self.waiting.append(errand)
        return errand

    def round(self, clock: Time) -> None:  # noqa: ARG002 - takes no time
        while self.waiting:
            self.waiting.popleft().set()

    def is_empty(self) -> bool:
        return not self.waiting

    def in_memory(self) -> int:
        return len(self.waiting)

    def is_settled(self) -> bool:
        return True

    def prepare(self) -> None:
        pass

    def rescue(self, clock: Time) -> None:
        pass

    def forget(self) -> None:
        self.waiting.clear()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The thread ends after each round, and all threads take turns as often as they can."""
    monkeypatch.setattr(worker_module, "_IDLE_SECONDS", 0.0)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def threads_of_workers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "logcenter"]


@pytest.mark.usefixtures("impatient")
def test_a_thread_without_work_ends_and_the_next_report_starts_another() -> None:
    job, others = Errands(), set(threads_of_workers())
    worker = Worker(job)
    for _ in range(3):
        errand = job.put()
        worker.wake()
        assert errand.wait(30)
        for thread in set(threads_of_workers()) - others:
            thread.join(30)
            assert not thread.is_alive()


@pytest.mark.usefixtures("impatient")
def test_no_wake_up_is_lost_while_the_thread_ends() -> None:
    job = Errands()
    worker = Worker(job)
    lost: list[int] = []

    def report() -> None:
        for number in range(1_000):
            errand = job.put()
            worker.wake()
            if not errand.wait(10):
                lost.append(number)
                return

    reporters = [threading.Thread(target=report) for _ in range(3)]
    for reporter in reporters:
        reporter.start()
    for reporter in reporters:
        reporter.join()

    assert [] == lost


class Lock:
    """A lock, and what happens in the worker's thread before it is given back for the first time."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._happens = [happens]

    def acquire(self, *, blocking: bool) -> bool:
        return self._lock.acquire(blocking=blocking)

    def release(self) -> None:
        if self._happens and threading.current_thread().name == "logcenter":
            self._happens.pop()()
        self._lock.release()


@pytest.mark.usefixtures("impatient")
def test_who_comes_while_the_thread_steps_down_is_heard() -> None:
    job = Errands()
    worker = Worker(job)
    errands: list[threading.Event] = []

    def come() -> None:
        errands.append(job.put())
        worker.wake()

    worker._starting = Lock(come)  # type: ignore[assignment] # as much of one as is used

    worker.wake()
    until = time.monotonic() + 30
    while not errands and time.monotonic() < until:
        time.sleep(0.001)

    assert errands[0].wait(30)


@pytest.mark.usefixtures("impatient")
def test_no_flush_waits_for_a_thread_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Errands()
    worker = Worker(job)
    wake = worker.wake

    def wake_and_let_it_end() -> None:
        wake()
        while worker._thread is not None:
            time.sleep(0.001)

    monkeypatch.setattr(worker, "wake", wake_and_let_it_end)
    job.put()
    flushing = threading.Thread(target=worker.flush, args=(600,), daemon=True)
    flushing.start()
    flushing.join(30)

    assert not flushing.is_alive()
