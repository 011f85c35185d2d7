"""What is dropped when the database outgrows its budget: the oldest and most redundant first, counts never.

Occurrences lie on shelves. First go those that are only part of a sample, then the pinned ones (the first of an issue
and its regressions), at last what is kept of the latest occurrence of the issues that were silent for longest.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum
from typing import Final

from attrs import define, frozen

RANK_BITS: Final = 7
AGE_BITS: Final = 14
"""Beyond 64 newer ones, and beyond 341 days, it makes no difference any more."""

_BEGIN: Final = 0.9
_END: Final = 0.85
_GROWTH: Final = 0.05
"""So much more than it was, as a share of its room, may a database become that is over its budget."""


class Tier(IntEnum):
    """What goes first, next and last."""

    SPREAD = 0
    PINNED = 1
    LATEST = 2
    """Context and stack trace of an issue's latest occurrence, wherever they are kept."""


@frozen
class Shelf:
    """What goes together: a tier, and within it what is about as old and as redundant."""

    tier: Tier
    score: int


@frozen
class Plan:
    """The shelves to clear, in this order, and whether they hold enough."""

    shelves: tuple[Shelf, ...]
    is_enough: bool


def score(newer: int, age: timedelta) -> int:
    """Return how dispensable an occurrence is of which the sample has ``newer`` newer ones.

    Twice as many newer ones make it as dispensable as twice the age does.
    """
    hours = max(0, age // timedelta(hours=1))
    return min(newer.bit_length(), RANK_BITS) + min(hours.bit_length(), AGE_BITS)


def plan(stock: Mapping[Shelf, int], excess: int) -> Plan:
    """Return which shelves to clear until so many bytes are free; ``stock`` says how many each holds."""
    going: list[Shelf] = []
    for shelf in sorted(stock, key=lambda shelf: (shelf.tier, -shelf.score)):
        if excess <= 0:
            break
        going.append(shelf)
        excess -= stock[shelf]
    return Plan(tuple(going), excess <= 0)


def passes(shelves: tuple[Shelf, ...]) -> tuple[Shelf, ...]:
    """Return how to clear the shelves of a plan in few passes: each takes its tier from its score upwards.

    The last shelf gets a pass of its own, because it need not be cleared to the end.
    """
    least = {shelf.tier: shelf for shelf in shelves[:-1]}
    return (*least.values(), *shelves[-1:])


def room_in(budget: int, log: int) -> int:
    """Return how many bytes of the budget are for the database, if ``log`` should be left for a log beside it."""
    return budget - min(log, budget // 10)


def drops_from(room: int) -> int:
    """Return how many bytes are used when dropping begins."""
    return int(room * _BEGIN)


def excess_over(room: int, used: int) -> int:
    """Return how many bytes to free: none while there is room, and otherwise enough for there to be some again."""
    return used - int(room * _END) if used > room * _BEGIN else 0


@define
class Ceiling:
    """How large a database may be at this moment before nothing more is taken.

    That is its room, as a rule. A database that is over its budget from the start, because somebody gave it a smaller
    one, goes on taking reports while it is being brought down, as long as it does not grow.
    """

    room: int
    _lowest: int | None = None

    def is_reached(self, used: int) -> bool:
        """Take note of how large the database is now, and return whether it is too large to take more."""
        floor = int(self.room * (1 - _GROWTH))
        self._lowest = max(floor, used if self._lowest is None else min(self._lowest, used))
        return used > self._lowest + self.room * _GROWTH
