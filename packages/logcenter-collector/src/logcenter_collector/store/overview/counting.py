"""Count a batch by day: one more statement, so that the overview needs to look at no issue."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import define

from logcenter_collector.domain.overview import EPOCH
from logcenter_collector.store import rows
from logcenter_collector.store.bulk import Bulk, insert_into
from logcenter_collector.store.overview.tables import daily_counts
from logcenter_collector.store.tables import microseconds
from logcenter_collector.store.tally import Tally
from logcenter_sdk.contract.report import source_of

_HOURS: Final = 24
_SHARDS: Final = 64
_SHARD: Final = secrets.randbelow(_SHARDS)
"""Of this process. All collectors counting in one row would commit one after the other."""

COUNT_DAYS: Final = insert_into(
    daily_counts,
    "day",
    "project_id",
    "source",
    "shard",
    "occurrences",
    "new_issues",
    "regressions",
    "last_report",
    on_conflict="(day, project_id, source, shard) DO UPDATE SET "
    "occurrences = daily_counts.occurrences + excluded.occurrences, "
    "new_issues = daily_counts.new_issues + excluded.new_issues, "
    "regressions = daily_counts.regressions + excluded.regressions, "
    "last_report = CASE WHEN excluded.last_report > daily_counts.last_report THEN excluded.last_report "
    "ELSE daily_counts.last_report END",
)

Key = tuple[int, str, str]
"""Day, project and source."""


@define
class _Day:
    """What a batch brought of one day."""

    last_report: datetime
    occurrences: int = 0
    new_issues: int = 0
    regressions: int = 0


def count_days(bulk: Bulk, touched: Iterable[Tally]) -> None:
    """Count what a batch brought, on the days that the reports name; registrations of projects are no errors."""
    days: dict[Key, _Day] = {}
    for tally in touched:
        if not rows.is_registration(tally):
            _add(days, tally)
    shard = _SHARD if bulk.is_postgresql else 0  # one process writes a SQLite file
    bulk.write(COUNT_DAYS, [(*key, shard, *_columns(days[key])) for key in sorted(days)])


def _add(days: dict[Key, _Day], tally: Tally) -> None:
    """Count one issue: with thousands of new ones a second this takes 1 µs of each."""
    last = tally.last
    project, source, arrived_at = tally.key[0], source_of(last.raw).value, last.arrived_at
    for (hour, _, _), count in tally.buckets.items():
        _day(days, (hour // _HOURS, project, source), arrived_at).occurrences += count
    if tally.known is None:
        _day(days, ((tally.state.first_seen - EPOCH).days, project, source), arrived_at).new_issues += 1
    for change in tally.changes:
        _day(days, ((change.at - EPOCH).days, project, source), arrived_at).regressions += change.regression


def _day(days: dict[Key, _Day], key: Key, arrived_at: datetime) -> _Day:
    day = days.get(key)
    if day is None:
        day = days[key] = _Day(arrived_at)
    elif arrived_at > day.last_report:
        day.last_report = arrived_at
    return day


def _columns(day: _Day) -> tuple[int, int, int, int]:
    return day.occurrences, day.new_issues, day.regressions, microseconds(day.last_report)
