"""Which issues the index does not know as they are now: written with every change, in the transaction of the change.

Issues in the queue may match any search and any filter, so a list looks at them themselves.
"""

from collections.abc import Iterable
from typing import Final

GAP: Final = 16
"""A range may hold so many issues in a row that did not change: looking at them costs less than another range."""

Range = tuple[int, int]
"""The first and the last of ids."""


def ranges_of(ids: Iterable[int]) -> list[Range]:
    """Return few ranges that hold the ids, which are in order."""
    found: list[Range] = []
    for issue_id in ids:
        if found and issue_id - found[-1][1] <= GAP:
            found[-1] = (found[-1][0], issue_id)
        else:
            found.append((issue_id, issue_id))
    return found
