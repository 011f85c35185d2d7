"""The way of a report through the collector, top to bottom."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from attrs import field, frozen

from logcenter_collector.ingest.counts import Counts
from logcenter_collector.ingest.decode import decode_report, split_batch
from logcenter_collector.ingest.envelope import QuickReader
from logcenter_collector.ingest.refusal import RefusedError, too_large
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.base import Arrival, arrive
from logcenter_sdk.contract.outcome import Answer

T = TypeVar("T")

QUICK_BYTES: Final = 64 * 1024
"""Larger bodies are read in a thread: reading may take seconds, for which all other senders would wait."""


@frozen
class Pipeline:
    """Bytes in, committed answers out."""

    runner: Runner
    clock: Callable[[], datetime]
    report_bytes: int
    quick: QuickReader = field(factory=QuickReader)
    _reading: asyncio.Lock = field(factory=asyncio.Lock)
    """Who reads a large body. One at a time: a megabyte may become sixty while it is read, and two are no faster."""

    @property
    def counts(self) -> Counts:
        """What became of every report so far."""
        return self.runner.counts

    async def report(self, body: bytes) -> Answer:
        """Return the answer to one report, after its commit. Raises RefusedError."""
        arrival = await self._counting(self._read, body)
        [outcome] = await self.runner.submit([arrival], len(body))
        if isinstance(outcome, RefusedError):
            raise outcome
        return outcome

    def take(self, body: bytes, deliver: Callable[[Answer | RefusedError], object]) -> None:
        """Take one report of at most ``QUICK_BYTES``; ``deliver`` gets its answer after the commit, or its refusal."""
        try:
            if len(body) > self.report_bytes:
                raise too_large(self.report_bytes)  # noqa: TRY301 - refused as what reading it refuses
            arrival = self._read(body)
            self.runner.offer([arrival], len(body), lambda outcomes: deliver(outcomes[0]))
        except RefusedError as refusal:
            self.counts.refused(refusal)
            deliver(refusal)
        except Exception as error:
            self.counts.refused(error)
            raise

    async def batch(self, body: bytes) -> list[Answer | RefusedError]:
        """Return the answer or refusal of each report of a batch, in its order.

        Raises RefusedError when nothing of the batch was committed because the storage can't take it now.
        """
        read = await self._counting(self._read_batch, body)
        for entry in read:
            if isinstance(entry, RefusedError):
                self.counts.refused(entry)
        arrivals = [arrival for arrival in read if isinstance(arrival, Arrival)]
        outcomes = await self.runner.submit(arrivals, len(body)) if arrivals else []
        refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
        if refused and len(refused) == len(outcomes) and all(refusal.retry_after for refusal in refused):
            raise refused[0]
        stored = iter(outcomes)
        return [next(stored) if isinstance(entry, Arrival) else entry for entry in read]

    async def _counting(self, read: Callable[[bytes], T], body: bytes) -> T:
        try:
            if len(body) <= QUICK_BYTES:
                return read(body)
            async with self._reading:
                return await asyncio.to_thread(read, body)
        except Exception as error:
            self.counts.refused(error)
            raise

    def _read(self, body: bytes) -> Arrival:
        now = self.clock()
        arrival = self.quick.read(body, now) or arrive(decode_report(body), now)
        if len(body) > QUICK_BYTES:
            arrival.shed()
        return arrival

    def _read_batch(self, body: bytes) -> list[Arrival | RefusedError]:
        return [self._read_entry(entry) for entry in split_batch(body)]

    def _read_entry(self, entry: bytes) -> Arrival | RefusedError:
        if len(entry) > self.report_bytes:
            return too_large(self.report_bytes)
        try:
            return self._read(entry)
        except RefusedError as refusal:
            return refusal
