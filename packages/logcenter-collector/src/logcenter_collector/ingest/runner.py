"""The one task that commits: it takes what has gathered, writes it in a thread, and answers after the commit."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter

from logcenter_collector.ingest.coalescer import Coalescer, Group
from logcenter_collector.ingest.counts import Counts
from logcenter_collector.ingest.refusal import Reason, RefusedError, full, unavailable
from logcenter_collector.store.base import Arrival, Store, StoreFullError, StoreUnavailableError
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.problem import Problem

log = logging.getLogger(__name__)

Outcomes = list[Answer | RefusedError]
Deliver = Callable[[Outcomes], object]
Settle = Callable[[Sequence[Arrival], Outcomes], object]

RETRY_AFTER_SECONDS = 2
MOST_GATHERING_SECONDS = 0.005
GATHERING_STEP_SECONDS = 0.0005
FULL_RETRY_AFTER_SECONDS = 60


def _settle_nothing(_arrivals: Sequence[Arrival], _outcomes: Outcomes) -> None:
    pass


class Runner:
    """Owns the queue and the writing thread. Start and stop it inside the event loop."""

    def __init__(  # noqa: PLR0913 - what it is made of, and its limits
        self,
        store: Store,
        counts: Counts | None = None,
        settle: Settle = _settle_nothing,
        /,
        *,
        queue_limit: int,
        queue_bytes: int,
        batch_limit: int,
    ) -> None:
        """``settle`` is told what became of each arrival, as ``counts`` is."""
        self.counts = counts or Counts()
        self._settle = settle
        self._store = store
        self._coalescer = Coalescer[Deliver](queue_limit=queue_limit, queue_bytes=queue_bytes, batch_limit=batch_limit)
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="logcenter-writer")
        self._task: asyncio.Task[None] | None = None
        self._last_seconds = 0.0
        self._last_reports = 0
        self._stopping = False

    def start(self) -> None:
        """Begin to commit what is submitted."""
        self._task = asyncio.create_task(self._run(), name="logcenter-ingest")

    async def stop(self) -> None:
        """Commit what is queued, then end."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    @property
    def waiting(self) -> tuple[int, int]:
        """How many reports wait for their commit, and the bytes of the bodies that they came in."""
        return self._coalescer.queued, self._coalescer.queued_bytes

    def offer(self, arrivals: Sequence[Arrival], size: int, deliver: Deliver) -> None:
        """Queue arrivals that came in a body of ``size`` bytes; ``deliver`` gets their outcomes after the commit.

        Raises RefusedError when the queue is full; the caller counts it.
        """
        if self._stopping or not self._coalescer.offer(Group(arrivals, deliver, size)):
            raise _queue_full(len(arrivals))
        self._arrived.set()

    async def submit(self, arrivals: Sequence[Arrival], size: int = 0) -> Outcomes:
        """Return the answer or refusal of each arrival, after the commit; they came in a body of ``size`` bytes.

        Raises RefusedError when the queue is full.
        """
        waiter: asyncio.Future[Outcomes] = asyncio.get_running_loop().create_future()
        try:
            self.offer(arrivals, size, partial(_resolve, waiter))
        except RefusedError as refusal:
            self.counts.refused(refusal)
            raise
        return await waiter

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._coalescer.queued:
                await self._gather()
                batch = self._coalescer.next_batch()
                arrivals = [arrival for group in batch for arrival in group.arrivals]
                begun = perf_counter()
                outcomes = await self._commit(arrivals)
                self._last_seconds = perf_counter() - begun
                self._last_reports = len(arrivals) + self._coalescer.queued
                self.counts.answered(arrivals, outcomes, self._last_seconds)
                self._settle(arrivals, outcomes)
                _deliver(batch, outcomes)
            if self._stopping:
                return

    async def _gather(self) -> None:
        """Let in what has arrived at the sockets already, and who was answered just now and has more to send.

        A lone reporter is not kept waiting, and nobody for longer than half of the time that the last batch took.
        """
        queued = 0
        while queued < self._coalescer.queued < self._coalescer.batch_limit:
            queued = self._coalescer.queued
            await asyncio.sleep(0)
        end = perf_counter() + min(self._last_seconds / 2, MOST_GATHERING_SECONDS)
        more = self._last_reports if self._last_reports > 1 else 0
        while self._coalescer.queued < more and perf_counter() < end:  # noqa: ASYNC110 - an event would wake us for each
            await asyncio.sleep(GATHERING_STEP_SECONDS)

    async def _commit(self, arrivals: Sequence[Arrival]) -> Outcomes:
        """Record here, and commit in the thread: the interpreter's lock is not fought for, and no disk waited for.

        A storage that may keep us waiting, or fails, is left to the thread altogether.
        """
        loop = asyncio.get_running_loop()
        try:
            prepared = self._store.prepare(arrivals)
            if prepared is not None:
                await loop.run_in_executor(self._thread, prepared.commit)
                return [*prepared.answers]
        except Exception:  # whatever it is, the careful way finds out
            log.debug("A batch of %d reports is written the careful way", len(arrivals), exc_info=True)
        return await loop.run_in_executor(self._thread, self._write, arrivals)

    def _write(self, arrivals: Sequence[Arrival]) -> Outcomes:
        try:
            return [*self._store.record(arrivals)]
        except StoreFullError:
            return [full(FULL_RETRY_AFTER_SECONDS)] * len(arrivals)
        except StoreUnavailableError:  # the store has said so in the log
            return [_not_stored()] * len(arrivals)
        except Exception:
            log.exception("A batch of %d reports failed; its reports are tried one by one", len(arrivals))
        return self._write_each(arrivals)

    def _write_each(self, arrivals: Sequence[Arrival]) -> Outcomes:
        """One bad report must not fail its neighbours. A storage that is gone meanwhile is not waited for by each."""
        outcomes: Outcomes = []
        try:
            for arrival in arrivals:
                outcomes.append(self._write_one(arrival))
        except StoreUnavailableError:
            outcomes += [_not_stored()] * (len(arrivals) - len(outcomes))
        return outcomes

    def _write_one(self, arrival: Arrival) -> Answer | RefusedError:
        try:
            return self._store.record([arrival])[0]
        except StoreFullError:
            return full(FULL_RETRY_AFTER_SECONDS)
        except StoreUnavailableError:
            raise
        except Exception:
            log.exception("A report of project %s cannot be stored", arrival.report.project_id)
            return _cannot_be_stored()


def _deliver(batch: Sequence[Group[Deliver]], outcomes: Outcomes) -> None:
    start = 0
    for group in batch:
        end = start + len(group.arrivals)
        try:
            group.waiter(outcomes[start:end])
        except Exception:  # one connection's trouble is not that of its neighbours in the batch
            log.exception("An answer could not be delivered")
        start = end


def _resolve(waiter: asyncio.Future[Outcomes], outcomes: Outcomes) -> None:
    if not waiter.done():  # the client may be gone; its report is stored all the same
        waiter.set_result(outcomes)


def _not_stored() -> RefusedError:
    return unavailable("The storage cannot take reports now; send it again.", RETRY_AFTER_SECONDS)


def _cannot_be_stored() -> RefusedError:
    problem = Problem(title="Cannot be stored", status=500, detail="The report could not be stored.")
    return RefusedError(problem, reason=Reason.CANNOT_BE_STORED)


def _queue_full(reports: int) -> RefusedError:
    detail = "More reports are waiting than can be stored now; send it again."
    return unavailable(detail, RETRY_AFTER_SECONDS, Reason.QUEUE_FULL, reports)
