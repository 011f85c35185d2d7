"""What to write into the index for a part of the queue. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import define, field

from logcenter_collector.store.search.blocks import key_of, place_in_block
from logcenter_collector.store.search.queue import Range
from logcenter_collector.store.search.terms import EXCLUSIVE

KEYS_AT_ONCE: Final = 8_000
"""So many bitmaps hold the one writer of SQLite for some 20 ms."""

Places = defaultdict[int, list[int]]
"""Places in a block, by term."""
Queued = tuple[int, int, int]
"""A row of the queue: its id, and the range of issues."""


def _places() -> Places:
    return defaultdict(list)


@define
class Work:
    """What is to be written for a part of the queue."""

    issues: set[int] = field(factory=set)
    done: list[int] = field(factory=list)
    """Ids of the queue's rows."""
    left: list[Range] = field(factory=list)
    """What of the last one is to be done later."""
    is_part: bool = False
    """Whether the queue has more."""
    keys: int = 0
    """How many bitmaps change, about."""
    _add: defaultdict[int, Places] = field(factory=lambda: defaultdict(_places))
    """The places that get a term, by block."""
    _remove: defaultdict[int, Places] = field(factory=lambda: defaultdict(_places))

    def take(self, row: Queued, limit: int, terms_of: Callable[[int], set[int]]) -> bool:
        """Index the issues of a row of the queue; False when the work is enough for now."""
        row_id, first, last = row
        for issue_id in range(first, last + 1):
            if issue_id in self.issues:
                continue
            if len(self.issues) >= limit or self.keys > KEYS_AT_ONCE:
                if issue_id > first:
                    self.done.append(row_id)
                    self.left.append((issue_id, last))
                return False
            self.issues.add(issue_id)
            self._index(issue_id, terms_of(issue_id))
        self.done.append(row_id)
        return True

    def _index(self, issue_id: int, present: set[int]) -> None:
        block, place = place_in_block(issue_id)
        add, remove = self._add[block], self._remove[block]
        before = len(add)
        for term in present:
            add[term].append(place)
        for term in EXCLUSIVE - present:
            remove[term].append(place)
        self.keys += len(add) - before

    def changes(self) -> Iterator[tuple[int, Sequence[int], Sequence[int]]]:
        """Yield the key of each bitmap that may change, in order, with the places to add and to remove."""
        for block in sorted(self._add):
            add, remove = self._add[block], self._remove[block]
            for term in sorted(add.keys() | remove.keys()):
                yield key_of(block, term), add.get(term, ()), remove.get(term, ())


def plan(queued: Sequence[Queued], limit: int, terms_of: Callable[[int], set[int]]) -> Work:
    """Return the work for the first rows of the queue; an issue that does not exist has no terms."""
    work = Work()
    for row in queued:
        if not work.take(row, limit, terms_of):
            work.is_part = True
            break
    return work


def first_ids(queued: Sequence[Queued], limit: int) -> list[int]:
    """Return the ids of the first ``limit`` issues of the queue, in order."""
    ids: set[int] = set()
    for _, first, last in queued:
        ids.update(range(first, min(last, first + limit) + 1))
        if len(ids) >= limit:
            break
    return sorted(ids)
