"""About how much a database holds, without counting it: a fair sample of the issues stands for all of them."""

from typing import Final

from attrs import frozen
from sqlalchemy import ColumnElement, Table, func, select

from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import ids_in
from logcenter_collector.store.tables import buckets, issues, occurrences
from logcenter_collector.store.upkeep.events import count_events

SAMPLED: Final = 200
"""Issues that are looked at. Up to so many there is nothing to estimate."""


@frozen(kw_only=True)
class Amounts:
    """How many rows there are."""

    pinned: int
    """Occurrences that are kept for good: the first of each issue and its regressions."""
    sample: int
    """The other kept ones."""
    hours: int
    """Rows of counts by hour, environment and release."""
    event_ids: int
    is_exact: bool
    """Whether all but the event ids are counted and not estimated."""


def estimate_amounts(database: Database) -> Amounts:
    """Return about how much there is, in a few milliseconds whatever its size."""
    with database.read() as connection:
        last = connection.scalar(select(func.max(issues.c.id))) or 0
    sample = range(1, last + 1, -(-last // SAMPLED) or 1)
    share = last / len(sample) if sample else 0.0
    return Amounts(
        pinned=round(_rows_of(database, occurrences, sample, occurrences.c.pinned) * share),
        sample=round(_rows_of(database, occurrences, sample, ~occurrences.c.pinned) * share),
        hours=round(_rows_of(database, buckets, sample) * share),
        event_ids=count_events(database),
        is_exact=last <= SAMPLED,
    )


def _rows_of(database: Database, table: Table, issue_ids: range, *which: ColumnElement[bool]) -> int:
    with database.read() as connection:
        chosen = ids_in(connection, table.c.issue_id, issue_ids)
        statement = select(func.count()).select_from(table).where(chosen, *which)
        return connection.execute(statement).scalar_one()
