"""Note how much room the data takes, once in an hour: one row for each day, the last look of which stays."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from logcenter_collector.domain.growth import LOOK_BACK, Size
from logcenter_collector.domain.partitions import DAY, EPOCH
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import insert
from logcenter_collector.store.tables import daily_sizes
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_collector.store.upkeep.space import measure

KEPT: Final = timedelta(days=400)


def note_size(database: Database, now: datetime) -> Iterator[Progress]:
    """Note it, and forget what was more than a year ago."""
    row = {"at": now, "bytes": measure(database).used}
    with database.try_to_write() as connection:
        new = insert(connection, daily_sizes).values(day=_day(now), **row)
        connection.execute(new.on_conflict_do_update(index_elements=["day"], set_=row))
        connection.execute(delete(daily_sizes).where(daily_sizes.c.day < _day(now - KEPT)))
    yield Progress(1.0, "noted")


def load_sizes(database: Database, now: datetime) -> tuple[Size, ...]:
    """Return the sizes of the last days, the oldest first."""
    table = daily_sizes.c
    statement = select(table.at, table.bytes).where(table.day >= _day(now - LOOK_BACK)).order_by(table.day)
    with database.read() as connection:
        return tuple(Size(row.at, row.bytes) for row in connection.execute(statement))


def _day(at: datetime) -> int:
    return (at - EPOCH) // DAY
