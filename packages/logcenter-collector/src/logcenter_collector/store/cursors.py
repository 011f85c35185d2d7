"""Opaque cursors: the place in a list where a page ended, as base64 of JSON."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.store.base import InvalidCursorError, Item, Page
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.limits import INTEGER_MAX, INTEGER_MIN
from logcenter_sdk.contract.writing import to_wire

_OCCURRENCES = "occurrences"
_NUMBERS = frozenset({Sort.OCCURRENCE_COUNT, Sort.RISING})
AUDIT = "audit"
DELIVERIES = "deliveries"


def write_issue_cursor(sort: Sort, value: int, issue_id: int) -> str:
    """Return the cursor behind an issue; of instants the value is in microseconds."""
    return _write(sort, value if sort in _NUMBERS else to_instant(value), issue_id)


def read_issue_cursor(cursor: str, sort: Sort) -> tuple[int, int]:
    """Return the value and the issue of a cursor. Raises InvalidCursorError."""
    value, issue_id = _read(cursor, sort)
    return _number(value) if sort in _NUMBERS else _instant(value), issue_id


def write_occurrence_cursor(number: int) -> str:
    """Return the cursor behind an occurrence."""
    return _write(_OCCURRENCES, None, number)


def read_occurrence_cursor(cursor: str) -> int:
    """Return the number of the occurrence of a cursor. Raises InvalidCursorError."""
    return _read(cursor, _OCCURRENCES)[1]


def write_log_cursor(log: str, entry_id: int) -> str:
    """Return the cursor behind an entry of a log: of ``AUDIT`` or ``DELIVERIES``."""
    return _write(log, None, entry_id)


def read_log_cursor(log: str, cursor: str | None) -> int:
    """Return the entry of a cursor, or what is behind all entries. Raises InvalidCursorError."""
    return _read(cursor, log)[1] if cursor else INTEGER_MAX


def page_of_log(log: str, found: Sequence[Row[Any]], limit: int, to_item: Callable[[Row[Any]], Item]) -> Page[Item]:
    """Return a page of what was found of a log by its ids, newest first, with one entry more than the page holds."""
    more = len(found) > limit
    return Page(
        items=tuple(map(to_item, found[:limit])),
        next_cursor=write_log_cursor(log, found[limit - 1].id) if more else None,
    )


def _write(list_name: str, value: object, row_id: int) -> str:
    text = json.dumps([list_name, to_wire(value), row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, list_name: str) -> tuple[object, int]:
    try:
        made_for, value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidCursorError from None
    if made_for != list_name:
        raise InvalidCursorError
    return value, _number(row_id)


def _instant(value: object) -> int:
    try:
        return microseconds(parse_instant(value if isinstance(value, str) else ""))
    except ValueError:
        raise InvalidCursorError from None


def _number(value: object) -> int:
    if type(value) is not int or not INTEGER_MIN <= value <= INTEGER_MAX:
        raise InvalidCursorError
    return value
