"""Drop what is too old: occurrences that are only part of a sample, by their time of arrival."""

from collections.abc import Iterator
from datetime import datetime

from logcenter_collector.domain.partitions import Partition, expired
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.choosing import KeptBefore, UnusedTraces
from logcenter_collector.store.upkeep.partitions import drop_partitions, has_rest, list_partitions
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_collector.store.upkeep.sweeping import sweep


def drop_arrived_before(database: Database, before: datetime) -> Iterator[Progress]:
    """Drop what arrived before an instant; the first of an issue, its regressions and its latest stay."""
    if database.is_postgresql:
        with database.read() as connection:
            present = list_partitions(connection)
        yield from drop_with_traces(database, expired(present, before))
        if not has_rest(database, before):
            return
    for swept in sweep(database, KeptBefore(before)):
        yield Progress(swept.share, f"{swept.rows:,} occurrences")


def drop_with_traces(database: Database, partitions: list[Partition]) -> Iterator[Progress]:
    """Drop partitions, and the stack traces that only they used."""
    yield from drop_partitions(database, partitions)
    for swept in sweep(database, UnusedTraces()) if partitions else ():
        yield Progress(swept.share, f"{len(partitions):,} partitions and {swept.rows:,} stack traces")
