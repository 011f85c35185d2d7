"""From what waits to what the collector has: render, before_send, scrub, encode, send; and what becomes of the rest.

The worker's: it brings attrs, cattrs and httpx, and is imported by its thread with the first report.
What one attempt does not deliver goes to the spool at once, so the end of the process, however it comes, costs nothing
that was there a moment ago; from there it is sent when the collector answers again.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from random import SystemRandom
from typing import Final, NamedTuple

from logcenter_sdk.boundary import diagnose, say
from logcenter_sdk.cache_folder import folder_for
from logcenter_sdk.config import Config
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.counts import Counts
from logcenter_sdk.fold import Fold, Waiting
from logcenter_sdk.packing import Packing, Parcel
from logcenter_sdk.retry import Backoff, Fate, fate_of
from logcenter_sdk.shrink import shrunk
from logcenter_sdk.spool import Entry, MemorySpool, Spool
from logcenter_sdk.transports.base import DeliveryError, DeniedError, Transport, UnavailableError, UnreachableError
from logcenter_sdk.transports.configured import http_transport
from logcenter_sdk.transports.http import import_ahead
from logcenter_sdk.wire import to_bytes
from logcenter_sdk.worker import Time

MOST_AT_ONCE: Final = 100
"""How many reports one request carries at most; the collector takes 500."""
MOST_BYTES_AT_ONCE: Final = 1024 * 1024
_SHORTEST_GATHERING_SECONDS: Final = 0.05
_LONGEST_GATHERING_SECONDS: Final = 1.0
"""A storm is folded while the worker pauses between two requests; a lone error is sent at once."""
_DENIED_SECONDS: Final = 60.0
_LEAST_SECONDS: Final = 0.05
"""With less time left than that no request is begun."""
_NO_BOUND: Final = 60.0
_SPOOL_SECONDS: Final = 0.5
"""How often the spool is looked at where all that is in it is in the hands of other processes."""
_RANDOM: Final = SystemRandom()
"""Not the application's own sequence, which may be seeded; and not the same in a parent and its children."""


