"""What may be dropped of the issues of a range of ids: how much it is, and the statements that drop it.

Each statement drops a whole range: a statement for each row would have to wait for the interpreter's lock after every
single one, while it holds the database's, and so would everybody who wants to write.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, or_, select, tuple_, update

from logcenter_collector.domain.budget import AGE_BITS, RANK_BITS, Shelf, Tier
from logcenter_collector.store.tables import issues, occurrences, stack_traces

Ids = tuple[int, int]
"""Issues from an id up to but not including another."""

_ROW_BYTES: Final = 200
"""What a row takes beside its body, with its index."""
_HOUR: Final = timedelta(hours=1)


@frozen
class Amount:
    """So many rows, and about so many bytes."""

    rows: int
    size: int


class Choice(Protocol):
    """Something to drop."""

    def look(self, connection: Connection, ids: Ids) -> Amount:
        """Return how much of it there is."""
        ...

    def drop(self, connection: Connection, ids: Ids) -> None:
        """Drop it, in a transaction that has locked the issues."""
        ...


@frozen
class KeptOfShelf:
    """Kept occurrences of a tier from a score upwards. What is the latest of its issue belongs to another tier."""

    shelf: Shelf
    now: datetime

    def look(self, connection: Connection, ids: Ids) -> Amount:
        """Return how much of it there is."""
        return _amount(connection, self._found(ids))

    def drop(self, connection: Connection, ids: Ids) -> None:
        """Drop it, and the stack traces that lose their last user."""
        _drop_kept(connection, ids, self._found(ids))

    def _found(self, ids: Ids) -> Select[Any]:
        scored = _kept(ids, self.now, pinned=self.shelf.tier is Tier.PINNED).subquery()
        return select(scored).where(scored.c.score >= self.shelf.score)


@frozen
class KeptBefore:
    """Kept occurrences that are only part of a sample and arrived before an instant."""

    before: datetime

    def look(self, connection: Connection, ids: Ids) -> Amount:
        """Return how much of it there is."""
        return _amount(connection, self._found(ids))

    def drop(self, connection: Connection, ids: Ids) -> None:
        """Drop it, and the stack traces that lose their last user."""
        _drop_kept(connection, ids, self._found(ids))

    def _found(self, ids: Ids) -> Select[Any]:
        return _kept(ids, self.before, pinned=False).where(occurrences.c.arrived_at < self.before)


@frozen
class LatestOfShelf:
    """What is kept of the latest occurrence of issues: in the issue's own row, or as a kept occurrence."""

    shelf: Shelf
    now: datetime

    def look(self, connection: Connection, ids: Ids) -> Amount:
        """Return how much of it there is."""
        return _amount(connection, _latest(ids, self.now).where(self._is_old()))

    def drop(self, connection: Connection, ids: Ids) -> None:
        """Drop it, and the stack traces that lose their last user."""
        is_latest = and_(issues.c.id == occurrences.c.issue_id, issues.c.occurrence_count == occurrences.c.number)
        of_old = select(issues.c.id).where(is_latest, self._is_old()).exists()
        connection.execute(delete(occurrences).where(_within(occurrences.c.issue_id, ids), of_old))
        own = update(issues).where(_within(issues.c.id, ids), self._is_old(), issues.c.latest_body.is_not(None))
        connection.execute(own.values(latest_body=None))
        _drop_unused_traces(connection, ids)

    def _is_old(self) -> ColumnElement[bool]:
        return _age_bits(issues.c.latest_arrived_at, self.now) >= self.shelf.score


@frozen
class UnusedTraces:
    """Stack traces that no kept occurrence has any more."""

    def look(self, connection: Connection, ids: Ids) -> Amount:
        """Return how much of it there is."""
        size = func.length(stack_traces.c.lines).label("size")
        return _amount(connection, select(size).where(*_unused_traces(ids)))

    def drop(self, connection: Connection, ids: Ids) -> None:
        """Drop it."""
        _drop_unused_traces(connection, ids)


def choice_of(shelf: Shelf, now: datetime) -> Choice:
    """Return what a tier holds from a score upwards."""
    return LatestOfShelf(shelf, now) if shelf.tier is Tier.LATEST else KeptOfShelf(shelf, now)


