"""A thread that does its jobs when they are due, one after the other, until it is stopped."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Final, Protocol

from logcenter_collector.store.base import StoreUnavailableError

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 30.0
"""A job that failed is tried again after this, or when it is due if that is sooner."""
STOP_SECONDS: Final = 10.0


class Job(Protocol):
    """Something to do again and again."""

    @property
    def name(self) -> str:
        """What it is called, in logs and as a lease."""
        ...

    @property
    def period_seconds(self) -> float:
        """How long after its beginning it is due again."""
        ...

    def run(self, stopping: threading.Event) -> None:
        """Do it once; end early when ``stopping`` is set."""
        ...


class Lane:
    """One thread with jobs that may wait for each other."""

    def __init__(self, name: str, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._stopping = threading.Event()
        self._failing: set[str] = set()
        self._thread = threading.Thread(target=self._run, name=f"logcenter-{name}", daemon=True)

    def start(self) -> None:
        """Begin with every job once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the slice that is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        due = dict.fromkeys(range(len(self._jobs)), time.monotonic())
        while due:
            number = min(due, key=lambda each: due[each])
            if self._stopping.wait(max(0.0, due[number] - time.monotonic())):
                return
            begun = time.monotonic()
            due[number] = begun + self._do(self._jobs[number])

    def _do(self, job: Job) -> float:
        """Do a job and return after how many seconds it is due again. Whatever happens, the others get their turn."""
        try:
            job.run(self._stopping)
        except StoreUnavailableError as error:
            level = logging.DEBUG if job.name in self._failing else logging.WARNING  # some try every second
            log.log(level, "%s is tried again later: %s", job.name, error)
            self._failing.add(job.name)
        except Exception:
            log.exception("%s failed and is tried again later", job.name)
        else:
            self._failing.discard(job.name)
            return job.period_seconds
        return min(job.period_seconds, RETRY_SECONDS)
