"""The worker by itself: what it does at the end of a process."""

import threading
import time
from collections.abc import Callable

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
