"""Rank the issues that rise, for lists: some hundred rows, written again when they change."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from logcenter_collector.domain.pace import Pace
from logcenter_collector.domain.rising import Ranking, days_before_since, last_day_since, score
from logcenter_collector.store.bulk import Bulk, insert_into
from logcenter_collector.store.database import Database, bulk_of
from logcenter_collector.store.tables import microseconds, rising
from logcenter_collector.store.upkeep.slices import Progress, timed

_ACTIVE: Final = "SELECT occurrence_count, id FROM issues WHERE last_seen_second >= {mark}"
_COUNTS: Final = (
    "SELECT issue_id, CAST(sum(CASE WHEN hour >= {mark} THEN count ELSE 0 END) AS bigint), CAST(sum(count) AS bigint) "
    "FROM buckets WHERE {is_one} AND hour >= {mark} GROUP BY issue_id"
)
_RANKED: Final = "SELECT issue_id, score FROM rising"
_WRITE: Final = insert_into(rising, "issue_id", "score")


def rank_rising(database: Database, now: datetime) -> Iterator[Progress]:
    """Look at the issues of the last day, the most frequent first, until the rest cannot enter the ranking."""
    ranking, pace = Ranking(), Pace(size=200, most=2_000, least=50)
    with database.read() as connection:
        active = _active(bulk_of(connection), now)
    done = 0
    while done < len(active) and ranking.may_enter(active[done][0]):
        with timed(pace) as issues, database.read() as connection:
            ids = [issue_id for _, issue_id in active[done : done + issues]]
            ranking.take(_scores(bulk_of(connection), ids, now))
        done += len(ids)
        yield Progress(done / len(active), f"{done:,} issues")
    _write(database, ranking.scores)


def _active(bulk: Bulk, now: datetime) -> Sequence[tuple[int, int]]:
    since = microseconds(last_day_since(now)) // 1_000_000
    return sorted(bulk.select(_ACTIVE.format(mark=bulk.spelling.mark), (since,)), reverse=True)


def _scores(bulk: Bulk, ids: Sequence[int], now: datetime) -> Iterator[tuple[int, int]]:
    spelling = bulk.spelling
    statement = _COUNTS.format(mark=spelling.mark, is_one=spelling.one_of_numbers.format("issue_id"))
    day, week = microseconds(last_day_since(now)), microseconds(days_before_since(now))
    for issue_id, last_day, counted in bulk.select(statement, (day, spelling.many(ids), week)):
        yield score(last_day, counted - last_day), issue_id


def _write(database: Database, scores: dict[int, int]) -> None:
    with database.read() as connection:
        if dict(bulk_of(connection).select(_RANKED)) == scores:
            return
    with database.try_to_write() as connection:
        connection.execute(rising.delete())
        bulk_of(connection).write(_WRITE, [*scores.items()])
