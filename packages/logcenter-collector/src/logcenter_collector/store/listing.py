"""Lists of issues and occurrences, by keyset: never an offset, never a count."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from logcenter_collector.domain.issue import BuildKind
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import IssueQuery, Page, Sort
from logcenter_collector.store.cursors import (
    read_issue_cursor,
    read_occurrence_cursor,
    write_issue_cursor,
    write_occurrence_cursor,
)
from logcenter_collector.store.database import bulk_of
from logcenter_collector.store.finding import Effort, Finder, Key, Range
from logcenter_collector.store.loading import load_issues, load_stack_traces
from logcenter_collector.store.ordering import ORDERS
from logcenter_collector.store.search.candidates import find_candidates
from logcenter_collector.store.search.index import open_index
from logcenter_collector.store.search.places import HIGHEST, LOWEST
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.issue import Issue, Occurrence
from logcenter_sdk.contract.limits import INTEGER_MAX

_USUAL: Final = Effort()


def list_issues(connection: Connection, query: IssueQuery, *, effort: Effort = _USUAL) -> Page[Issue]:
    """Return one page of issues. Raises InvalidCursorError."""
    before = read_issue_cursor(query.cursor, query.sort) if query.cursor else (HIGHEST, HIGHEST)
    finder = Finder(
        connection=connection,
        order=ORDERS[query.sort],
        before=before,
        bounds=_bounds(query, before),
        conditions=_conditions(query),
        text=query.q,
        effort=effort,
    )
    index = open_index(connection)
    found = list(islice(finder.find(index, find_candidates(index, query)), query.limit + 1))
    page = found[: query.limit]
    next_cursor = write_issue_cursor(query.sort, *page[-1]) if len(found) > query.limit else None
    return Page(items=load_issues(bulk_of(connection), [issue_id for _, issue_id in page]), next_cursor=next_cursor)


def _bounds(query: IssueQuery, before: Key) -> Range:
    """Return where in its order the issues of a query may stand, in what the order's index holds."""
    low, high = LOWEST, before[0]
    if query.sort is Sort.LAST_SEEN:
        low = microseconds(query.since) if query.since else low
        high = min(high, microseconds(query.until) - 1) if query.until else high
    unit = ORDERS[query.sort].unit
    return low // unit, high // unit


def _conditions(query: IssueQuery) -> list[ColumnElement[bool]]:
    """Return what an issue has to be, but for its text."""
    table = tables.issues
    asked = (
        (table.c.project_id, query.project_id),
        (table.c.status, query.status),
        (table.c.source, query.source),
        (table.c.level, query.level),
    )
    conditions: list[ColumnElement[bool]] = [column.in_(values) for column, values in asked if values]
    if not query.registrations:
        conditions.append(table.c.registration.is_(False))
    if query.environment:
        conditions.append(_was_seen_with(rows.ENVIRONMENT, query.environment))
    if query.version:
        conditions.append(_was_seen_with(BuildKind.VERSION, query.version))
    if query.since is not None:
        conditions.append(table.c.last_seen >= query.since)
    if query.until is not None:
        conditions.append(table.c.last_seen < query.until)
    return conditions


def _was_seen_with(kind: str, values: Sequence[str]) -> ColumnElement[bool]:
    table = tables.seen_with
    seen = select(table.c.issue_id).where(table.c.issue_id == tables.issues.c.id)
    return seen.where(table.c.kind == kind, table.c.value.in_(values)).exists()


def list_occurrences(connection: Connection, issue_id: int, limit: int, cursor: str | None) -> Page[Occurrence]:
    """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
    before = read_occurrence_cursor(cursor) if cursor else INTEGER_MAX
    table = tables.occurrences
    statement = select(table).where(table.c.issue_id == issue_id, table.c.number < before)
    kept = connection.execute(statement.order_by(table.c.number.desc()).limit(limit + 1)).mappings().all()
    found: list[rows.Row] = [*_latest(connection, issue_id, before), *kept]
    page = found[:limit]
    hashes = {row["stack_hash"] for row in page if row["stack_hash"]}
    lines = load_stack_traces(bulk_of(connection), [(issue_id, stack_hash) for stack_hash in hashes])
    return Page(
        items=tuple(rows.to_occurrence(row, lines.get((issue_id, row["stack_hash"]), ())) for row in page),
        next_cursor=write_occurrence_cursor(page[-1]["number"]) if len(found) > limit else None,
    )


def _latest(connection: Connection, issue_id: int, before: int) -> list[rows.Row]:
    """Return the latest occurrence where it is not one of the kept."""
    table = tables.issues
    statement = select(table).where(table.c.id == issue_id, table.c.occurrence_count < before)
    found = connection.execute(statement.where(table.c.latest_body.is_not(None))).mappings()
    return [rows.latest_occurrence(row) for row in found]
