"""Where an issue stands in each of the orders of a list, coarsely. Pure.

A place is a stretch of twelve days that the issue was last or first seen in, or the magnitude of its count. The index
knows the places of an issue, so a list finds where in its order the issues of a filter are, however far down.
Places and values are numbers that grow together; instants are microseconds.
"""

from datetime import datetime
from typing import Final

from logcenter_collector.domain.issue import IssueState
from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.store.tables import microseconds

INDEXED: Final = (Sort.LAST_SEEN, Sort.FIRST_SEEN, Sort.OCCURRENCE_COUNT)
"""The orders that have places; the issues that rise are so few that a list looks at all of them."""
LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1

_STRETCH: Final = 2**20 * 1_000_000
_BEGIN: Final = 1_500 * _STRETCH
"""In November 2019; everything before is one stretch."""


def place_in(sort: Sort, value: datetime | int) -> int:
    """Return the place of a value in an order."""
    number = value if isinstance(value, int) else microseconds(value)
    return max(number, 0).bit_length() if sort is Sort.OCCURRENCE_COUNT else max((number - _BEGIN) // _STRETCH, 0)


def bounds_of(sort: Sort, place: int) -> tuple[int, int]:
    """Return the lowest and the highest value of a place."""
    if sort is Sort.OCCURRENCE_COUNT:
        low, high = 1 << place - 1 if place else LOWEST, (1 << place) - 1
    else:
        low, high = _BEGIN + place * _STRETCH if place else LOWEST, _BEGIN + (place + 1) * _STRETCH - 1
    return low, high


def stands_elsewhere(before: IssueState, now: IssueState) -> bool:
    """Whether an issue has other places than before."""
    return any(place_in(sort, getattr(before, sort)) != place_in(sort, getattr(now, sort)) for sort in INDEXED)
