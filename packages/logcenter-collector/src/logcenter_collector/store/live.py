"""What changed lately, for who looks at a list: asked again and again, and cheap while nothing happens.

The look goes by numbers that only grow (issues, entries of the history) and by the time of the latest reports, so it
finds what any collector of the same database wrote.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from logcenter_collector.domain.muting import Mute
from logcenter_collector.store import tables
from logcenter_collector.store.base import LiveChanges, LiveIssue, LiveMark
from logcenter_collector.store.bulk import Bulk, look_up_among
from logcenter_collector.store.loading import load_care
from logcenter_collector.store.rows import Care
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

RECENT: Final = timedelta(seconds=60)
"""Clocks of reporters differ: what was last seen within this time is looked at again and again."""
RECENT_ISSUES: Final = 300
"""So many of them at most, the latest."""
NEW_ISSUES: Final = 500
LATE_NUMBERS: Final = 1_000
"""A number that PostgreSQL gave away earlier may be committed later than one behind it: so far back is looked again."""

_COLUMNS: Final = (
    "project_id",
    "source",
    "level",
    "environment",
    "version",
    "error_type",
    "error_message",
    "file_path",
    "status",
    "occurrence_count",
    "regression_count",
    "first_seen",
    "last_seen",
    "registration",
)
_ISSUES: Final = look_up_among(tables.issues, _COLUMNS, "id")
_NEW: Final = "SELECT id FROM issues WHERE id > {mark} ORDER BY id DESC LIMIT {mark}"
_MOVED: Final = "SELECT id, issue_id FROM history WHERE id > {mark} ORDER BY id DESC LIMIT {mark}"
_RECENT: Final = (
    "SELECT id FROM issues WHERE last_seen_second >= {mark} ORDER BY last_seen_second DESC, id DESC LIMIT {mark}"
)
_NEWEST: Final = "SELECT coalesce(max(id), 0) FROM {table}"


def newest_issue(bulk: Bulk) -> int:
    """Return the number of the newest issue."""
    return _newest(bulk, "issues")


def first_mark(bulk: Bulk) -> LiveMark:
    """Return where everything stands now."""
    mark = LiveMark(issue_id=_newest(bulk, "issues"), change_id=_newest(bulk, "history"))
    return load_changes(bulk, mark, (), None).mark


def load_newer(bulk: Bulk, after: int, shown: Collection[int]) -> tuple[LiveIssue, ...]:
    """Return the issues behind a number, and those that are shown, as they are now."""
    return _load(bulk, {*_new(bulk, after, NEW_ISSUES), *shown})


def load_changes(bulk: Bulk, mark: LiveMark, watched: Collection[int], now: datetime | None) -> LiveChanges:
    """Return what may have changed since a mark, and all that is watched, as it is now.

    ``now`` is left out where only what is numbered matters.
    """
    late = LATE_NUMBERS if bulk.is_postgresql else 0  # SQLite has one writer at a time
    new = _new(bulk, mark.issue_id - late, NEW_ISSUES + late)
    moves = dict(_select(bulk, _MOVED, mark.change_id - late, NEW_ISSUES + late))
    recent = [] if now is None else _recent(bulk, now)
    fresh = frozenset(new) - mark.issues
    moved = {issue_id for change_id, issue_id in moves.items() if change_id not in mark.changes}
    next_mark = LiveMark(
        issue_id=max([mark.issue_id, *new]),
        change_id=max([mark.change_id, *moves]),
        issues=frozenset(new) if late else frozenset(),
        changes=frozenset(moves) if late else frozenset(),
    )
    issues = () if now is None else _load(bulk, {*fresh, *moved, *recent, *watched})
    return LiveChanges(issues=issues, new=fresh, mark=next_mark)


def _newest(bulk: Bulk, table: str) -> int:
    [(newest,)] = bulk.select(_NEWEST.format(table=table))
    return int(newest)


def _new(bulk: Bulk, after: int, most: int) -> list[int]:
    return [issue_id for (issue_id,) in _select(bulk, _NEW, after, most)]


def _recent(bulk: Bulk, now: datetime) -> list[int]:
    second = microseconds(now - RECENT) // 1_000_000
    return [issue_id for (issue_id,) in _select(bulk, _RECENT, second, RECENT_ISSUES)]


def _select(bulk: Bulk, statement: str, *parameters: int) -> list[tuple[Any, ...]]:
    return bulk.select(statement.format(mark=bulk.spelling.mark), parameters)


def _load(bulk: Bulk, ids: Iterable[int]) -> tuple[LiveIssue, ...]:
    """Return issues, the oldest first."""
    asked = sorted(ids)
    care = load_care(bulk, asked)
    found = (_to_live(row, care[row[0]]) for row in bulk.read_among(_ISSUES, asked))
    return tuple(sorted(found, key=lambda issue: issue.id))


def _to_live(row: tuple[Any, ...], care: Care) -> LiveIssue:
    values = dict(zip(("id", *_COLUMNS), row, strict=True))
    values |= {name: to_instant(values[name]) for name in ("first_seen", "last_seen")}
    kinds = {"source": Source, "level": Level, "status": Status, "registration": bool}
    values |= {name: kind(values[name]) for name, kind in kinds.items()}
    return LiveIssue(**values, assignee=care.assignee, mute=None if care.mute == Mute() else care.mute)
