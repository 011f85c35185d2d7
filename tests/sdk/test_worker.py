"""The worker by itself: what it does at the end of a process."""

import threading
import time

from logcenter_sdk.worker import Worker


def test_imports_at_the_end_are_not_taken_off_the_time_to_deliver() -> None:
    prepared = threading.Event()
    left: list[float] = []

    def prepare() -> None:
        time.sleep(0.3)
        prepared.set()

    def deliver(worker: Worker) -> None:
        prepared.wait(10)
        left.append(worker.remaining(10))

    worker = Worker(prepare)
    worker.submit(deliver)
    worker.finish(seconds=0.25)

    assert 1 == len(left)
    assert left[0] > 0


def test_a_worker_with_nothing_to_do_ends_at_once_and_imports_nothing() -> None:
    prepared: list[bool] = []

    Worker(lambda: prepared.append(True)).finish(seconds=60)

    assert [] == prepared
