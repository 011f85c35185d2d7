"""How storage stands, for administrators: the room it takes, what is kept, what upkeep did last and does next."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from logcenter_collector.domain.budget import drops_from
from logcenter_collector.domain.growth import Forecast, forecast
from logcenter_collector.domain.policy import Policy
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.amounts import Amounts, estimate_amounts
from logcenter_collector.store.upkeep.budget import room_of
from logcenter_collector.store.upkeep.leasing import Standing, list_standing
from logcenter_collector.store.upkeep.sizes import load_sizes
from logcenter_collector.store.upkeep.space import Space, measure
from logcenter_collector.upkeep.jobs import leased_jobs


class Bound(StrEnum):
    """What bounds a database."""

    BUDGET = "budget"
    DISK = "disk"
    """Without a budget, what its disk has left."""
    UNKNOWN = "unknown"
    """PostgreSQL does not say how much its disk has left."""


@frozen(kw_only=True)
class Job:
    """Something that upkeep does again and again."""

    name: str
    period_seconds: float
    standing: Standing | None
    """None: it was never needed."""


@frozen(kw_only=True)
class StorageStanding:
    """How storage stands at this moment."""

    space: Space
    budget: int | None
    room: int | None
    """What of the budget is for the database itself."""
    free: int | None
    """What its disk has left, where that is known."""
    bound: Bound
    forecast: Forecast
    amounts: Amounts
    jobs: Sequence[Job]

    @property
    def is_full(self) -> bool:
        """Whether it is over its budget, so that reports are refused."""
        return self.room is not None and self.space.used > self.room


def read_standing(database: Database, policy: Policy, now: datetime) -> StorageStanding:
    """Return how storage stands. Takes milliseconds, whatever its size. Raises StoreUnavailableError."""
    space, budget = measure(database), policy.disk_budget
    room = None if budget is None else room_of(database, budget)
    free = None if database.file is None else shutil.disk_usage(database.file.parent).free
    if room is not None:
        bound, limit = Bound.BUDGET, drops_from(room)
    elif free is not None:
        bound, limit = Bound.DISK, space.size + free
    else:
        bound, limit = Bound.UNKNOWN, None
    return StorageStanding(
        space=space,
        budget=budget,
        room=room,
        free=free,
        bound=bound,
        forecast=forecast(load_sizes(database, now), limit, now),
        amounts=estimate_amounts(database),
        jobs=_jobs(database, policy, now),
    )


def _jobs(database: Database, policy: Policy, now: datetime) -> list[Job]:
    standing = list_standing(database)
    return [
        Job(name=job.name, period_seconds=job.period_seconds, standing=standing.get(job.name))
        for job in leased_jobs(database, policy, lambda: now)
    ]
