"""PostgreSQL's partitions of the occurrences that are only part of a sample: made ahead, dropped whole.

Both need the table for themselves for a moment. Whoever waits for that makes everybody behind him wait as well, so it
is tried briefly and again, and never waited for. DETACH CONCURRENTLY would need less, but not where there is a default.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from time import sleep
from typing import Final, TypeVar

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection

from logcenter_collector.domain.pace import Pace
from logcenter_collector.domain.partitions import DAY, EPOCH, WEEK, Partition, partitions_ahead
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.bulk import look_up, update_of
from logcenter_collector.store.database import Database, bulk_of
from logcenter_collector.store.dialects import lock_schema
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_collector.store.upkeep.slices import Progress, timed

T = TypeVar("T")

PARENT: Final = "occurrences_spread"
REST: Final = "occurrences_spread_rest"
"""What no partition was made for, because the clock was wrong or nobody made any."""
LONGEST_PAST: Final = 60 * WEEK
_LOCK_MILLISECONDS: Final = 50
"""Each try lets writers wait for so long, and then for the commit."""
_ATTEMPTS: Final = 50
_PAUSE_SECONDS: Final = 0.2
_BOUNDS: Final = re.compile(r"FROM \('(-?\d+)'\) TO \('(-?\d+)'\)")
_PARTITIONS: Final = f"""
SELECT pg_get_expr(c.relpartbound, c.oid), pg_total_relation_size(c.oid)
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('{PARENT}')
"""
_DAYS_OF_REST: Final = f"SELECT DISTINCT arrived_at - mod(arrived_at, {microseconds(EPOCH + DAY)}) FROM {REST}"
_UNSAVED: Final = """
SELECT issues.id FROM {name} kept JOIN issues ON issues.id = kept.issue_id AND issues.occurrence_count = kept.number
WHERE issues.latest_body IS NULL ORDER BY issues.id LIMIT %(count)s
"""
_LATEST_KEPT: Final = """
SELECT issues.id, kept.body, stack_traces.lines
FROM {name} kept JOIN issues ON issues.id = kept.issue_id AND issues.occurrence_count = kept.number
LEFT JOIN stack_traces ON stack_traces.issue_id = kept.issue_id AND stack_traces.hash = kept.stack_hash
WHERE issues.id = ANY(%(ids)s) AND issues.latest_body IS NULL
"""
_LOCK_ISSUES: Final = look_up(tables.issues, (), ("id",), order_by="issues.id", locks="issues")
_SAVE: Final = update_of(tables.issues, "latest_body")


def name_of(partition: Partition) -> str:
    """Return the name of a partition's table."""
    return f"{PARENT}_{partition.begin:%Y%m%d}"


def list_partitions(connection: Connection) -> list[Partition]:
    """Return the partitions, but for the one that takes the rest."""
    found = connection.exec_driver_sql(_PARTITIONS).all()
    return [
        Partition(to_instant(int(bounds[1])), to_instant(int(bounds[2])), size)
        for text, size in found
        if (bounds := _BOUNDS.search(text))
    ]


def make_partitions(database: Database, now: datetime, budget: int | None = None) -> list[Partition]:
    """Make the partitions that are needed soon; none on SQLite, which has no partitions."""
    return _briefly(database, partial(_make, now, budget)) if database.is_postgresql else []


def make_partitions_since(connection: Connection, begin: datetime, now: datetime) -> None:
    """Make the partitions of a past that is about to be loaded; what is older than that has none."""
    begin = max(begin, now - LONGEST_PAST)
    while begin <= now:
        _make(begin, None, connection)
        begin += WEEK


def _make(now: datetime, budget: int | None, connection: Connection) -> list[Partition]:
    lock_schema(connection)
    taken = {to_instant(day) for (day,) in connection.exec_driver_sql(_DAYS_OF_REST)}
    made = partitions_ahead(list_partitions(connection), now, budget=budget, taken=taken)
    for each in made:
        values = f"FROM ({microseconds(each.begin)}) TO ({microseconds(each.end)})"
        connection.exec_driver_sql(f"CREATE TABLE {name_of(each)} PARTITION OF {PARENT} FOR VALUES {values}")
    return made


def drop_partitions(database: Database, partitions: Sequence[Partition]) -> Iterator[Progress]:
    """Drop partitions; before that, give the issues back the context that only they have."""
    for number, partition in enumerate(partitions, 1):
        name, pace = name_of(partition), Pace(size=100, most=500)
        saved = -1
        while saved:
            with timed(pace) as count, database.write() as connection:
                saved = _save(connection, name, count)
            yield Progress((number - 1) / len(partitions), f"{number - 1:,} partitions")
        _briefly(database, partial(_drop, name))
        yield Progress(number / len(partitions), f"{number:,} partitions")


def _drop(name: str, connection: Connection) -> None:
    """Wait for one lock only: with the first one everybody waits for us, so the others are there or it is given up."""
    connection.exec_driver_sql(f"LOCK TABLE ONLY {PARENT} IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql(f"LOCK TABLE ONLY {name} IN ACCESS EXCLUSIVE MODE NOWAIT")
    connection.exec_driver_sql("SET LOCAL lock_timeout = 1")  # of what belongs to it, as its TOAST table
    connection.exec_driver_sql(f"DROP TABLE {name}")


def has_rest(database: Database, before: datetime) -> bool:
    """Whether something that arrived before an instant is in no partition."""
    statement = f"SELECT EXISTS (SELECT 1 FROM {REST} WHERE arrived_at < {microseconds(before)})"
    with database.read() as connection:
        return bool(connection.exec_driver_sql(statement).scalar_one())


def _save(connection: Connection, name: str, count: int) -> int:
    """Give so many issues their latest occurrence back, which is a kept one, in the order of recording's locks."""
    bulk = bulk_of(connection)
    ids = [issue_id for (issue_id,) in connection.exec_driver_sql(_UNSAVED.format(name=name), {"count": count})]
    bulk.read(_LOCK_ISSUES, [(issue_id,) for issue_id in ids])
    found = connection.exec_driver_sql(_LATEST_KEPT.format(name=name), {"ids": ids})
    saved = [(rows.with_trace(body, lines), issue_id) for issue_id, body, lines in found]
    bulk.write(_SAVE, saved)
    return len(saved)


def _briefly(database: Database, do: Callable[[Connection], T]) -> T:
    """Do something that needs a table for itself, without ever waiting long for it. Raises StoreUnavailableError."""
    for _ in range(_ATTEMPTS):
        try:
            return _at_once(database, do)
        except StoreUnavailableError as error:
            if not isinstance(getattr(error.__cause__, "orig", None), LockNotAvailable):
                raise
        sleep(_PAUSE_SECONDS)
    return _at_once(database, do)


def _at_once(database: Database, do: Callable[[Connection], T]) -> T:
    with database.try_to_write() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_MILLISECONDS}")
        return do(connection)
