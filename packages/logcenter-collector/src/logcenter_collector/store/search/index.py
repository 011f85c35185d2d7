"""Read the index: which issues have a term."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from attrs import frozen

from logcenter_collector.store import tables
from logcenter_collector.store.bulk import Bulk, Lookup, look_up_among
from logcenter_collector.store.ordering import Order
from logcenter_collector.store.search.blocks import (
    ALL,
    BLOCK_IDS,
    from_range,
    key_of,
    split_key,
    union,
    unpack,
)

_COMMON: Final = BLOCK_IDS // 16
"""Of a text that so many issues of a block have, a list finds enough without the index."""


Group = Sequence[int]
"""Terms of which an issue has to have at least one."""


@frozen
class Exclusion:
    """Issues that are left out: those that have one of the terms, but none of those that make them doubtful."""

    having: Group
    doubtful: Group = ()
    """Of an issue that has one of these, the index may know terms that it has not any more."""

    @property
    def groups(self) -> tuple[Group, Group]:
        """All terms."""
        return self.having, self.doubtful

    def bits(self, bitmaps: Mapping[int, bytes]) -> int:
        """Return the issues of a block."""
        having, doubtful = (unpack(*(bitmaps[term] for term in group if term in bitmaps)) for group in self.groups)
        return having & ~doubtful


_QUEUE: Final = "SELECT DISTINCT first_issue_id, last_issue_id FROM search_queue"
_LAST_KEY: Final = "SELECT max(key) FROM search_blocks"
_ENDS: Final = "SELECT (SELECT min({0}) FROM issues), (SELECT max({0}) FROM issues)"
_BETWEEN: Final = "SELECT id FROM issues WHERE {0} BETWEEN {1} AND {1} LIMIT {1}"
_BITMAPS: Final = look_up_among(tables.search_blocks, ("bitmap",), "key", is_sorted=True)
_RANGE: Final = "SELECT key, bitmap FROM search_blocks WHERE key >= {} AND key < {}"
_RANGES: Final = Lookup(
    _RANGE.format("?", "?"),
    # OFFSET 0 keeps the planner from turning this into a join, for which it would read the whole table.
    "SELECT found.key, found.bitmap FROM unnest(%b::bigint[], %b::bigint[]) AS wanted (first, behind) "
    f"CROSS JOIN LATERAL ({_RANGE.format('wanted.first', 'wanted.behind')} OFFSET 0) AS found",
)


@frozen
class Index:
    """The index as a transaction sees it."""

    bulk: Bulk
    blocks: range

    @property
    def size(self) -> int:
        """How many issues it may have."""
        return len(self.blocks) * BLOCK_IDS

    def queued(self) -> dict[int, int]:
        """Return the issues that the index does not know as they are now."""
        return union(*(from_range(first, last) for first, last in self.bulk.select(_QUEUE)))

    def sets(self, terms: Iterable[int], blocks: Iterable[int] | None = None) -> dict[int, dict[int, int]]:
        """Return the issues that have each of the terms, as far as they lie in ``blocks``."""
        found: dict[int, dict[int, int]] = {term: {} for term in terms}
        for block, bitmaps in self._bitmaps(found, self.blocks if blocks is None else blocks):
            for term, bitmap in bitmaps.items():
                found[term][block] = unpack(bitmap)
        return found

    def having(self, groups: Sequence[Group], without: Sequence[Exclusion] = ()) -> dict[int, int]:
        """Return the issues that have a term of each group and that no exclusion leaves out; one group at least."""
        terms = {term for group in (*groups, *(part for each in without for part in each.groups)) for term in group}
        found = ((block, _having(bitmaps, groups, without)) for block, bitmaps in self._bitmaps(terms, self.blocks))
        return {block: bits for block, bits in found if bits}

    def _bitmaps(self, terms: Collection[int], blocks: Iterable[int]) -> Iterator[tuple[int, dict[int, bytes]]]:
        """Yield each block with what is kept of the terms in it: those of all blocks would take some megabytes."""
        keys = [key_of(block, term) for block in blocks for term in terms]
        rows = self.bulk.each_among(_BITMAPS, keys)
        for block, part in groupby(((*split_key(key), bitmap) for key, bitmap in rows), key=itemgetter(0)):
            yield block, {term: bitmap for _, term, bitmap in part}

    def places(self, order: Order) -> tuple[int, int]:
        """Return the lowest and the highest place that an issue has in an order."""
        [(low, high)] = self.bulk.select(_ENDS.format(order.indexed))
        return (0, 0) if low is None else (order.place_of(low), order.place_of(high))

    def between(self, order: Order, since: int, until: int, most: int) -> list[int] | None:
        """Return the issues in a part of an order, as exactly as its index; None when they are more than ``most``."""
        statement = _BETWEEN.format(order.indexed, self.bulk.spelling.mark)
        found = self.bulk.select(statement, (since // order.unit, until // order.unit, most + 1))
        return [issue_id for (issue_id,) in found] if len(found) <= most else None

    def having_any(self, terms: range) -> dict[int, int] | None:
        """Return the issues that have any term of a range; None when that may be most of them."""
        full_block = self._range(terms, self.blocks[-2:-1])
        if any(_is_common(bitmaps) for bitmaps in full_block.values()):
            return None
        return {block: unpack(*bitmaps) for block, bitmaps in self._range(terms, self.blocks).items()}

    def _range(self, terms: range, blocks: Sequence[int]) -> dict[int, list[bytes]]:
        ends = [(key_of(block, terms.start), key_of(block, terms.stop)) for block in blocks]
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for key, bitmap in self.bulk.read(_RANGES, ends):
            found[split_key(key)[0]].append(bitmap)
        return found


def open_index(bulk: Bulk) -> Index:
    """Return the index."""
    [(last,)] = bulk.select(_LAST_KEY)
    return Index(bulk, range(0 if last is None else split_key(last)[0] + 1))


def _having(bitmaps: Mapping[int, bytes], groups: Sequence[Group], without: Sequence[Exclusion]) -> int:
    """Return the issues of a block that have a term of each group and that no exclusion leaves out."""
    asked = [[bitmaps[term] for term in group if term in bitmaps] for group in groups]
    found = ALL if all(asked) else 0  # most blocks have no issue with a rare term, and need no look at the others
    for kept in sorted(asked, key=lambda kept: sum(map(len, kept))):
        if not found:
            break
        found &= unpack(*kept)
    for exclusion in without:
        if found:
            found &= ~exclusion.bits(bitmaps)
    return found


def _is_common(bitmaps: Sequence[bytes]) -> bool:
    return unpack(*bitmaps).bit_count() > _COMMON


def load_bitmaps(bulk: Bulk, keys: Sequence[int]) -> dict[int, bytes]:
    """Return the kept bitmaps of keys; those that are empty are not kept."""
    return dict(bulk.read_among(_BITMAPS, keys))
