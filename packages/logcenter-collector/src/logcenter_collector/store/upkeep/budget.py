"""Keep the database within its budget of bytes."""

from collections import Counter
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Final

from logcenter_collector.domain.budget import Plan, Shelf, Tier, excess_over, passes, plan, room_in
from logcenter_collector.domain.partitions import oldest
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.choosing import choose_shelf
from logcenter_collector.store.upkeep.partitions import list_partitions
from logcenter_collector.store.upkeep.retention import drop_with_traces
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_collector.store.upkeep.space import give_back, measure
from logcenter_collector.store.upkeep.sweeping import Swept, survey, sweep

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
    """Whether the database is over its budget, so that nothing more can be taken until something is dropped."""
    return measure(database).used > room_of(database, budget)


def keep_to_budget(database: Database, now: datetime, budget: int) -> Iterator[Progress]:
    """Drop what is oldest and most redundant until there is room again, and give the space back."""
    room = room_of(database, budget)
    if excess := excess_over(room, measure(database).used):
        yield from _drop_partitions(database, now, excess) if database.is_postgresql else ()
        yield from _drop_rows(database, now, room)
    if excess_over(room, measure(database).size):
        yield from give_back(database, keep_pages=0)


def _drop_partitions(database: Database, now: datetime, excess: int) -> Iterator[Progress]:
    with database.read() as connection:
        chosen = oldest(list_partitions(connection), now, excess)
    yield from drop_with_traces(database, chosen)


def _drop_rows(database: Database, now: datetime, room: int) -> Iterator[Progress]:
    at_first = measure(database).used
    if not (excess := excess_over(room, at_first)):
        return

    def is_enough(swept: Swept) -> bool:
        # PostgreSQL knows what is free only after VACUUM.
        freed = swept.size if database.is_postgresql else at_first - measure(database).used
        return freed >= excess

    planned = yield from _plan(database, now, excess)
    gone = Swept()
    for shelf in passes(planned.shelves):
        for swept in sweep(database, choose_shelf(shelf, now), is_enough, gone):
            gone = swept
            yield Progress(gone.size / excess, f"{gone.rows:,} occurrences")
        if is_enough(gone):
            break
    _vacuum(database)


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


def _vacuum(database: Database) -> None:
    """Let PostgreSQL find out what is free."""
    if database.is_postgresql:
        with database.outside() as cursor:
            cursor.execute("VACUUM (ANALYZE) occurrences, issues, stack_traces")
