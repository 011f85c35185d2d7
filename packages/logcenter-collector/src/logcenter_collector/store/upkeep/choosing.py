"""Look for what may be dropped, among the issues of a range of ids. Nothing is written here."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, case, func, null, or_, select, type_coerce

from logcenter_collector.domain.budget import AGE_BITS, RANK_BITS, Shelf, Tier
from logcenter_collector.store.tables import issues, occurrences, stack_traces
from logcenter_collector.store.upkeep.dropping import Goner

Ids = tuple[int, int]
"""Issues from an id up to but not including another."""
Choose = Callable[[Connection, Ids], Sequence[Goner]]

_ROW_BYTES: Final = 200
"""What a row takes beside its body, with its index."""
_HOUR: Final = timedelta(hours=1)


def choose_shelf(shelf: Shelf, now: datetime) -> Choose:
    """Return what chooses a tier from a score upwards."""

    def choose(connection: Connection, ids: Ids) -> list[Goner]:
        found = _candidates(ids, shelf.tier, now).subquery()
        return _goners(connection.execute(select(found).where(found.c.score >= shelf.score)).all())

    return choose


def choose_arrived_before(before: datetime) -> Choose:
    """Return what chooses occurrences that are only part of a sample and arrived before an instant."""

    def choose(connection: Connection, ids: Ids) -> list[Goner]:
        found = _kept(ids, before, pinned=False).where(occurrences.c.arrived_at < before)
        return _goners(connection.execute(found).all())

    return choose


def choose_unused_traces(connection: Connection, ids: Ids) -> list[Goner]:
    """Choose stack traces that no kept occurrence has any more."""
    table = stack_traces.c
    used = select(occurrences.c.issue_id).where(
        occurrences.c.issue_id == table.issue_id, occurrences.c.stack_hash == table.hash
    )
    statement = select(table.issue_id, table.hash, func.length(table.lines)).where(~used.exists())
    found = connection.execute(statement.where(table.issue_id >= ids[0], table.issue_id < ids[1])).all()
    return [Goner(issue_id, size, trace=trace) for issue_id, trace, size in found]


def take_stock(connection: Connection, ids: Ids, tier: Tier, now: datetime) -> Counter[Shelf]:
    """Return how many bytes the shelves of a tier hold."""
    found = _candidates(ids, tier, now).subquery()
    sums = connection.execute(select(found.c.score, func.sum(found.c.size)).group_by(found.c.score))
    return Counter({Shelf(tier, score): int(size) for score, size in sums})


def _goners(found: Sequence[Any]) -> list[Goner]:
    return [Goner(row.issue_id, row.size, row.number, row.stack_hash, row.latest_arrived_at) for row in found]


def _candidates(ids: Ids, tier: Tier, now: datetime) -> Select[Any]:
    """Return what a tier holds, with its scores, see ``domain.budget.score``."""
    return _latest(ids, now) if tier is Tier.LATEST else _kept(ids, now, pinned=tier is Tier.PINNED)


def _kept(ids: Ids, now: datetime, *, pinned: bool) -> Select[Any]:
    """Return kept occurrences. What is still the latest of its issue stays: it belongs to another tier."""
    table = occurrences.c
    newer = func.row_number().over(partition_by=table.issue_id, order_by=table.number.desc()) - 1
    score = _bits([(newer >= 2**bit, bit + 1) for bit in range(RANK_BITS)]) + _age_bits(table.arrived_at, now)
    size = func.length(table.body) + _ROW_BYTES
    return (
        select(table.issue_id, table.number, table.stack_hash, null().label("latest_arrived_at"))
        .add_columns(size.label("size"), score.label("score"))
        .join(issues, issues.c.id == table.issue_id)
        .where(table.issue_id >= ids[0], table.issue_id < ids[1], table.pinned.is_(pinned))
        .where(table.number < issues.c.occurrence_count)
    )


def _latest(ids: Ids, now: datetime) -> Select[Any]:
    """Return what is kept of the latest occurrence of issues: in the issue's own row, or as a kept occurrence."""
    table, kept = issues.c, occurrences.c
    own, body = func.coalesce(func.length(table.latest_body), 0), func.coalesce(func.length(kept.body), 0)
    lines = func.coalesce(func.length(stack_traces.c.lines), 0)
    trace = and_(stack_traces.c.issue_id == kept.issue_id, stack_traces.c.hash == kept.stack_hash)
    return (
        select(table.id.label("issue_id"), kept.number, kept.stack_hash)
        .add_columns(type_coerce(table.latest_arrived_at, BigInteger).label("latest_arrived_at"))
        .add_columns((own + body + lines).label("size"), _age_bits(table.latest_arrived_at, now).label("score"))
        .join_from(
            issues, occurrences, and_(kept.issue_id == table.id, kept.number == table.occurrence_count), isouter=True
        )
        .join(stack_traces, trace, isouter=True)
        .where(table.id >= ids[0], table.id < ids[1], or_(table.latest_body.is_not(None), kept.number.is_not(None)))
    )


def _age_bits(arrived_at: ColumnElement[datetime], now: datetime) -> ColumnElement[int]:
    return _bits([(arrived_at <= now - _HOUR * 2**bit, bit + 1) for bit in range(AGE_BITS)])


def _bits(steps: Sequence[tuple[ColumnElement[bool], int]]) -> ColumnElement[int]:
    """Return the number of the highest step that is reached, 0 below all of them."""
    return case(*reversed(steps), else_=0)