class Delivery:
    """Delivers what waits in a fold, over one transport."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is made of
        self,
        fold: Fold,
        counts: Counts,
        config: Config,
        transport: Transport,
        spool: Spool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fold = fold
        self._counts = counts
        self._config = config
        self._transport = transport
        self._spool = spool
        self._clock = clock
        self._packing = Packing(config)
        self._backoff = Backoff()
        self._gathering = Gathering()
        self._denied = False
        self._memory = MemorySpool()
        """For what the disk does not take: a read-only file system must not cost a report while the process lives."""
        self._in_hand: dict[str, Waiting | Parcel] = {}
        """By event id. Whoever takes a report out settles it: this thread, or that which ends the process."""
        self._is_rescued = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is between fold, collector and disk that would be lost with the process."""
        return not self._in_hand and not self._memory.has_entries()

    @property
    def has_hope(self) -> bool:
        """Whether something is spooled that may get through soon: nothing may where the key is wrong."""
        return not self._denied and self._has_spooled()

    def round(self, clock: Time) -> float | None:
        """Deliver what can be delivered now; return in how many seconds to come again, None for when woken."""
        pause = self._gathering.left(self._clock())
        if pause and not (clock.is_awaited or clock.is_ending):
            return pause
        while not self._is_rescued and (taken := self._fold.take(MOST_AT_ONCE, self._in_hand)):
            self._deliver(taken, clock)
            self._gathering = self._gathering.after_sending(self._clock())
            if len(taken) < MOST_AT_ONCE and not (clock.is_awaited or clock.is_ending):
                break
        if not clock.is_ending:
            self._deliver_spooled(clock)
        elif self._memory.has_entries():
            self._backoff = Backoff()  # this is the last attempt that there is
            self._deliver_spooled(clock)
        return self._due()

    def close(self) -> None:
        """Give the connections back; a later request opens new ones."""
        self._transport.close()

    def rescue(self, clock: Time) -> None:
        """Put to the spool what is in hand and what waits."""
        self._is_rescued = clock.is_ending  # the thread takes nothing more
        while taken := self._fold.take(MOST_AT_ONCE):
            self._keep(self._packed(taken, clock))
        in_hand = [each for key in tuple(self._in_hand) if (each := self._in_hand.pop(key, None)) is not None]
        self._keep([each for each in in_hand if isinstance(each, Parcel)])
        self._keep(self._packed([each for each in in_hand if isinstance(each, Waiting)], clock))

    def _due(self) -> float | None:
        now = self._clock()
        if len(self._fold):
            return self._gathering.left(now)
        return max(self._backoff.left(now), _SPOOL_SECONDS) if self._has_spooled() else None

    def _has_spooled(self) -> bool:
        return self._memory.has_entries() or self._spool.has_entries()

    def _deliver(self, taken: list[Waiting], clock: Time) -> None:
        try:
            parcels = [parcel for parcel in self._packed(taken, clock) if parcel.event_id in self._in_hand]
            self._in_hand.update((parcel.event_id, parcel) for parcel in parcels)
            kept = self._send(parcels, clock)
            self._keep([parcel for parcel in kept if self._in_hand.pop(parcel.event_id, None) is not None])
        finally:
            if self._in_hand:  # a bug came between
                self.rescue(clock)

    def _packed(self, taken: Sequence[Waiting], clock: Time) -> list[Parcel]:
        parcels: list[Parcel] = []
        for waiting in taken:
            parcel = self._pack(waiting, clock)
            if parcel is None:
                self._in_hand.pop(waiting.event_id, None)
            else:
                parcels.append(parcel)
        return parcels

    def _pack(self, waiting: Waiting, clock: Time) -> Parcel | None:
        try:
            parcel = self._packing.pack(waiting, is_late=clock.remaining(_NO_BOUND) <= 0)
        except Exception as error:  # noqa: BLE001 - one report that cannot be made must not cost the others
            say(f"could not make a report: {type(error).__name__}")
            self._counts.add("bug", waiting.occurrences)
            return None
        if parcel is None:
            self._counts.add("before_send", waiting.occurrences)
        return parcel

    def _send(self, parcels: Sequence[Parcel], clock: Time) -> list[Parcel]:
        """Send them; return those that are to be kept for later."""
        kept: list[Parcel] = []
        for batch in _batches(parcels):
            kept += self._attempt(batch, clock)
        return kept

    def _attempt(self, batch: Sequence[Parcel], clock: Time) -> Sequence[Parcel]:
        if self._backoff.left(self._clock()) or clock.remaining(_NO_BOUND) < _LEAST_SECONDS:
            return batch
        results = self._request([parcel.encoded.body for parcel in batch], clock)
        self._learn(results)
        if len(batch) > 1 and all(fate_of(result) is Fate.SHRINK for result in results):
            half = len(batch) // 2
            return [*self._attempt(batch[:half], clock), *self._attempt(batch[half:], clock)]
        return [
            left_over
            for parcel, result in zip(batch, results, strict=True)
            for left_over in self._settle(parcel, result, clock)
        ]

    def _request(self, bodies: Sequence[bytes], clock: Time) -> "list[Answer | DeliveryError]":
        left = clock.remaining(_NO_BOUND)
        seconds = None if left == _NO_BOUND else min(left, self._config.timeout_seconds)
        try:
            return self._transport.send_bodies(bodies, timeout_seconds=seconds)
        except DeliveryError as error:
            return [error] * len(bodies)
        except Exception as error:  # noqa: BLE001 - a TLS context without its file, a transport of the application's
            return [UnreachableError(f"{type(error).__name__}: {error}")] * len(bodies)

    def _settle(self, parcel: Parcel, result: Answer | DeliveryError, clock: Time) -> Sequence[Parcel]:
        """Count what became of one report; return it where it is to be kept."""
        match fate_of(result):
            case Fate.DELIVERED:
                self._count("sent", parcel)
                say(describe(parcel.name, result))
            case Fate.KEEP | Fate.SPOOL:
                return (parcel,)
            case Fate.SHRINK:
                return self._shrink(parcel, clock)
            case Fate.DROP:
                self._drop(parcel, "refused", str(result))
        return ()

    def _shrink(self, parcel: Parcel, clock: Time) -> Sequence[Parcel]:
        """Send less and less of a report until the collector takes it."""
        wire, refused = json.loads(parcel.encoded.body), len(parcel.encoded.body)
        for step in count():
            smaller = shrunk(wire, step)
            if smaller is None:
                break
            body = to_bytes(smaller)
            if len(body) >= refused:
                continue  # what was too large is not asked about again
            refused = len(body)
            [result] = self._request([body], clock)
            if fate_of(result) is not Fate.SHRINK:
                return self._settle(parcel._replace(encoded=parcel.encoded._replace(body=body)), result, clock)
        self._drop(parcel, "too_large", "the collector takes not even the smallest form of it")
        return ()

    def _drop(self, parcel: Parcel, reason: str, why: str) -> None:
        self._count(reason, parcel)
        diagnose(f"dropped {parcel.name}: {why}")

    def _count(self, became: str, parcel: Parcel) -> None:
        """Count what became of a report, unless it has been taken out of our hands meanwhile."""
        errors = parcel.encoded.occurrences
        if parcel.event_id:
            if self._in_hand.pop(parcel.event_id, None) is not None:
                self._counts.add(became, errors)
        elif parcel.is_own:
            self._counts.add("spooled", -errors)
            self._counts.add(became, errors)
        elif became == "sent":
            self._counts.add("recovered", errors)

    def _keep(self, parcels: Sequence[Parcel]) -> None:
        if not parcels:
            return
        errors = sum(parcel.encoded.occurrences for parcel in parcels)
        encoded = [parcel.encoded for parcel in parcels]
        kept = self._spool.put(encoded) or self._memory.put(encoded)
        self._counts.add("spooled" if kept else "spool_full", errors)
        if not kept:
            say(f"the spool takes no more: {errors} errors are lost")

    def _deliver_spooled(self, clock: Time) -> None:
        while not self._backoff.left(self._clock()) and (entry := self._memory.claim() or self._spool.claim()):
            name = "a report of the spool"
            parcels = [Parcel(name, encoded, is_own=entry.is_own) for encoded in entry.encoded]
            self._send_entry(entry, parcels, clock)
            if len(self._fold):
                return

    def _send_entry(self, entry: Entry, parcels: Sequence[Parcel], clock: Time) -> None:
        try:
            kept = self._send(parcels, clock)
        except BaseException:
            entry.give_back([parcel.encoded for parcel in parcels])
            raise
        entry.give_back([parcel.encoded for parcel in kept])

    def _learn(self, results: Sequence[Answer | DeliveryError]) -> None:
        """Remember how the collector is, and say it once when that changes."""
        problem = next((result for result in results if fate_of(result) in {Fate.KEEP, Fate.SPOOL}), None)
        self._denied = isinstance(problem, DeniedError)
        if not isinstance(problem, DeliveryError):
            if self._backoff.failures:
                diagnose("the collector takes reports again")
            self._backoff = self._backoff.after_success()
            return
        if not self._backoff.failures:
            diagnose(f"reports wait in {self._spool.place}: {problem}")
        wish = problem.retry_after_seconds if isinstance(problem, UnavailableError) else None
        wish = _DENIED_SECONDS if self._denied else wish
        self._backoff = self._backoff.after_failure(self._clock(), wish, _RANDOM.random())


