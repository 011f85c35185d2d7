"""The orders of a list of issues, and what the indexes of the table hold of them."""

from typing import Any, Final

from attrs import frozen
from sqlalchemy import BigInteger, ColumnElement, type_coerce

from logcenter_collector.store import tables
from logcenter_collector.store.base import Sort
from logcenter_collector.store.search.places import bounds_of, place_in


@frozen
class Order:
    """An order: the largest value first, and of equal ones the highest id."""

    sort: Sort
    exact: ColumnElement[int]
    indexed: ColumnElement[int]
    """What an index holds: the value or, of a value that changes all the time, a coarser one."""
    unit: int
    """So much of the value is one of what the index holds."""
    grows: bool
    """Whether the value of an issue never becomes smaller."""

    def place_of(self, indexed: int) -> int:
        """Return the place of what the index holds."""
        return place_in(self.sort, indexed * self.unit)

    def bounds_of(self, place: int) -> tuple[int, int]:
        """Return the lowest and the highest of what the index holds in a place."""
        low, high = bounds_of(self.sort, place)
        return low // self.unit, high // self.unit


def _integer(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


_C: Final = tables.issues.c
ORDERS: Final = {
    Sort.LAST_SEEN: Order(Sort.LAST_SEEN, _integer(_C.last_seen), _integer(_C.last_seen_second), 1_000_000, grows=True),
    Sort.FIRST_SEEN: Order(Sort.FIRST_SEEN, _integer(_C.first_seen), _integer(_C.first_seen), 1, grows=False),
    Sort.OCCURRENCE_COUNT: Order(
        Sort.OCCURRENCE_COUNT, _integer(_C.occurrence_count), _integer(_C.occurrence_count), 1, grows=True
    ),
}
