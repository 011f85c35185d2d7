"""The way of a report through the collector, top to bottom."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final, TypeVar

from attrs import define, field, frozen

from logcenter_collector.domain.credentials import DoorRecord
from logcenter_collector.domain.scrubbing import Scrubber
from logcenter_collector.ingest.allowances import Allowances
from logcenter_collector.ingest.counts import Counts
from logcenter_collector.ingest.decode import decode_report, split_batch
from logcenter_collector.ingest.envelope import QuickReader
from logcenter_collector.ingest.gate import NOBODY, NOTHING, OURSELVES, Bringer, Gate, Shown
from logcenter_collector.ingest.refusal import Reason, RefusedError, internal_error, too_large
from logcenter_collector.ingest.room import Room
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.ingest.scrubbers import Scrubbers
from logcenter_collector.store.base import Arrival, arrive
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.outcome import Answer

T = TypeVar("T")
Answered = Callable[[Answer | RefusedError], object]

log = logging.getLogger(__name__)

QUICK_BYTES: Final = 64 * 1024
"""Larger bodies are read in a thread: reading may take seconds, for which all other senders would wait."""


SCRUBBED_HERE_BYTES: Final = 4 * 1024
"""Larger ones are scrubbed in a thread: with the worst of rules it takes 25 µs for a byte, and mostly a thousandth."""


@define(eq=False)
class Entry:
    """A report that was read, and what its project wants of it."""

    arrival: Arrival
    body: bytes
    door: DoorRecord
    scrubber: Scrubber | None

    def scrubbed(self) -> Arrival:
        """Return what may be stored. Any thread may ask."""
        if self.scrubber is None:
            return self.arrival
        scrubbed = arrive(decode_report(self.body), self.arrival.arrived_at, self.scrubber.report)
        scrubbed.account, scrubbed.key_account = self.arrival.account, self.arrival.key_account
        if len(self.body) > QUICK_BYTES:
            scrubbed.shed()
        return scrubbed


@frozen
class Pipeline:
    """Bytes in, committed answers out."""

    runner: Runner
    clock: Callable[[], datetime]
    report_bytes: int
    gate: Gate = field(factory=Gate)
    allowances: Allowances = field(factory=Allowances)
    quick: QuickReader = field(factory=QuickReader)
    scrubbers: Scrubbers = field(factory=Scrubbers)
    room: Room = field(factory=Room)
    _aside: set[asyncio.Task[None]] = field(factory=set)
    _reading: asyncio.Lock = field(factory=asyncio.Lock)
    """Who reads a large body. One at a time: a megabyte may become sixty while it is read, and two are no faster."""

    @property
    def counts(self) -> Counts:
        """What became of every report so far."""
        return self.runner.counts

    def enter(self, shown: Shown) -> Bringer:
        """Return who brings reports, before these are read. Raises RefusedError where they cannot be taken anyhow."""
        try:
            return self.gate.enter(shown, self.clock())
        except Exception as error:
            self._refused(error)
            raise

    async def report(self, body: bytes, bringer: Bringer = NOBODY) -> Answer:
        """Return the answer to one report, after its commit. Raises RefusedError."""
        try:
            entry = await self._off_the_loop_if_large(self._read, body, bringer)
            self._take(entry, bringer)
            arrivals = await self._scrubbed([entry])
        except Exception as error:
            self._refused(error)
            raise
        [outcome] = await self._submit(arrivals, len(body))
        if isinstance(outcome, RefusedError):
            raise outcome
        return outcome

    async def report_of_ours(self, body: bytes) -> Answer:
        """Return the answer to a report that the collector makes itself: it needs no key. Raises RefusedError."""
        self.gate.look()
        return await self.report(body, OURSELVES)

    def take(self, body: bytes, deliver: Answered, shown: Shown = NOTHING) -> None:
        """Take one report of at most ``QUICK_BYTES``; ``deliver`` gets its answer after the commit, or its refusal."""
        try:
            now = self.clock()
            bringer = self.gate.enter(shown, now)
            if len(body) > self.report_bytes:
                raise too_large(self.report_bytes)  # noqa: TRY301 - refused as what reading it refuses
            entry = self._read_at(body, bringer, now)
            self._take(entry, bringer)
            if entry.scrubber is None:
                self._offer(entry.arrival, len(body), deliver)
            else:
                self._go_aside(self._take_aside(entry, deliver))
        except RefusedError as refusal:
            self._refused(refusal)
            deliver(refusal)
        except Exception as error:
            self._refused(error)
            raise

    def _go_aside(self, taking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(taking)
        self._aside.add(task)  # nobody else holds it
        task.add_done_callback(self._aside.discard)

    async def _take_aside(self, entry: Entry, deliver: Answered) -> None:
        try:
            [arrival] = await self._scrubbed([entry])
            self._offer(arrival, len(entry.body), deliver)
        except RefusedError as refusal:
            self._refused(refusal)
            deliver(refusal)
        except Exception as error:
            self._refused(error)
            log.exception("A report failed")
            deliver(RefusedError(internal_error()))

    async def batch(self, body: bytes, bringer: Bringer = NOBODY) -> list[Answer | RefusedError]:
        """Return the answer or refusal of each report of a batch, in its order.

        Raises RefusedError when nothing of the batch was committed, and for the same reason: no key is good for any
        report of it, or all may come later.
        """
        try:
            read = await self._off_the_loop_if_large(self._read_batch, body, bringer)
        except Exception as error:
            self._refused(error)
            raise
        entries = [self._taken(entry, bringer) for entry in read]
        try:
            arrivals = await self._scrubbed([entry for entry in entries if isinstance(entry, Entry)])
        except Exception as error:
            self._refused(error)
            raise
        stored = iter(await self._submit(arrivals, len(body)) if arrivals else [])
        outcomes = [entry if isinstance(entry, RefusedError) else next(stored) for entry in entries]
        _raise_what_holds_for_all(outcomes)
        return outcomes

    async def _scrubbed(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return what may be stored of reports that were taken into account; give them back where that fails."""
        size = sum(len(entry.body) for entry in entries if entry.scrubber)
        try:
            if size <= SCRUBBED_HERE_BYTES:
                return [entry.scrubbed() for entry in entries]
            async with self._reading if size > QUICK_BYTES else nullcontext():
                return await asyncio.to_thread(lambda: [entry.scrubbed() for entry in entries])
        except BaseException:
            self._give_back([entry.arrival for entry in entries])
            raise

    async def _submit(self, arrivals: Sequence[Arrival], size: int) -> list[Answer | RefusedError]:
        try:
            return await self.runner.submit(arrivals, size)
        except RefusedError:  # the runner has counted it; what is queued is settled by the runner, whoever waits
            self._give_back(arrivals)
            raise

    async def _off_the_loop_if_large(self, read: Callable[[bytes, Bringer], T], body: bytes, bringer: Bringer) -> T:
        if len(body) <= QUICK_BYTES:
            return read(body, bringer)
        async with self._reading:
            return await asyncio.to_thread(read, body, bringer)

    def _offer(self, arrival: Arrival, size: int, deliver: Answered) -> None:
        try:
            self.runner.offer([arrival], size, lambda outcomes: deliver(outcomes[0]))
        except RefusedError:
            self._give_back([arrival])
            raise

    def _give_back(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            self.allowances.give_back(arrival)

    def _refused(self, error: Exception) -> None:
        """Count what is refused: by its reason, and where a project's own limits say no, by the project as well."""
        self.counts.refused(error)
        if isinstance(error, RefusedError) and error.project_id is not None:
            demands = error.project_id in self.gate.known.doors
            self.allowances.refuse(error.project_id, microseconds(self.clock()), is_known=demands)

    def _read(self, body: bytes, bringer: Bringer) -> Entry:
        return self._read_at(body, bringer, self.clock())

    def _read_at(self, body: bytes, bringer: Bringer, now: datetime) -> Entry:
        """Read a report, if its project takes it from this one. Any thread may."""
        arrival = self.quick.read(body, now) or arrive(decode_report(body), now)
        project_id = arrival.raw.project_id
        door = self.gate.check(bringer, project_id)
        if len(body) > QUICK_BYTES:
            arrival.shed()
        return Entry(arrival, body, door, self.scrubbers.of(project_id, door))

    def _take(self, entry: Entry, bringer: Bringer) -> None:
        """Take a report into account. Raises RefusedError where its project or its key has brought enough."""
        self.allowances.take(entry.arrival, bringer.key_for(entry.arrival.raw.project_id), entry.door)

    def _read_batch(self, body: bytes, bringer: Bringer) -> list[Entry | RefusedError]:
        return [self._read_entry(entry, bringer) for entry in split_batch(body)]

    def _read_entry(self, entry: bytes, bringer: Bringer) -> Entry | RefusedError:
        if len(entry) > self.report_bytes:
            return too_large(self.report_bytes)
        try:
            return self._read(entry, bringer)
        except RefusedError as refusal:
            return refusal

    def _taken(self, entry: Entry | RefusedError, bringer: Bringer) -> Entry | RefusedError:
        """Take an entry of a batch into account, and count it where it is refused."""
        try:
            if isinstance(entry, RefusedError):
                raise entry
            self._take(entry, bringer)
        except RefusedError as refusal:
            self._refused(refusal)
            return refusal
        return entry


def _raise_what_holds_for_all(outcomes: Sequence[Answer | RefusedError]) -> None:
    """Raise what a batch is refused with as a whole: all that could be stored may be later, or no key was good."""
    refusals = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    if len(refusals) < len(outcomes):
        return
    passing = [refusal for refusal in refusals if refusal.retry_after]
    if passing and all(refusal.retry_after or refusal.reason in _WRONG for refusal in refusals):
        raise min(passing, key=lambda refusal: refusal.retry_after or 0)
    if refusals and all(refusal.reason in _NO_KEY for refusal in refusals):
        raise refusals[0]


_NO_KEY: Final = frozenset({Reason.KEY_MISSING, Reason.KEY_WRONG})
_WRONG: Final = frozenset(Reason) - _NO_KEY
"""What stays wrong whoever sends it, and is wrong again when the rest is sent again."""
