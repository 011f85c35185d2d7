"""Go through the issues in slices, and drop what is chosen among them."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import evolve, frozen
from sqlalchemy import func, select

from logcenter_collector.domain.budget import Shelf, Tier
from logcenter_collector.domain.pace import Pace
from logcenter_collector.store.database import Database, bulk_of
from logcenter_collector.store.tables import issues
from logcenter_collector.store.upkeep.choosing import Choose, Ids, take_stock
from logcenter_collector.store.upkeep.dropping import drop
from logcenter_collector.store.upkeep.slices import timed


@frozen
class Swept:
    """How far a sweep has come, and what went."""

    share: float = 0.0
    rows: int = 0
    size: int = 0


def _never(_swept: Swept) -> bool:
    return False


def sweep(
    database: Database,
    choose: Choose,
    is_enough: Callable[[Swept], bool] = _never,
    swept: Swept = Swept(),
) -> Iterator[Swept]:
    """Drop what is chosen, until it is enough or there is no more; ``swept`` is what went before."""
    writing = Pace(size=100, most=5_000)
    for ids, share in _ranges(database):
        with database.read() as connection:
            goners = choose(connection, ids)
        while goners:
            with timed(writing) as count, database.write() as connection:
                part, goners = goners[:count], goners[count:]
                drop(bulk_of(connection), part)
            swept = Swept(share, swept.rows + len(part), swept.size + sum(goner.size for goner in part))
            yield swept
            if is_enough(swept):
                return
        swept = evolve(swept, share=share)
        yield swept


def survey(database: Database, tier: Tier, now: datetime) -> Iterator[Counter[Shelf]]:
    """Take stock of a tier, range by range."""
    for ids, _ in _ranges(database):
        with database.read() as connection:
            stock = take_stock(connection, ids, tier, now)
        yield stock


def _ranges(database: Database) -> Iterator[tuple[Ids, float]]:
    """Yield ranges of ids that together hold every issue, and the share of all that is done with each.

    A range is as long as whoever asks for the next one took little time for the last.
    """
    pace = Pace(size=200, most=5_000)
    with database.read() as connection:
        end = (connection.scalar(select(func.max(issues.c.id))) or 0) + 1
    begin = 1
    while begin < end:
        with timed(pace) as count:
            ids = (begin, min(end, begin + count))
            yield ids, ids[1] / end
        begin = ids[1]
