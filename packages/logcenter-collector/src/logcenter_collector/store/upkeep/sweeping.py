"""Go through the issues in slices, and drop what is chosen of them."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import define, frozen
from sqlalchemy import func, select

from logcenter_collector.domain.budget import Shelf, Tier
from logcenter_collector.domain.pace import Pace
from logcenter_collector.store.database import Database
from logcenter_collector.store.tables import issues
from logcenter_collector.store.upkeep.choosing import Amount, Choice, Ids, lock_issues, take_stock
from logcenter_collector.store.upkeep.slices import timed


@frozen
class Swept:
    """How far a sweep has come, and how many rows went."""

    share: float
    rows: int


@define
class Goal:
    """So many bytes to free, by what is known of the rows that went; endless where nothing is said."""

    excess: float = math.inf
    freed: int = 0
    rows: int = 0

    def add(self, gone: Amount) -> None:
        """Take note of what went."""
        self.freed += gone.size
        self.rows += gone.rows

    @property
    def left(self) -> float:
        """How many bytes are still to be freed."""
        return self.excess - self.freed


def sweep(database: Database, choice: Choice, goal: Goal | None = None) -> Iterator[Swept]:
    """Drop what is chosen, until the goal is reached or there is no more."""
    goal = goal or Goal()
    looking, writing = Pace(size=200, most=5_000), Pace(size=100, most=2_000, least=50)

    def fits(amount: Amount) -> bool:
        return amount.rows <= writing.size and amount.size <= goal.left

    for ids, share in _ranges(database, looking):
        if goal.left <= 0:
            return
        with timed(looking), database.read() as connection:
            amount = choice.look(connection, ids)
        for part, gone in _parts(database, choice, ids, amount, fits):
            with timed(writing), database.write() as connection:
                lock_issues(connection, part)
                choice.drop(connection, part)
            goal.add(gone)
            yield Swept(share, goal.rows)
            if goal.left <= 0:
                break
        yield Swept(share, goal.rows)


def _parts(
    database: Database, choice: Choice, ids: Ids, amount: Amount, fits: Callable[[Amount], bool]
) -> Iterator[tuple[Ids, Amount]]:
    """Halve a range until its parts fit into a slice; those without anything are left out."""
    begin, end = ids
    if not amount.rows:
        return
    if end - begin == 1 or fits(amount):
        yield ids, amount
        return
    middle = (begin + end) // 2
    for half in ((begin, middle), (middle, end)):
        with database.read() as connection:
            there = choice.look(connection, half)
        yield from _parts(database, choice, half, there, fits)


def survey(database: Database, tier: Tier, now: datetime) -> Iterator[Counter[Shelf]]:
    """Take stock of a tier, range by range."""
    pace = Pace(size=200, most=5_000)
    for ids, _ in _ranges(database, pace):
        with timed(pace), database.read() as connection:
            stock = take_stock(connection, ids, tier, now)
        yield stock


def _ranges(database: Database, pace: Pace) -> Iterator[tuple[Ids, float]]:
    """Yield ranges of ids that together hold every issue, and the share of all that is done with each."""
    with database.read() as connection:
        end = (connection.scalar(select(func.max(issues.c.id))) or 0) + 1
    begin = 1
    while begin < end:
        ids = (begin, min(end, begin + pace.size))
        yield ids, ids[1] / end
        begin = ids[1]
