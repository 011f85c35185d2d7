"""Read something of one issue: its state, for a move, and its statistics."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import Per
from logcenter_sdk.contract.issue import StatsBucket

_WIDTHS: Final = {Per.HOUR: 3_600_000_000, Per.DAY: 24 * 3_600_000_000}
"""In microseconds."""


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


def load_stats(
    connection: Connection, issue_id: int, per: Per, since: datetime, until: datetime
) -> tuple[StatsBucket, ...]:
    """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
    table = tables.buckets
    hour, width = type_coerce(table.c.hour, BigInteger), _WIDTHS[per]
    start = hour - (hour % width + width) % width  # the remainder of a negative number is negative
    statement = (
        select(start.label("start"), table.c.environment, func.sum(table.c.count))
        .where(table.c.issue_id == issue_id, table.c.hour >= since, table.c.hour < until)
        .group_by("start", table.c.environment)
        .order_by("start", table.c.environment)
    )
    found: dict[int, dict[str, int]] = {}
    for begin, environment, count in connection.execute(statement):
        found.setdefault(begin, {})[environment] = int(count)
    return tuple(
        StatsBucket(start=tables.to_instant(begin), count=sum(counts.values()), environments=counts)
        for begin, counts in found.items()
    )
