"""Find the issues of a query in the order of its list, without looking at many that it does not ask for.

The index says which issues may match. Where these are few, they are looked at one by one. Where they are many, the
order is walked until enough of them were met; a filter whose issues all lie far from its beginning (those of an old
release) is walked from the first place that has any.
"""

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, literal, select, tuple_

from logcenter_collector.store import tables
from logcenter_collector.store.bulk import look_up_among
from logcenter_collector.store.database import bulk_of
from logcenter_collector.store.dialects import ids_in, is_in
from logcenter_collector.store.ordering import Order
from logcenter_collector.store.search.blocks import Sets, count, difference, ids_of, intersection, union
from logcenter_collector.store.search.candidates import Candidates
from logcenter_collector.store.search.grams import contains
from logcenter_collector.store.search.index import Index
from logcenter_collector.store.search.terms import TEXTS, of_place

_LONGEST_STEP: Final = 1_024
_TEXTS_AT_ONCE: Final = 64

Key = tuple[int, int]
"""Value and id: where an issue stands in the order."""
Range = tuple[int, int]
"""The lowest and the highest of what the index of an order holds."""
Found = tuple[Sequence[int], Range]
"""Ids of issues that may match, and the range that they have to stand in."""

_ISSUE: Final = tables.issues.c
_TEXTS: Final = look_up_among(tables.issues, TEXTS, "id")


@frozen(kw_only=True)
class Effort:
    """What is tried to find issues; it decides how long that takes and not what is found."""

    few: int = 500
    """So many issues are looked at one by one; of more, enough are met sooner by walking."""
    few_in_place: int = 200
    """So many are in a place of the order, which is shorter to walk."""
    step: int = 64
    """How far the first step of a walk goes; each is twice as long as the one before."""


@frozen(kw_only=True)
class Finder:
    """What to find, in a transaction."""

    connection: Connection
    order: Order
    before: Key
    """The end of the page before."""
    bounds: Range
    """Where the issues may stand that the query asks for."""
    conditions: Sequence[ColumnElement[bool]]
    """What an issue has to be, but for its text."""
    text: str
    """What its text has to contain. Databases differ in what they call equal letters, so they are not asked."""
    effort: Effort

    def find(self, index: Index, candidates: Candidates | None) -> Iterator[Key]:
        """Yield where the issues that match stand, in order."""
        if candidates is None:
            return self._look(self._walk(None, self.bounds))
        indexed = self._by_places(index, candidates.indexed)
        queued = self._among(candidates.queued)
        return heapq.merge(self._look(indexed), self._look(queued), reverse=True)

    def _among(self, wanted: Sets) -> Iterator[Found]:
        if count(wanted) > self.effort.few:
            yield from self._walk(wanted, self.bounds)
        else:
            yield from _all_of(wanted, self.bounds)

    def _by_places(self, index: Index, wanted: Sets) -> Iterator[Found]:
        """Yield those of the index, from place to place where they are many. Places that have few come together."""
        if count(wanted) <= self.effort.few:
            yield from _all_of(wanted, self.bounds)
            return
        few: Sets = {}
        lowest, highest = self.bounds
        for place, issues in self._places(index, wanted):
            low, high = self.order.bounds_of(place)
            low = max(low, lowest)
            if count(issues) > self.effort.few_in_place:
                yield from _all_of(few, (high + 1, highest))
                yield from self._walk(issues, (low, min(high, highest)))
                few, highest = {}, low - 1
            else:
                few = union(few, issues)
                if count(few) > self.effort.few_in_place:
                    yield from _all_of(few, (low, highest))
                    few, highest = {}, low - 1
        yield from _all_of(few, (lowest, highest))

    def _places(self, index: Index, wanted: Sets) -> Iterator[tuple[int, Sets]]:
        """Yield the places that wanted issues have, from the highest one down, and these issues."""
        lowest, highest = index.places(self.order.sort)
        lowest = max(lowest, self.order.place_of(self.bounds[0]))
        highest, step = min(highest, self.order.place_of(self.bounds[1])), 1
        while highest >= lowest and wanted:
            places = range(highest, max(highest - step, lowest - 1), -1)
            terms = {place: of_place(self.order.sort, place) for place in places}
            having = index.sets(terms.values(), wanted)
            for place, term in terms.items():
                issues = intersection(wanted, having[term])
                if self.order.grows:  # what has been in a higher place is there now
                    wanted = difference(wanted, issues)
                yield place, issues
            highest, step = highest - step, step * 2

    def _walk(self, wanted: Sets | None, bounds: Range) -> Iterator[Found]:
        """Walk the order as its index has it; what is equal there is yielded together."""
        column, is_exact = self.order.indexed, self.order.unit == 1
        way = select(column, _ISSUE.id).where(column.between(*bounds)).order_by(column.desc(), _ISSUE.id.desc())
        if wanted is not None:
            way = way.where(is_in(self.connection, _ISSUE.id, wanted))
        step, behind = self.effort.step, self.before if is_exact else None
        while True:
            here = way if behind is None else way.where(tuple_(column, _ISSUE.id) < tuple_(*map(literal, behind)))
            met = self.connection.execute(here.limit(step)).all()
            if len(met) < step:
                yield [issue_id for _, issue_id in met], bounds
                return
            if not is_exact:  # the last value may go on behind the step
                last = met[-1][0]
                whole = [key for key in met if key[0] != last]
                met = whole or self.connection.execute(way.where(column == last)).all()
            yield [issue_id for _, issue_id in met], bounds
            behind = (met[-1][0], met[-1][1] if is_exact else 0)
            step = min(step * 2, _LONGEST_STEP)

    def _look(self, found: Iterator[Found]) -> Iterator[Key]:
        """Yield where those stand that match, in order."""
        matching = select(self.order.exact, _ISSUE.id).where(*self.conditions)
        for ids, bounds in found:
            rows = self.connection.execute(matching.where(ids_in(self.connection, _ISSUE.id, ids))).all()
            here = ((value, issue_id) for value, issue_id in rows if self._is_in(value, bounds))
            keys = sorted((key for key in here if key < self.before), reverse=True)
            yield from self._containing(keys) if self.text else keys

    def _is_in(self, value: int, bounds: Range) -> bool:
        return bounds[0] <= value // self.order.unit <= bounds[1]

    def _containing(self, keys: Sequence[Key]) -> Iterator[Key]:
        """Yield those whose text contains what is searched."""
        folded = self.text.casefold()
        bulk = bulk_of(self.connection)
        for begin in range(0, len(keys), _TEXTS_AT_ONCE):
            part = keys[begin : begin + _TEXTS_AT_ONCE]
            rows = bulk.read_among(_TEXTS, [issue_id for _, issue_id in part])
            matching = {row[0] for row in rows if any(contains(text or "", folded) for text in row[1:])}
            yield from (key for key in part if key[1] in matching)


def _all_of(wanted: Sets, bounds: Range) -> Iterator[Found]:
    if wanted:
        yield list(ids_of(wanted)), bounds
