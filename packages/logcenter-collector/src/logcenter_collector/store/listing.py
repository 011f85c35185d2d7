"""Lists of issues and occurrences, by keyset: never an offset, never a count."""

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Connection, select

from logcenter_collector.domain.issue_query import IssueQuery, Sort
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import Page
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.cursors import (
    read_issue_cursor,
    read_occurrence_cursor,
    write_issue_cursor,
    write_occurrence_cursor,
)
from logcenter_collector.store.database import bulk_of
from logcenter_collector.store.finding import USUAL, Effort, Finder
from logcenter_collector.store.loading import load_issues, load_stack_traces
from logcenter_collector.store.matching import matching, wording
from logcenter_collector.store.ordering import ORDERS, Key, Range
from logcenter_collector.store.rising import find_rising
from logcenter_collector.store.search.candidates import find_candidates
from logcenter_collector.store.search.index import open_index
from logcenter_collector.store.search.places import HIGHEST, LOWEST
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.issue import Issue, Occurrence
from logcenter_sdk.contract.limits import INTEGER_MAX


def list_issues(bulk: Bulk, query: IssueQuery, *, effort: Effort = USUAL) -> Page[Issue]:
    """Return one page of issues. Raises InvalidCursorError."""
    found = list(islice(find_issues(bulk, query, effort), query.limit + 1))
    page = found[: query.limit]
    next_cursor = write_issue_cursor(query.sort, *page[-1]) if len(found) > query.limit else None
    return Page(items=load_issues(bulk, [issue_id for _, issue_id in page]), next_cursor=next_cursor)


def find_issues(bulk: Bulk, query: IssueQuery, effort: Effort = USUAL) -> Iterator[Key]:
    """Yield where the issues stand that a query asks for, in order, from its cursor on. Raises InvalidCursorError."""
    before = read_issue_cursor(query.cursor, query.sort) if query.cursor else (HIGHEST, HIGHEST)
    if query.sort is Sort.RISING:
        return find_rising(bulk, query, before)
    order = ORDERS[query.sort]
    finder = Finder(
        bulk=bulk,
        order=order,
        before=before,
        bounds=_bounds(query, before),
        matching=matching(query, order, bulk.spelling),
        wording=wording(query),
        limit=query.limit + 1,
        effort=effort,
    )
    index = open_index(bulk)
    return finder.find(index, find_candidates(index, query, effort.in_time))


def _bounds(query: IssueQuery, before: Key) -> Range:
    """Return where in its order the issues of a query may stand, in what the order's index holds."""
    low, high = LOWEST, before[0]
    if query.sort is Sort.FIRST_SEEN:
        low = microseconds(query.first_since) if query.first_since else low
    if query.sort is Sort.LAST_SEEN:
        low = microseconds(query.since) if query.since else low
        high = min(high, microseconds(query.until) - 1) if query.until else high
    unit = ORDERS[query.sort].unit
    return low // unit, high // unit


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
