"""The search index is brought up to date in the background."""

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store import tables
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.upkeep.indexing import Indexing, pause_after
from support.filling import Filler

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_it_goes_on_until_the_queue_is_empty_and_lists_find_the_same_as_before(store: SqlStore, filler: Filler) -> None:
    filler.spread(issues=30, each=1, begin=NOW, apart=timedelta(0))
    filler.report(1_000, NOW, message="支付超时")
    query = IssueQuery(texts=("超时",))
    before = store.issues(query)

    Indexing(store).run(threading.Event())

    assert 0 == queued(store)
    assert before == store.issues(query)
    assert [1_000] == [issue.error.line_number for issue in before.items]


def test_it_ends_when_it_is_told_to(store: SqlStore, filler: Filler) -> None:
    filler.report(1, NOW)
    stopping = threading.Event()
    stopping.set()

    Indexing(store).run(stopping)

    assert 1 == queued(store)


def test_every_batch_is_counted_and_many_make_the_pauses_of_the_index_long(store: SqlStore, filler: Filler) -> None:
    before = store.batches
    for line in range(5):
        filler.report(line, NOW)
    batches = store.batches - before

    assert 8.0 == pause_after(2.0, batches)
    assert 1.0 == pause_after(2.0, 1)


def test_one_part_of_the_queue_says_whether_there_was_more(store: SqlStore, filler: Filler) -> None:
    filler.spread(issues=3, each=1, begin=NOW, apart=timedelta(0))

    assert [True, False, False] == [store.index_search(limit=2) for _ in range(3)]
    assert 0 == queued(store)


def queued(store: SqlStore) -> int:
    """Return how many ranges of issues wait for the index."""
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.search_queue)).scalar_one()
