"""Keep the database within its budget of bytes."""

from collections import Counter
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Final

from attrs import define, field

from logcenter_collector.domain.budget import Plan, Shelf, Tier, excess_over, passes, plan, room_in
from logcenter_collector.domain.partitions import oldest
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.choosing import choice_of
from logcenter_collector.store.upkeep.partitions import list_partitions
from logcenter_collector.store.upkeep.retention import drop_with_traces
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_collector.store.upkeep.space import give_back, measure
from logcenter_collector.store.upkeep.sweeping import Goal, survey, sweep

LOG_BYTES: Final = 16 * 1024 * 1024
"""What SQLite's write-ahead log is left of the budget; longer ones are shortened to this."""


def room_of(database: Database, budget: int) -> int:
    """Return how many bytes of the budget are for the database itself."""
    return room_in(budget, 0 if database.is_postgresql else LOG_BYTES)


def is_over(database: Database, budget: int) -> bool:
    """Whether there is something to drop, or to give back."""
    space, room = measure(database), room_of(database, budget)
    gives_back = not database.is_postgresql and space.reusable > 0
    return excess_over(room, space.size if gives_back else space.used) > 0


def is_full(database: Database, budget: int) -> bool:
    """Whether the database is over its budget at this moment."""
    return measure(database).used > room_of(database, budget)


def keep_to_budget(database: Database, now: datetime, budget: int) -> Generator[Progress, None, bool]:
    """Drop what is oldest and most redundant until there is room again, and give the space back.

    Returns whether there was enough to drop.
    """
    room = room_of(database, budget)
    if database.is_postgresql:
        yield from _look_again(database, room)  # it may be that there is room already
        yield from _drop_partitions(database, now, room)
    is_enough = yield from _drop_rows(database, now, room)
    if excess_over(room, measure(database).size):
        yield from give_back(database, keep_pages=0)
    return is_enough


def _look_again(database: Database, room: int) -> Iterator[Progress]:
    """Let PostgreSQL find out what is free, if it matters."""
    if excess_over(room, measure(database).used):
        for table in ("stack_traces", "issues", "occurrences"):
            with database.outside() as cursor:
                cursor.execute(f"VACUUM (ANALYZE) {table}")
            yield Progress(0.0, "nothing yet")


def _drop_partitions(database: Database, now: datetime, room: int) -> Iterator[Progress]:
    if excess := excess_over(room, measure(database).used):
        with database.read() as connection:
            chosen = oldest(list_partitions(connection), now, excess)
        yield from drop_with_traces(database, chosen)
        yield from _look_again(database, room) if chosen else ()


def _drop_rows(database: Database, now: datetime, room: int) -> Generator[Progress, None, bool]:
    excess = excess_over(room, measure(database).used)
    if not excess:
        return True
    planned = yield from _plan(database, now, excess)
    goal = Goal(excess) if database.is_postgresql else MeasuredGoal.of(database, excess)
    for shelf in passes(planned.shelves):
        for swept in sweep(database, choice_of(shelf, now), goal):
            yield Progress(swept.share, f"{swept.rows:,} occurrences")
    is_enough = planned.is_enough or goal.left <= 0  # rows take more room than a plan knows of
    yield from _look_again(database, room) if database.is_postgresql else ()
    return is_enough


@define
class MeasuredGoal(Goal):
    """As SQLite says what is free; PostgreSQL knows only after VACUUM."""

    database: Database = field(kw_only=True)
    used: int = field(kw_only=True)

    @classmethod
    def of(cls, database: Database, excess: int) -> "MeasuredGoal":
        """Return the goal to use so much less than now."""
        return cls(excess, database=database, used=measure(database).used)

    @property
    def left(self) -> float:
        """How many bytes are still to be freed."""
        return self.excess - (self.used - measure(self.database).used)


def _plan(database: Database, now: datetime, excess: int) -> Generator[Progress, None, Plan]:
    """Plan with as many tiers as are needed; each takes a look at every issue."""
    stock: Counter[Shelf] = Counter()
    planned = Plan((), is_enough=False)
    for tier in Tier:
        for part in survey(database, tier, now):
            stock += part
            yield Progress(0.0, "nothing yet")
        planned = plan(stock, excess)
        if planned.is_enough:
            break
    return planned