def take_stock(connection: Connection, ids: Ids, tier: Tier, now: datetime) -> Counter[Shelf]:
    """Return how many bytes the shelves of a tier hold."""
    found = _latest(ids, now) if tier is Tier.LATEST else _kept(ids, now, pinned=tier is Tier.PINNED)
    scored = found.subquery()
    sums = connection.execute(select(scored.c.score, func.sum(scored.c.size)).group_by(scored.c.score))
    return Counter({Shelf(tier, score): int(size) for score, size in sums})


def lock_issues(connection: Connection, ids: Ids) -> None:
    """Lock the issues of a range in the order in which recording does; SQLite has locked everything."""
    if connection.dialect.name == "postgresql":
        statement = select(issues.c.id).where(_within(issues.c.id, ids)).order_by(issues.c.id)
        connection.execute(statement.with_for_update()).all()


def _amount(connection: Connection, found: Select[Any]) -> Amount:
    every = found.subquery()
    rows, size = connection.execute(select(func.count(), func.sum(every.c.size)).select_from(every)).one()
    return Amount(rows, int(size or 0))


def _drop_kept(connection: Connection, ids: Ids, found: Select[Any]) -> None:
    keys = found.with_only_columns(*list(found.selected_columns)[:2])
    table = occurrences.c
    connection.execute(
        delete(occurrences).where(_within(table.issue_id, ids), tuple_(table.issue_id, table.number).in_(keys))
    )
    _drop_unused_traces(connection, ids)


def _drop_unused_traces(connection: Connection, ids: Ids) -> None:
    connection.execute(delete(stack_traces).where(*_unused_traces(ids)))


def _unused_traces(ids: Ids) -> Sequence[ColumnElement[bool]]:
    table = stack_traces.c
    is_user = and_(occurrences.c.issue_id == table.issue_id, occurrences.c.stack_hash == table.hash)
    return _within(table.issue_id, ids), ~select(occurrences.c.issue_id).where(is_user).exists()


def _within(column: ColumnElement[int], ids: Ids) -> ColumnElement[bool]:
    return and_(column >= ids[0], column < ids[1])


def _kept(ids: Ids, now: datetime, *, pinned: bool) -> Select[Any]:
    table = occurrences.c
    newer = func.row_number().over(partition_by=table.issue_id, order_by=table.number.desc()) - 1
    score = _bits([(newer >= 2**bit, bit + 1) for bit in range(RANK_BITS)]) + _age_bits(table.arrived_at, now)
    size = func.length(table.body) + _ROW_BYTES
    return (
        select(table.issue_id, table.number, size.label("size"), score.label("score"))
        .join(issues, issues.c.id == table.issue_id)
        .where(_within(table.issue_id, ids), table.pinned.is_(pinned), table.number < issues.c.occurrence_count)
    )


def _latest(ids: Ids, now: datetime) -> Select[Any]:
    table, kept = issues.c, occurrences.c
    parts = (table.latest_body, kept.body, stack_traces.c.lines)
    own, body, lines = (func.coalesce(func.length(part), 0) for part in parts)
    is_latest = and_(kept.issue_id == table.id, kept.number == table.occurrence_count)
    has_trace = and_(stack_traces.c.issue_id == kept.issue_id, stack_traces.c.hash == kept.stack_hash)
    return (
        select((own + body + lines).label("size"), _age_bits(table.latest_arrived_at, now).label("score"))
        .select_from(issues)
        .join(occurrences, is_latest, isouter=True)
        .join(stack_traces, has_trace, isouter=True)
        .where(_within(table.id, ids), or_(table.latest_body.is_not(None), kept.number.is_not(None)))
    )


def _age_bits(arrived_at: ColumnElement[datetime], now: datetime) -> ColumnElement[int]:
    return _bits([(arrived_at <= now - _HOUR * 2**bit, bit + 1) for bit in range(AGE_BITS)])


def _bits(steps: Sequence[tuple[ColumnElement[bool], int]]) -> ColumnElement[int]:
    """Return the number of the highest step that is reached, 0 below all of them; see ``domain.budget.score``."""
    return case(*reversed(steps), else_=0)
