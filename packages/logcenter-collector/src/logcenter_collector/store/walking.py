"""Walk an order of issues along its index, without a look at the issues themselves: some 0.1 µs for each."""

from collections.abc import Iterator, Sequence
from typing import Final

from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.ordering import Key, Order, Range
from logcenter_collector.store.search.blocks import Sets
from logcenter_collector.store.search.places import HIGHEST

_EQUAL: Final = "SELECT {column}, id FROM issues WHERE {column} = {mark} AND id < {mark}{only} ORDER BY id DESC"
_LOWER: Final = (
    "SELECT {column}, id FROM issues WHERE {column} BETWEEN {mark} AND {mark}{only} ORDER BY {column} DESC, id DESC"
)
"""Not both as one comparison of pairs: for that, SQLite walks all that are equal, which half of the issues may be."""
_LIMIT: Final = " LIMIT {mark}"
_LONGEST_STEP: Final = 1_024


class Walk:
    """The issues of a set, or all, as they stand in the index of an order."""

    def __init__(self, bulk: Bulk, order: Order, wanted: Sets | None) -> None:
        spelling = bulk.spelling
        only = "" if wanted is None else f" AND {spelling.in_set}"
        names = {"column": order.indexed, "mark": spelling.mark, "only": only}
        self._bulk, self._is_exact = bulk, order.unit == 1
        self._equal, self._lower, self._limit = (part.format(**names) for part in (_EQUAL, _LOWER, _LIMIT))
        self._only = () if wanted is None else spelling.set_parameters(wanted)

    def steps(self, bounds: Range, before: Key, length: int) -> Iterator[Sequence[Key]]:
        """Yield what stands within the bounds and behind a place, each time more; what is equal comes together."""
        low, high = bounds
        behind = min(before, (high, HIGHEST)) if self._is_exact else (high, HIGHEST)
        while True:
            met = self._step(low, behind, length)
            is_end = len(met) < length
            if not is_end and not self._is_exact:
                met = self._without_a_part(met)
            yield met
            if is_end:
                return
            behind = met[-1] if self._is_exact else (met[-1][0] - 1, HIGHEST)
            length = min(length * 2, _LONGEST_STEP)

    def _step(self, low: int, behind: Key, length: int) -> list[Key]:
        """Return what stands behind a place: what is equal, and what is lower."""
        value, issue_id = behind
        if issue_id == HIGHEST:
            return self._bulk.select(self._lower + self._limit, (low, value, *self._only, length))
        equal = self._bulk.select(self._equal + self._limit, (value, issue_id, *self._only, length))
        rest = length - len(equal)
        return equal + self._step(low, (value - 1, HIGHEST), rest) if rest else equal

    def _without_a_part(self, met: list[Key]) -> list[Key]:
        """Leave out the last value, which may go on behind the step; if it is the only one, get all that have it."""
        last = met[-1][0]
        whole = [key for key in met if key[0] != last]
        return whole or self._bulk.select(self._equal, (last, HIGHEST, *self._only))
