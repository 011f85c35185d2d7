"""Walk an order of issues along its index, without a look at the issues themselves: some 0.1 µs for each."""

from collections.abc import Iterator, Sequence
from typing import Final

from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.ordering import Key, Order, Range
from logcenter_collector.store.search.blocks import Sets
from logcenter_collector.store.search.places import HIGHEST

_STEP: Final = (
    "SELECT {column}, id FROM issues WHERE {column} BETWEEN {mark} AND {mark} AND ({column}, id) < ({mark}, {mark})"
    "{only} ORDER BY {column} DESC, id DESC LIMIT {mark}"
)
_EQUAL: Final = "SELECT {column}, id FROM issues WHERE {column} = {mark}{only} ORDER BY id DESC"
_LONGEST_STEP: Final = 1_024


class Walk:
    """The issues of a set, or all, as they stand in the index of an order."""

    def __init__(self, bulk: Bulk, order: Order, wanted: Sets | None) -> None:
        spelling = bulk.spelling
        only = "" if wanted is None else f" AND {spelling.in_set}"
        names = {"column": order.indexed, "mark": spelling.mark, "only": only}
        self._bulk, self._is_exact = bulk, order.unit == 1
        self._step, self._equal = _STEP.format(**names), _EQUAL.format(**names)
        self._only = () if wanted is None else spelling.set_parameters(wanted)

    def steps(self, bounds: Range, before: Key, length: int) -> Iterator[Sequence[Key]]:
        """Yield what stands within the bounds and behind a place, each time more; what is equal comes together."""
        behind = before if self._is_exact else (HIGHEST, HIGHEST)
        while True:
            met = self._bulk.select(self._step, (*bounds, *behind, *self._only, length))
            is_end = len(met) < length
            if not is_end and not self._is_exact:
                met = self._without_a_part(met)
            yield met
            if is_end:
                return
            behind = (met[-1][0], met[-1][1] if self._is_exact else 0)
            length = min(length * 2, _LONGEST_STEP)

    def _without_a_part(self, met: list[Key]) -> list[Key]:
        """Leave out the last value, which may go on behind the step; if it is the only one, get all that have it."""
        last = met[-1][0]
        whole = [key for key in met if key[0] != last]
        return whole or self._bulk.select(self._equal, (last, *self._only))
