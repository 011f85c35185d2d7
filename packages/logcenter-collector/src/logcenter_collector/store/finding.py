"""Find the issues of a query in the order of its list, without looking at many that it does not ask for.

The index says which issues may match. Few of them are looked at one by one. Of many, enough are met at the beginning
of the order as a rule. Where they are not, as those of an old release, the order is walked from the first place on that
has any.
"""

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.matching import Matching, Wording
from logcenter_collector.store.ordering import Key, Order, Range
from logcenter_collector.store.search.blocks import Sets, count, difference, ids_of, intersection, those_in, union
from logcenter_collector.store.search.candidates import Candidates
from logcenter_collector.store.search.index import Index
from logcenter_collector.store.search.terms import of_place
from logcenter_collector.store.walking import Walk

_TEXTS_AT_ONCE: Final = 64

Found = tuple[Sequence[int], Range]
"""Ids of issues that may match, and the range that they have to stand in."""


@frozen(kw_only=True)
class Effort:
    """What is tried to find issues; it decides how long that takes and not what is found."""

    few: int = 500
    """So many issues are looked at one by one; of more, enough are met sooner by walking."""
    few_in_place: int = 200
    """So many are in a place of the order, which is shorter to walk."""
    step: int = 64
    """How far the first step of a walk goes; each is twice as long as the one before."""
    in_time: int = 5_000
    """So many that were last seen in a time are listed, for a list in another order; of more, the index says which."""
    beginning: int = 4_096
    """What should be met within the first so many issues of an order is looked for there."""


USUAL: Final = Effort()


@frozen(kw_only=True)
class Finder:
    """What to find, in a transaction."""

    bulk: Bulk
    order: Order
    before: Key
    """The end of the page before."""
    bounds: Range
    """Where the issues may stand that the query asks for."""
    matching: Matching
    wording: Wording
    limit: int
    """How many are wanted, most likely."""
    effort: Effort

    def find(self, index: Index, candidates: Candidates | None) -> Iterator[Key]:
        """Yield where the issues that match stand, in order."""
        if candidates is None:
            return self._look(self._walk(None, self.bounds))
        indexed = self._indexed(index, candidates.indexed)
        queued = self._look(self._among(candidates.queued))
        return heapq.merge(indexed, queued, reverse=True)

    def _indexed(self, index: Index, wanted: Sets) -> Iterator[Key]:
        """Yield those of the index: of what many issues have, a page stands at the beginning of the order as a rule."""
        there = 1 + 2 * self.limit * index.size // max(count(wanted), 1)
        if there > self.effort.beginning:
            yield from self._look(self._by_places(index, wanted))
            return
        met = next(Walk(self.bulk, self.order, None).steps(self.bounds, self.before, there))
        yield from self._look(iter([(those_in(wanted, met), self.bounds)]))
        if met:
            rest = self._behind(*met[-1])
            yield from rest._look(rest._by_places(index, wanted))  # noqa: SLF001 - it is of this class

    def _behind(self, value: int, issue_id: int) -> "Finder":
        """Return what finds the issues behind a place, where those before it that are equal have been found as well."""
        low = self.bounds[0]
        if self.order.unit == 1:
            return evolve(self, before=(value, issue_id), bounds=(low, value))
        return evolve(self, bounds=(low, value - 1))

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
        lowest, highest = index.places(self.order)
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
        for met in Walk(self.bulk, self.order, wanted).steps(bounds, self.before, self.effort.step):
            yield [issue_id for _, issue_id in met], bounds

    def _look(self, found: Iterator[Found]) -> Iterator[Key]:
        """Yield where those stand that match, in order."""
        for ids, (low, high) in found:
            unit = self.order.unit
            keys = self.matching.keys(self.bulk, ids)
            here = [key for key in keys if low <= key[0] // unit <= high and key < self.before]
            yield from here if self.wording.is_any else self._worded(here)

    def _worded(self, keys: Sequence[Key]) -> Iterator[Key]:
        for begin in range(0, len(keys), _TEXTS_AT_ONCE):
            yield from self.wording.keys(self.bulk, keys[begin : begin + _TEXTS_AT_ONCE])


def _all_of(wanted: Sets, bounds: Range) -> Iterator[Found]:
    if wanted:
        yield list(ids_of(wanted)), bounds
