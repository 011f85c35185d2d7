"""Lists of issues and occurrences, by keyset: never an offset, never a count."""

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, literal, or_, select, tuple_

from logcenter_collector.domain.issue import BuildKind
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import InvalidCursorError, IssueQuery, Page, Sort
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.issue import Issue, Occurrence
from logcenter_sdk.contract.limits import INTEGER_MAX, INTEGER_MIN
from logcenter_sdk.contract.writing import to_wire

_SORT_COLUMNS = {
    Sort.LAST_SEEN: tables.issues.c.last_seen,
    Sort.FIRST_SEEN: tables.issues.c.first_seen,
    Sort.OCCURRENCE_COUNT: tables.issues.c.occurrence_count,
}


def list_issues(connection: Connection, query: IssueQuery) -> Page[Issue]:
    """Return one page of issues. Raises InvalidCursorError."""
    column = _SORT_COLUMNS[query.sort]
    order = _order(query.sort)
    statement = select(tables.issues).where(*_filters(query)).order_by(*(part.desc() for part in order))
    if query.cursor:
        statement = statement.where(tuple_(*order) < _place(query.sort, *_read_issue_cursor(query.cursor, query.sort)))
    found = connection.execute(statement.limit(query.limit + 1)).mappings().all()
    page = found[: query.limit]
    more = len(found) > query.limit
    next_cursor = _write_cursor(query.sort, page[-1][column.name], page[-1]["id"]) if more else None
    return Page(items=complete_issues(connection, page), next_cursor=next_cursor)


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    """Return what a list is ordered by; the seconds are what the indexes hold, see the table."""
    table = tables.issues
    first = [table.c.last_seen_second] if sort is Sort.LAST_SEEN else []
    return [*first, _SORT_COLUMNS[sort], table.c.id]


