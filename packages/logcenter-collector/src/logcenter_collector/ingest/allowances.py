"""How many more reports each project and each key may bring now, and how many they brought.

Everything here is changed by the event loop's thread alone. A report is taken into account when it is accepted into the
queue, and given back when it was not committed in the end.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import define, field

from logcenter_collector.domain.credentials import DoorRecord, KeyRecord
from logcenter_collector.domain.rates import (
    Bucket,
    day_of,
    full_bucket,
    given_back,
    refilled,
    seconds_until_one,
    seconds_until_tomorrow,
    taken,
)
from logcenter_collector.domain.usage import Amounts, Slot
from logcenter_collector.ingest.refusal import RefusedError, over_quota, over_rate
from logcenter_collector.store.base import Arrival
from logcenter_sdk.contract.outcome import Answer

BUCKETS: Final = 10_000
"""So many are kept before the full ones, which are as good as none, are thrown away."""

Holder = str | int
"""Whose bucket: a project, or a key by its number."""


@define
class Tally:
    """How many reports came to each project today, as far as this process knows, and what of it is not written yet."""

    day: int = 0
    unwritten: Amounts = field(factory=Amounts)
    _writing: Amounts = field(factory=Amounts)
    _stored: Counter[str] = field(factory=Counter)
    _waiting: Counter[str] = field(factory=Counter)

    def accepted(self, project_id: str, day: int) -> int:
        """Return how many reports of a day were accepted, those among them that wait for their commit."""
        slot = Slot(project_id, 0, day)
        stored = self._stored[project_id] if day == self.day else 0
        return stored + self._writing.accepted[slot] + self.unwritten.accepted[slot] + self._waiting[project_id]

    def not_stored(self, project_id: str, key_id: int, day: int) -> tuple[int, int]:
        """Return how many were accepted and refused that the storage does not know of yet."""
        slot = Slot(project_id, key_id, day)
        return (
            self._writing.accepted[slot] + self.unwritten.accepted[slot],
            self._writing.refused[slot] + self.unwritten.refused[slot],
        )

    def knows(self, project_id: str, day: int) -> bool:
        """Whether any report of a project was accepted on a day."""
        return self.accepted(project_id, day) > 0

    def wait(self, project_id: str) -> None:
        """Note a report that was accepted into the queue."""
        self._waiting[project_id] += 1

    def leave(self, project_id: str) -> None:
        """Note that one waits no longer."""
        left = self._waiting[project_id] - 1
        if left > 0:
            self._waiting[project_id] = left
        else:
            del self._waiting[project_id]

    def count(self, project_id: str, key_id: int, day: int) -> None:
        """Count a report that was committed."""
        self.unwritten.accepted[Slot(project_id, 0, day)] += 1
        if key_id:
            self.unwritten.accepted[Slot(project_id, key_id, day)] += 1

    def begin_to_write(self) -> Amounts:
        """Return what is to be written now; ``written`` or ``not_written`` ends it."""
        self._writing, self.unwritten = self.unwritten, Amounts()
        return self._writing

    def written(self, totals: dict[str, int], day: int) -> None:
        """Note what the storage has now: of some projects all that came on a day, of the others what we added."""
        if day != self.day:
            self._stored.clear()
            self.day = day
        for slot, reports in self._writing.accepted.items():
            if slot.day == day and slot.key_id == 0:
                self._stored[slot.project_id] += reports
        self._stored.update(dict.fromkeys(totals, 0))
        for project_id, reports in totals.items():
            self._stored[project_id] = reports
        self._writing = Amounts()

    def not_written(self) -> None:
        """Keep for the next time what could not be written."""
        self.unwritten.add(self._writing)
        self._writing = Amounts()


@define
class Allowances:
    """Decides whether one more report may come."""

    per_minute: int = 0
    """The rate of projects that have none of their own; 0 is no limit."""
    tally: Tally = field(factory=Tally)
    _buckets: dict[Holder, Bucket] = field(factory=dict)
    _most_buckets: int = BUCKETS

    def take(self, project_id: str, key: KeyRecord | None, door: DoorRecord, now: datetime) -> None:
        """Take one report into account. Raises RefusedError, with nothing taken, where there is no room for it."""
        project_rate = self.per_minute if door.per_minute is None else door.per_minute
        key_rate = 0 if key is None else key.per_minute or 0
        if project_rate or key_rate or door.per_day:
            self._take_limited(project_id, key, (project_rate, key_rate, door.per_day or 0), now)
        self.tally.wait(project_id)

    def give_back(self, project_id: str, key_id: int) -> None:
        """Take a report back out, which was not committed."""
        self.tally.leave(project_id)
        for holder in (project_id, key_id):
            if holder in self._buckets:
                self._buckets[holder] = given_back(self._buckets[holder])

    def refuse(self, project_id: str, now: datetime, *, is_known: bool) -> None:
        """Count a refusal of a project that is known to us: nobody fills our memory with names."""
        day = day_of(now)
        if is_known or self.tally.knows(project_id, day):
            self.tally.unwritten.refused[Slot(project_id, 0, day)] += 1

    def settle(self, arrivals: Sequence[Arrival], outcomes: Sequence[Answer | RefusedError]) -> None:
        """Count what was committed, and give back what was not."""
        tally = self.tally
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            project_id = arrival.raw.project_id
            if isinstance(outcome, RefusedError):
                self.give_back(project_id, arrival.key_id)
            else:
                tally.leave(project_id)
                tally.count(project_id, arrival.key_id, day_of(arrival.arrived_at))

    def _take_limited(
        self, project_id: str, key: KeyRecord | None, limits: tuple[int, int, int], now: datetime
    ) -> None:
        project_rate, key_rate, per_day = limits
        left: dict[Holder, Bucket] = {}
        if project_rate:
            left[project_id] = self._less_one(project_id, project_id, project_rate, now)
        if key is not None and key_rate:
            left[key.id] = self._less_one(project_id, key.id, key_rate, now)
        if per_day and self.tally.accepted(project_id, day_of(now)) >= per_day:
            raise over_quota(project_id, per_day, seconds_until_tomorrow(now))
        self._buckets.update(left)
        if len(self._buckets) > self._most_buckets:
            self._throw_full_ones_away(now)

    def _less_one(self, project_id: str, holder: Holder, per_minute: int, now: datetime) -> Bucket:
        bucket = self._buckets.get(holder)
        bucket = full_bucket(per_minute, now) if bucket is None else refilled(bucket, per_minute, now)
        left = taken(bucket)
        if left is None:
            whose = f"Project {project_id}" if holder == project_id else f"This key of project {project_id}"
            raise over_rate(project_id, whose, per_minute, seconds_until_one(bucket))
        return left

    def _throw_full_ones_away(self, now: datetime) -> None:
        fresh = {holder: refilled(bucket, bucket.per_minute, now) for holder, bucket in self._buckets.items()}
        self._buckets = {holder: bucket for holder, bucket in fresh.items() if not bucket.is_full}
        self._most_buckets = max(BUCKETS, 2 * len(self._buckets))
