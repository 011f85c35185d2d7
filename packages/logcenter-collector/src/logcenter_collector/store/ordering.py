"""The orders of a list of issues, and what the indexes of the table hold of them."""

from typing import Final

from attrs import frozen

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.store.search.places import bounds_of, place_in

Key = tuple[int, int]
"""Value and id: where an issue stands in an order."""
Range = tuple[int, int]
"""The lowest and the highest of what the index of an order holds."""


@frozen
class Order:
    """An order: the largest value first, and of equal ones the highest id."""

    sort: Sort
    column: str
    indexed: str
    """The column that an index holds: the same or, of a value that changes all the time, a coarser one."""
    unit: int
    """So much of the value is one of what the index holds."""
    grows: bool
    """Whether the value of an issue never becomes smaller."""

    def place_of(self, indexed: int) -> int:
        """Return the place of what the index holds."""
        return place_in(self.sort, indexed * self.unit)

    def bounds_of(self, place: int) -> Range:
        """Return the lowest and the highest of what the index holds in a place."""
        low, high = bounds_of(self.sort, place)
        return low // self.unit, high // self.unit


ORDERS: Final = {
    Sort.LAST_SEEN: Order(Sort.LAST_SEEN, "last_seen", "last_seen_second", 1_000_000, grows=True),
    Sort.FIRST_SEEN: Order(Sort.FIRST_SEEN, "first_seen", "first_seen", 1, grows=False),
    Sort.OCCURRENCE_COUNT: Order(Sort.OCCURRENCE_COUNT, "occurrence_count", "occurrence_count", 1, grows=True),
}
