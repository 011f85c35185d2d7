"""Read something of one issue: its state, for a move, and its statistics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import Per
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.counted import Bars, Sparkline, to_sparklines
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_sdk.contract.issue import StatsBucket

_HOURS: Final = (
    "SELECT hour, {counts} FROM buckets WHERE issue_id = {mark} AND hour >= {mark} AND hour < {mark} "
    "GROUP BY hour ORDER BY hour"
)
"""An hour is one row, however many environments and releases it has."""
_DAY: Final = 86_400_000_000
_SPARKLINES: Final = (
    "SELECT issue_id, ({mark} - hour + {last}) / {day} AS days_ago, CAST(sum(count) AS bigint) FROM buckets "
    "WHERE {is_one} AND hour >= {mark} AND hour < {mark} GROUP BY issue_id, days_ago"
)


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
    counts = spelling.json_rows.format("environment, version, count")
    statement = _HOURS.format(counts=counts, mark=spelling.mark)
    found: dict[datetime, Bars] = {}
    for kept, packed in bulk.select(statement, (issue_id, microseconds(since), microseconds(until))):
        hour = to_instant(kept)
        bars = found.setdefault(hour if per is Per.HOUR else hour.replace(hour=0), Bars())
        bars.add(msgspec.json.decode(packed))
    return tuple(bars.to_bucket(start) for start, bars in found.items())


def load_sparklines(bulk: Bulk, issue_ids: Sequence[int], now: datetime, days: int) -> dict[int, Sparkline]:
    """Return how often each issue occurred on each of the last days, oldest first; days are days in UTC."""
    spelling = bulk.spelling
    today = microseconds(now) // _DAY * _DAY
    is_one = spelling.one_of_numbers.format("issue_id")
    statement = _SPARKLINES.format(mark=spelling.mark, is_one=is_one, last=_DAY - 1, day=_DAY)
    parameters = (today, spelling.many(issue_ids), today - (days - 1) * _DAY, today + _DAY)
    return to_sparklines(issue_ids, days, bulk.select(statement, parameters))