def _place(sort: Sort, value: datetime | int, row_id: int) -> ColumnElement[Any]:
    """Return the end of the page before, in the columns of ``_order``."""
    place = [literal(value, _SORT_COLUMNS[sort].type), literal(row_id)]
    if sort is Sort.LAST_SEEN and isinstance(value, datetime):
        place.insert(0, literal(microseconds(value) // 1_000_000))
    return tuple_(*place)


def complete_issues(connection: Connection, issue_rows: Sequence[RowMapping]) -> tuple[Issue, ...]:
    """Return the issues of their rows, with what other tables hold of them."""
    ids = [row["id"] for row in issue_rows]
    bodies = _load_latest_bodies(connection, issue_rows)
    prints = _load_fingerprints(connection, ids)
    seen_with = _load_seen_with(connection, ids)
    return tuple(rows.to_issue(row, bodies[row["id"]], prints[row["id"]], seen_with[row["id"]]) for row in issue_rows)


def _load_latest_bodies(connection: Connection, issue_rows: Sequence[RowMapping]) -> Mapping[int, dict[str, Any]]:
    """Return the body of each issue's latest occurrence: its own, or that of the kept one; empty if it was dropped."""
    bodies: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    kept = [(row["id"], row["occurrence_count"]) for row in issue_rows if row["latest_body"] is None]
    for issue_id, stack_hash, body in _load_kept(connection, kept):
        bodies[issue_id] = {**rows.unpack(body), "stack_trace": stack_hash}
    lines = load_stack_traces(connection, {(issue_id, body["stack_trace"]) for issue_id, body in bodies.items()})
    for issue_id, body in bodies.items():
        body["stack_trace"] = lines.get((issue_id, body["stack_trace"]), ())
    own = {row["id"]: rows.unpack(row["latest_body"]) for row in issue_rows if row["latest_body"] is not None}
    bodies.update(own)
    return bodies


def _load_kept(connection: Connection, keys: Sequence[tuple[int, int]]) -> Sequence[Any]:
    if not keys:
        return ()
    table = tables.occurrences
    columns = (table.c.issue_id, table.c.stack_hash, table.c.body)
    return connection.execute(select(*columns).where(tuple_(table.c.issue_id, table.c.number).in_(keys))).all()


def list_occurrences(connection: Connection, issue_id: int, limit: int, cursor: str | None) -> Page[Occurrence]:
    """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
    before = _read_cursor(cursor, "occurrences")[1] if cursor else INTEGER_MAX
    table = tables.occurrences
    statement = select(table).where(table.c.issue_id == issue_id, table.c.number < before)
    kept = connection.execute(statement.order_by(table.c.number.desc()).limit(limit + 1)).mappings().all()
    found: list[rows.Row] = [*_latest(connection, issue_id, before), *kept]
    page = found[:limit]
    lines = load_stack_traces(connection, {(issue_id, row["stack_hash"]) for row in page if row["stack_hash"]})
    next_cursor = _write_cursor("occurrences", None, page[-1]["number"]) if len(found) > limit else None
    return Page(
        items=tuple(rows.to_occurrence(row, lines.get((issue_id, row["stack_hash"]), ())) for row in page),
        next_cursor=next_cursor,
    )


def _latest(connection: Connection, issue_id: int, before: int) -> list[rows.Row]:
    """Return the latest occurrence where it is not one of the kept."""
    table = tables.issues
    statement = select(table).where(table.c.id == issue_id, table.c.occurrence_count < before)
    found = connection.execute(statement.where(table.c.latest_body.is_not(None))).mappings()
    return [rows.latest_occurrence(row) for row in found]


def load_stack_traces(connection: Connection, keys: set[tuple[int, bytes]]) -> dict[tuple[int, bytes], tuple[str, ...]]:
    """Return the lines of each stack trace, by issue and hash; none where the trace was dropped."""
    if not keys:
        return {}
    table = tables.stack_traces
    found = connection.execute(
        select(table.c.issue_id, table.c.hash, table.c.lines).where(tuple_(table.c.issue_id, table.c.hash).in_(keys))
    )
    return {(issue_id, key): tuple(rows.unpack(packed)) for issue_id, key, packed in found}


def _filters(query: IssueQuery) -> list[ColumnElement[bool]]:
    table = tables.issues
    filters: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (table.c.project_id, query.project_id),
            (table.c.status, query.status),
            (table.c.source, query.source),
            (table.c.level, query.level),
        )
        if values
    ]
    if not query.registrations:
        filters.append(table.c.registration.is_(False))
    if query.environment:
        filters.append(_was_seen_with(rows.ENVIRONMENT, query.environment))
    if query.version:
        filters.append(_was_seen_with(BuildKind.VERSION, query.version))
    if query.since is not None:
        filters.append(table.c.last_seen >= query.since)
    if query.until is not None:
        filters.append(table.c.last_seen < query.until)
    if query.q:
        columns = (table.c.error_type, table.c.error_message, table.c.file_path)
        filters.append(or_(*(column.icontains(query.q, autoescape=True) for column in columns)))
    return filters


def _was_seen_with(kind: str, values: Sequence[str]) -> ColumnElement[bool]:
    table = tables.seen_with
    return (
        select(table.c.issue_id)
        .where(and_(table.c.issue_id == tables.issues.c.id, table.c.kind == kind, table.c.value.in_(values)))
        .exists()
    )


def _load_fingerprints(connection: Connection, ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    table = tables.fingerprints
    statement = (
        select(table.c.issue_id, table.c.fingerprint)
        .where(table.c.issue_id.in_(ids))
        .order_by(table.c.issue_id, table.c.position)
    )
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for issue_id, fingerprint in connection.execute(statement):
        found[issue_id] += (fingerprint,)
    return found


def _load_seen_with(connection: Connection, ids: Sequence[int]) -> Mapping[int, dict[str, tuple[str, ...]]]:
    table = tables.seen_with
    statement = (
        select(table.c.issue_id, table.c.kind, table.c.value)
        .where(table.c.issue_id.in_(ids))
        .order_by(table.c.last_arrived_at.desc(), table.c.value)
    )
    found: defaultdict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for issue_id, kind, value in connection.execute(statement):
        found[issue_id][kind] = (*found[issue_id].get(kind, ()), value)
    return found


def _write_cursor(list_name: str, value: object, row_id: int) -> str:
    text = json.dumps([list_name, to_wire(value), row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, list_name: str) -> tuple[object, int]:
    try:
        made_for, value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidCursorError from None
    if made_for != list_name:
        raise InvalidCursorError
    return value, _number(row_id)


def _read_issue_cursor(cursor: str, sort: Sort) -> tuple[datetime | int, int]:
    value, row_id = _read_cursor(cursor, sort)
    return _number(value) if sort is Sort.OCCURRENCE_COUNT else _instant(value), row_id


def _instant(value: object) -> datetime:
    try:
        return parse_instant(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidCursorError from None


def _number(value: object) -> int:
    if type(value) is not int or not INTEGER_MIN <= value <= INTEGER_MAX:
        raise InvalidCursorError
    return value
