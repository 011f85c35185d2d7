"""Bring the search index up to date: issues of the queue into the blocks, some at a time, in the background.

What takes time, cutting texts into grams, is done before the transaction that writes, since SQLite has one writer. Only
what an issue has one of is ever removed (status, level). A text that it had before stays in the index: its next report
may bring it back, and a list looks at the issue itself before it shows it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import Connection

from logcenter_collector.store import tables
from logcenter_collector.store.bulk import Bulk, LostRaceError, delete_from, insert_into, look_up_among
from logcenter_collector.store.database import bulk_of
from logcenter_collector.store.dialects import begins_to_index
from logcenter_collector.store.search.blocks import change
from logcenter_collector.store.search.index import load_bitmaps
from logcenter_collector.store.search.places import INDEXED
from logcenter_collector.store.search.terms import ATTRIBUTES, TEXTS, terms_of
from logcenter_collector.store.search.work import Queued, Work, first_ids, plan

ISSUES_AT_ONCE: Final = 2_000
_ROWS_AT_ONCE: Final = 5_000
"""A busy issue whose message is always another stands in the queue many times."""

_ISSUE: Final = (*ATTRIBUTES, *TEXTS, *INDEXED, "regression_count")
_ISSUES: Final = look_up_among(tables.issues, _ISSUE, "id")
_SEEN_WITH: Final = look_up_among(tables.seen_with, ("kind", "value"), "issue_id")
_QUEUE: Final = f"SELECT id, first_issue_id, last_issue_id FROM search_queue ORDER BY id LIMIT {_ROWS_AT_ONCE}"
_WRITE_BITMAPS: Final = insert_into(
    tables.search_blocks, "key", "bitmap", on_conflict="(key) DO UPDATE SET bitmap = excluded.bitmap"
)
_DONE: Final = delete_from(tables.search_queue, "id")
_LEFT: Final = insert_into(tables.search_queue, "first_issue_id", "last_issue_id")

Connect = Callable[[], AbstractContextManager[Connection]]


def index_queued(read: Connect, write: Connect, limit: int = ISSUES_AT_ONCE) -> bool:
    """Index at most ``limit`` issues of the queue, and return whether it had more than that.

    Another process may do the same at the same time: whoever finds its part of the queue gone by then writes nothing.
    """
    with read() as connection:
        if not begins_to_index(connection):
            return False
        reading = bulk_of(connection)
        work = _plan(reading, limit)
        bitmaps = _change(reading, work)
        return bool(work.issues) and _write(write, work, bitmaps) and work.is_part


def _write(write: Connect, work: Work, bitmaps: Sequence[tuple[int, bytes]]) -> bool:
    try:
        with write() as connection:
            bulk = bulk_of(connection)
            bulk.write_all(_DONE, [(row_id,) for row_id in work.done])
            bulk.check()
            bulk.write(_LEFT, work.left)
            bulk.write(_WRITE_BITMAPS, bitmaps)
    except LostRaceError:
        return False
    return True


def _plan(bulk: Bulk, limit: int) -> Work:
    queued: list[Queued] = [(row[0], row[1], row[2]) for row in bulk.select(_QUEUE)]
    ids = first_ids(queued, limit)
    issues = {row[0]: dict(zip(_ISSUE, row[1:], strict=True)) for row in bulk.read_among(_ISSUES, ids)}
    seen_with: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for issue_id, kind, value in bulk.read_among(_SEEN_WITH, ids):
        seen_with[issue_id].append((kind, value))
    work = plan(queued, limit, lambda issue_id: terms_of(issues.get(issue_id), seen_with[issue_id]))
    work.is_part = work.is_part or len(queued) == _ROWS_AT_ONCE
    return work


def _change(bulk: Bulk, work: Work) -> list[tuple[int, bytes]]:
    """Return the bitmaps that become others, in the order of their keys."""
    changes = list(work.changes())
    kept = load_bitmaps(bulk, [key for key, _, _ in changes])
    after = ((key, change(kept.get(key, b""), add, remove)) for key, add, remove in changes)
    return [(key, bitmap) for key, bitmap in after if bitmap != kept.get(key, b"")]
