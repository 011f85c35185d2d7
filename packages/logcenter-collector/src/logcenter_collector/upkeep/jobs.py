"""All that upkeep does, and how often."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Final

from attrs import define, frozen

from logcenter_collector.domain.budget import Ceiling
from logcenter_collector.domain.policy import Policy
from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.upkeep.alarms import forget_alarms
from logcenter_collector.store.upkeep.budget import is_over, keep_to_budget, room_of
from logcenter_collector.store.upkeep.events import forget_events
from logcenter_collector.store.upkeep.partitions import make_partitions
from logcenter_collector.store.upkeep.retention import drop_arrived_before
from logcenter_collector.store.upkeep.rising import rank_rising
from logcenter_collector.store.upkeep.sizes import note_size
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_collector.store.upkeep.space import give_back, measure
from logcenter_collector.store.upkeep.wal import checkpoint
from logcenter_collector.upkeep.indexing import Indexing
from logcenter_collector.upkeep.lane import Job, Lane
from logcenter_collector.upkeep.leased import Clock, LeasedJob, Show, Slices, always, ignore, new_holder

CHECKPOINT_SECONDS: Final = 0.1
WATCH_SQLITE_SECONDS: Final = 0.5
WATCH_POSTGRESQL_SECONDS: Final = 5.0
EVENTS_SECONDS: Final = 30.0
RISING_SECONDS: Final = 60.0
ALARMS_SECONDS: Final = 60.0
BUDGET_SECONDS: Final = 5.0
IN_VAIN_SECONDS: Final = 300.0
PARTITIONS_SECONDS: Final = 3_600.0
RETENTION_SECONDS: Final = 3_600.0
SIZE_SECONDS: Final = 3_600.0
SPACE_SECONDS: Final = 3_600.0


@frozen
class LocalJob:
    """Something that every collector does for itself, and that takes no time worth slicing."""

    name: str
    period_seconds: float
    do: Callable[[], object]

    def run(self, stopping: threading.Event) -> None:  # noqa: ARG002 - it is over before anybody could stop it
        """Do it."""
        self.do()


class Upkeep:
    """The lanes of one collector: what is quick, what takes long, and what never ends in a storm."""

    def __init__(self, quick: Sequence[Job], long: Sequence[Job], endless: Sequence[Job] = ()) -> None:
        self._lanes = [Lane("upkeep-quick", quick), Lane("upkeep", long), Lane("upkeep-endless", endless)]

    def start(self) -> None:
        """Begin with every job once."""
        for lane in self._lanes:
            lane.start()

    def stop(self) -> None:
        """End after the slices that are under way."""
        for lane in self._lanes:
            lane.stop()


def upkeep_of(store: SqlStore, policy: Policy, clock: Clock) -> Upkeep:
    """Return the upkeep of a collector, after what has to be there before the first report."""
    make_partitions(store.database, clock(), policy.disk_budget)
    long = leased_jobs(store.database, policy, clock)
    return Upkeep(quick=quick_jobs(store, policy), long=long, endless=[Indexing(store)])


def quick_jobs(store: SqlStore, policy: Policy) -> list[Job]:
    """Return what every collector does for itself."""
    jobs: list[Job] = []
    if not store.database.is_postgresql:
        jobs.append(LocalJob("checkpoint", CHECKPOINT_SECONDS, partial(checkpoint, store.database)))
    if policy.disk_budget:
        seconds = WATCH_POSTGRESQL_SECONDS if store.database.is_postgresql else WATCH_SQLITE_SECONDS
        watch = Watch(store, Ceiling(room_of(store.database, policy.disk_budget)))
        jobs.append(LocalJob("watch the budget", seconds, watch.look))
    return jobs


@frozen
class Watch:
    """Lets a store take reports only while there is room for them."""

    store: SqlStore
    ceiling: Ceiling

    def look(self) -> None:
        """Look how large the database is now."""
        self.store.is_full = self.ceiling.is_reached(measure(self.store.database).used)


@define
class BudgetKeeper:
    """Keeps a database to its budget, and looks less often for what it could drop where too little was left."""

    database: Database
    budget: int
    _quiet_until: float = -math.inf

    def is_needed(self) -> bool:
        """Whether there is something to drop, as far as a quick look tells."""
        return monotonic() >= self._quiet_until and is_over(self.database, self.budget)

    def slices(self, now: datetime) -> Iterator[Progress]:
        """Drop it."""
        # Reports that filled the room again meanwhile do not make it vain: what is left is dropped at the next look.
        is_enough = yield from keep_to_budget(self.database, now, self.budget)
        if not is_enough and is_over(self.database, self.budget):
            self._quiet_until = monotonic() + IN_VAIN_SECONDS


def leased_jobs(database: Database, policy: Policy, clock: Clock, show: Show = ignore) -> list[LeasedJob]:
    """Return what one collector at a time does, in the order in which it is done on demand."""
    holder = new_holder()

    def job(name: str, period: float, slices: Slices, *, is_needed: Callable[[], bool] = always) -> LeasedJob:
        return LeasedJob(name, period, slices, database, clock, holder, is_needed, show)

    jobs = [job("forget event ids", EVENTS_SECONDS, partial(forget_events, database))]
    jobs.append(job("rank what rises", RISING_SECONDS, partial(rank_rising, database)))
    jobs.append(job("forget alarms", ALARMS_SECONDS, partial(forget_alarms, database)))
    if database.is_postgresql:
        jobs.append(job("make partitions", PARTITIONS_SECONDS, partial(_make_partitions, database, policy.disk_budget)))
    if policy.retention:
        jobs.append(job("drop what is too old", RETENTION_SECONDS, partial(_drop_old, database, policy.retention)))
    if budget := policy.disk_budget:
        keeper = BudgetKeeper(database, budget)
        jobs.append(job("keep to the budget", BUDGET_SECONDS, keeper.slices, is_needed=keeper.is_needed))
    jobs.append(job("note the size", SIZE_SECONDS, partial(note_size, database)))
    if not database.is_postgresql:
        jobs.append(job("give space back", SPACE_SECONDS, partial(_give_back, database)))
    return jobs


def _make_partitions(database: Database, budget: int | None, now: datetime) -> Iterator[Progress]:
    yield Progress(1.0, f"{len(make_partitions(database, now, budget)):,} partitions")


def _drop_old(database: Database, retention: timedelta, now: datetime) -> Iterator[Progress]:
    return drop_arrived_before(database, now - retention)


def _give_back(database: Database, _now: datetime) -> Iterator[Progress]:
    return give_back(database)
