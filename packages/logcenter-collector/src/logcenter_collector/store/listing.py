"""Lists of issues and occurrences, by keyset: never an offset, never a count."""

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, literal, or_, select, tuple_

from logcenter_collector.domain.issue import BuildKind
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import InvalidCursorError, IssueQuery, Page, Sort
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
    statement = select(tables.issues).where(*_filters(query)).order_by(column.desc(), tables.issues.c.id.desc())
    if query.cursor:
        last_value, last_id = _read_issue_cursor(query.cursor, query.sort)
        statement = statement.where(
            tuple_(column, tables.issues.c.id) < tuple_(literal(last_value, column.type), last_id)
        )
    found = connection.execute(statement.limit(query.limit + 1)).mappings().all()
    page = found[: query.limit]
    more = len(found) > query.limit
    next_cursor = _write_cursor(query.sort, page[-1][column.name], page[-1]["id"]) if more else None
    return Page(items=complete_issues(connection, page), next_cursor=next_cursor)


def complete_issues(connection: Connection, issue_rows: Sequence[RowMapping]) -> tuple[Issue, ...]:
    """Return the issues of their rows, with what other tables hold of them."""
    ids = [row["id"] for row in issue_rows]
    lines = load_stack_traces(connection, {row["stack_hash"] for row in issue_rows})
    prints = _load_fingerprints(connection, ids)
    seen_with = _load_seen_with(connection, ids)
    return tuple(
        rows.to_issue(row, lines[row["stack_hash"]], prints[row["id"]], seen_with[row["id"]]) for row in issue_rows
    )


def list_occurrences(connection: Connection, issue_id: int, limit: int, cursor: str | None) -> Page[Occurrence]:
    """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
    table = tables.occurrences
    statement = select(table).where(table.c.issue_id == issue_id).order_by(table.c.id.desc())
    if cursor:
        statement = statement.where(table.c.id < _read_cursor(cursor, "occurrences")[1])
    found = connection.execute(statement.limit(limit + 1)).mappings().all()
    page = found[:limit]
    lines = load_stack_traces(connection, {row["stack_hash"] for row in page})
    next_cursor = _write_cursor("occurrences", None, page[-1]["id"]) if len(found) > limit else None
    return Page(items=tuple(rows.to_occurrence(row, lines[row["stack_hash"]]) for row in page), next_cursor=next_cursor)


def load_stack_traces(connection: Connection, hashes: set[bytes]) -> dict[bytes, tuple[str, ...]]:
    """Return the lines of each stack trace."""
    table = tables.stack_traces
    found = connection.execute(select(table).where(table.c.hash.in_(hashes)))
    return {key: tuple(rows.unpack(packed)) for key, packed in found}


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
    statement = select(table.c.issue_id, table.c.fingerprint).where(table.c.issue_id.in_(ids)).order_by(table.c.id)
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