def delivery_of(
    fold: Fold, counts: Counts, config: Config, env: Mapping[str, str], transport: Transport | None
) -> Delivery:
    """Return the delivery that a configuration describes. Raises ConfigError where no project is configured."""
    import_ahead()
    return Delivery(fold, counts, config, transport or http_transport(config), _spool_of(config, env))


def _spool_of(config: Config, env: Mapping[str, str]) -> Spool:
    folder = folder_for(config.url, config.project, env, directory=config.spool_directory)
    return Spool(folder if config.spool else None)


class Gathering(NamedTuple):
    """How long to let errors fold before the next request: not at all after a quiet time, longer while it storms."""

    seconds: float = 0.0
    until: float = float("-inf")

    def left(self, now: float) -> float:
        """Return how many seconds are left."""
        return max(self.until - now, 0.0)

    def after_sending(self, now: float) -> "Gathering":
        """Return the state after a request."""
        stormy = now < self.until + self.seconds
        seconds = min(self.seconds * 2, _LONGEST_GATHERING_SECONDS) if stormy else _SHORTEST_GATHERING_SECONDS
        return Gathering(seconds, now + seconds)


def _batches(parcels: Sequence[Parcel]) -> Iterator[list[Parcel]]:
    batch: list[Parcel] = []
    room = MOST_BYTES_AT_ONCE
    for parcel in parcels:
        if batch and (len(batch) >= MOST_AT_ONCE or room < len(parcel.encoded.body)):
            yield batch
            batch, room = [], MOST_BYTES_AT_ONCE
        batch.append(parcel)
        room -= len(parcel.encoded.body)
    if batch:
        yield batch


def describe(name: str, answer: "Answer | DeliveryError") -> str:
    """Return in one line what became of a report."""
    if isinstance(answer, DeliveryError):
        return f"{name}: {answer}"
    return f"{answer.outcome.value}: {name} is issue {answer.issue_id} ({answer.status.value})"
