"""What has gathered is written as one transaction, brought to the disk, and answered.

Two tasks with a thread each: while the disk makes one transaction safe, the next one is written. A disk that takes 4 ms
to do so would otherwise stop everything for as long with each batch.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from logcenter_collector.ingest.coalescer import Coalescer, Group
from logcenter_collector.ingest.refusal import RefusedError, unavailable
from logcenter_collector.store.base import Arrival, Store, StoreUnavailableError
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.problem import Problem

log = logging.getLogger(__name__)

In = TypeVar("In")
Out = TypeVar("Out")
Outcomes = list[Answer | RefusedError]
Deliver = Callable[[Outcomes], object]

RETRY_AFTER_SECONDS = 2


UNSAFE_BATCHES = 4
"""How many transactions may wait for the disk before no further one is written."""

Batch = Sequence[Group[Deliver]]


class Runner:
    """Owns the queue and two threads. Start and stop it inside the event loop."""

    def __init__(self, store: Store, *, queue_limit: int, queue_bytes: int, batch_limit: int) -> None:
        self._store = store
        self._coalescer = Coalescer[Deliver](queue_limit=queue_limit, queue_bytes=queue_bytes, batch_limit=batch_limit)
        self._arrived = asyncio.Event()
        self._written: asyncio.Queue[tuple[Batch, Outcomes] | None] = asyncio.Queue(UNSAFE_BATCHES)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="logcenter-writer")
        self._syncer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="logcenter-syncer")
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to commit what is submitted."""
        for work in (self._write_batches(), self._answer_batches()):
            self._tasks.append(asyncio.create_task(work, name="logcenter-ingest"))

    async def stop(self) -> None:
        """Commit what is queued, then end."""
        self._stopping = True
        self._arrived.set()
        for task in self._tasks:
            await task
        self._writer.shutdown()
        self._syncer.shutdown()

    def offer(self, arrivals: Sequence[Arrival], size: int, deliver: Deliver) -> None:
        """Queue arrivals that came in a body of ``size`` bytes; ``deliver`` gets their outcomes after the commit.

        Raises RefusedError when the queue is full.
        """
        if self._stopping or not self._coalescer.offer(Group(arrivals, deliver, size)):
            raise unavailable("More reports are waiting than can be stored now; send it again.", RETRY_AFTER_SECONDS)
        self._arrived.set()

    async def submit(self, arrivals: Sequence[Arrival], size: int = 0) -> Outcomes:
        """Return the answer or refusal of each arrival, after the commit; they came in a body of ``size`` bytes.

        Raises RefusedError when the queue is full.
        """
        waiter: asyncio.Future[Outcomes] = asyncio.get_running_loop().create_future()
        self.offer(arrivals, size, partial(_resolve, waiter))
        return await waiter

    async def _write_batches(self) -> None:
        while not self._stopping or self._coalescer.queued:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._coalescer.next_batch():
                arrivals = [arrival for group in batch for arrival in group.arrivals]
                await self._written.put((batch, await self._in(self._writer, self._write, arrivals)))
        await self._written.put(None)

    async def _answer_batches(self) -> None:
        """Bring everything that was written meanwhile to the disk at once, and answer it."""
        ended = False
        while not ended:
            written = [await self._written.get()]
            while not self._written.empty():
                written.append(self._written.get_nowait())
            ended = None in written
            batches = [entry for entry in written if entry is not None]
            if self._store.syncs_apart and batches:
                batches = await self._in(self._syncer, self._sync, batches)
            for batch, outcomes in batches:
                _deliver(batch, outcomes)

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[In], Out], of: In) -> Out:
        return await asyncio.get_running_loop().run_in_executor(thread, work, of)

    def _sync(self, batches: list[tuple[Batch, Outcomes]]) -> list[tuple[Batch, Outcomes]]:
        try:
            self._store.sync()
        except Exception:  # nobody may wait for ever, and nothing may be promised
            log.exception("What was written may not be safe on the disk; the senders are asked to try again")
            return [(batch, [_not_stored()] * len(outcomes)) for batch, outcomes in batches]
        return batches

    def _write(self, arrivals: Sequence[Arrival]) -> Outcomes:
        """Return an outcome for each arrival, whatever happens: nobody may wait for ever."""
        try:
            return [*self._store.record(arrivals)]
        except StoreUnavailableError as error:
            log.warning("%d reports not stored, their senders are asked to try again: %s", len(arrivals), error)
            return [_not_stored()] * len(arrivals)
        except Exception:
            log.exception("A batch of %d reports failed; its reports are tried one by one", len(arrivals))
        return [self._write_one(arrival) for arrival in arrivals]

    def _write_one(self, arrival: Arrival) -> Answer | RefusedError:
        """One bad report must not fail its neighbours."""
        try:
            return self._store.record([arrival])[0]
        except StoreUnavailableError:
            return _not_stored()
        except Exception:
            log.exception("A report of project %s cannot be stored", arrival.report.project_id)
            return _cannot_be_stored()


def _deliver(batch: Batch, outcomes: Outcomes) -> None:
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
    return RefusedError(Problem(title="Cannot be stored", status=500, detail="The report could not be stored."))
