"""Read something of one issue: its state, for a move, and its statistics."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import Per
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_sdk.contract.issue import StatsBucket

Counts = dict[str, int]
"""Occurrences by environment."""

_HOURS: Final = (
    "SELECT hour, {counts} FROM buckets WHERE issue_id = {mark} AND hour >= {mark} AND hour < {mark} "
    "GROUP BY hour ORDER BY hour"
)
"""An hour is one row, however many environments it has."""


def load_state(connection: Connection, issue_id: int) -> IssueState | None:
    """Return the state of an issue, whose row nobody else may change until the transaction ends; None if unknown."""
    table = tables.issues
    found = connection.execute(select(table).where(table.c.id == issue_id).with_for_update()).mappings().first()
    return None if found is None else rows.to_state(found, _builds(connection, issue_id, before_fix=True))


def load_builds(connection: Connection, issue_id: int) -> frozenset[Build]:
    """Return the builds that an issue was seen with."""
    return _builds(connection, issue_id, before_fix=False)


def _builds(connection: Connection, issue_id: int, *, before_fix: bool) -> frozenset[Build]:
    table = tables.seen_with
    statement = select(table.c.kind, table.c.value).where(table.c.issue_id == issue_id, table.c.kind.in_(BuildKind))
    if before_fix:
        statement = statement.where(table.c.before_fix)
    return frozenset(Build(BuildKind(kind), value) for kind, value in connection.execute(statement))


def load_stats(bulk: Bulk, issue_id: int, per: Per, since: datetime, until: datetime) -> tuple[StatsBucket, ...]:
    """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
    spelling = bulk.spelling
    statement = _HOURS.format(counts=spelling.json_object.format("environment", "count"), mark=spelling.mark)
    rows = bulk.select(statement, (issue_id, microseconds(since), microseconds(until)))
    hours = [(to_instant(hour), msgspec.json.decode(counts)) for hour, counts in rows]
    found = hours if per is Per.HOUR else _days_of(hours)
    return tuple(StatsBucket(start=start, count=sum(each.values()), environments=each) for start, each in found)


def _days_of(hours: Iterable[tuple[datetime, Counts]]) -> Iterator[tuple[datetime, Counts]]:
    for day, part in groupby(hours, key=lambda hour: hour[0].replace(hour=0)):
        counts: Counts = {}
        for _, more in part:
            for environment, count in more.items():
                counts[environment] = counts.get(environment, 0) + count
        yield day, counts
