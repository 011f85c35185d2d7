"""Read the index: which issues have a term."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen
from sqlalchemy import Connection, func, select

from logcenter_collector.store import tables
from logcenter_collector.store.base import Sort
from logcenter_collector.store.dialects import ids_in, listed
from logcenter_collector.store.ordering import ORDERS
from logcenter_collector.store.search.blocks import (
    BLOCK_IDS,
    from_range,
    intersection,
    key_of,
    split_key,
    union,
    unpack,
)

_RANGE_BITMAPS: Final = 4_000
_COMMON: Final = BLOCK_IDS // 8
"""Of a text that so many issues of a block have, a list finds enough without the index."""

Group = Sequence[int]
"""Terms of which an issue has to have at least one."""

_QUEUE: Final = select(tables.search_queue.c.first_issue_id, tables.search_queue.c.last_issue_id).distinct()
_LAST_KEY: Final = select(func.max(tables.search_blocks.c.key))


@frozen
class Index:
    """The index as a transaction sees it."""

    connection: Connection
    blocks: range

    def queued(self) -> dict[int, int]:
        """Return the issues that the index does not know as they are now."""
        return union(*(from_range(first, last) for first, last in self.connection.execute(_QUEUE)))

    def sets(self, terms: Iterable[int], blocks: Iterable[int] | None = None) -> dict[int, dict[int, int]]:
        """Return the issues that have each of the terms, as far as they lie in ``blocks``."""
        wanted = list(terms)
        keys = [key_of(block, term) for block in (self.blocks if blocks is None else blocks) for term in wanted]
        found: dict[int, dict[int, int]] = {term: {} for term in wanted}
        for key, bitmap in load_bitmaps(self.connection, keys).items():
            block, term = split_key(key)
            found[term][block] = unpack(bitmap)
        return found

    def having(self, groups: Sequence[Group]) -> dict[int, int]:
        """Return the issues that have a term of each group."""
        sets = self.sets({term for group in groups for term in group})
        if not all(groups):
            return {}
        return intersection(*(union(*(sets[term] for term in group)) for group in groups))

    def places(self, sort: Sort) -> tuple[int, int]:
        """Return the lowest and the highest place that an issue has in an order."""
        column = ORDERS[sort].indexed
        ends = select(select(func.min(column)).scalar_subquery(), select(func.max(column)).scalar_subquery())
        low, high = self.connection.execute(ends).one()
        return (0, 0) if low is None else (ORDERS[sort].place_of(low), ORDERS[sort].place_of(high))

    def having_any(self, terms: range) -> dict[int, int] | None:
        """Return the issues that have any term of a range; None when that may be most of them."""
        newest = self._range(terms, self.blocks[-1:])
        if any(_is_common(bitmaps) for bitmaps in newest.values()):
            return None
        found = self._range(terms, self.blocks)
        if sum(map(len, found.values())) > _RANGE_BITMAPS:
            return None
        return {block: unpack(*bitmaps) for block, bitmaps in found.items()}

    def _range(self, terms: range, blocks: Sequence[int]) -> dict[int, list[bytes]]:
        begins = listed(self.connection, [key_of(block, terms.start) for block in blocks])
        table = tables.search_blocks
        in_range = (table.c.key >= begins.c.value) & (table.c.key < begins.c.value + len(terms))
        statement = select(table.c.key, table.c.bitmap).select_from(begins.join(table, in_range))
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for key, bitmap in self.connection.execute(statement.limit(_RANGE_BITMAPS + 1)):
            found[split_key(key)[0]].append(bitmap)
        return found


def open_index(connection: Connection) -> Index:
    """Return the index."""
    last = connection.execute(_LAST_KEY).scalar()
    return Index(connection, range(0 if last is None else split_key(last)[0] + 1))


def _is_common(bitmaps: Sequence[bytes]) -> bool:
    return unpack(*bitmaps).bit_count() > _COMMON


def load_bitmaps(connection: Connection, keys: Sequence[int]) -> dict[int, bytes]:
    """Return the kept bitmaps of keys; those that are empty are not kept."""
    table = tables.search_blocks
    found = connection.execute(select(table.c.key, table.c.bitmap).where(ids_in(connection, table.c.key, keys)))
    return {key: bitmap for key, bitmap in found}
