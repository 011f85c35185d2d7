"""Which issues may match a query: those that the index says, and those that it does not know as they are now."""

from collections.abc import Sequence
from typing import Final, TypeVar

from attrs import frozen

from logcenter_collector.store.base import IssueQuery, Sort
from logcenter_collector.store.search import terms
from logcenter_collector.store.search.blocks import Sets, difference, intersection
from logcenter_collector.store.search.grams import grams_in
from logcenter_collector.store.search.index import Group, Index
from logcenter_collector.store.search.places import place_in

GRAMS: Final = 8
"""So many of a long text's are asked for: more would leave out little."""

Item = TypeVar("Item")


@frozen
class Candidates:
    """The issues that may match."""

    indexed: Sets
    queued: Sets
    """Those that the index does not know as they are now; the two have none in common."""


def find_candidates(index: Index, query: IssueQuery) -> Candidates | None:
    """Return the issues that may match a query; None when that may be all."""
    sets = []
    groups = _attribute_groups(query) + _time_groups(index, query) + _gram_groups(query.q)
    if query.q and not grams_in(query.q):
        pair = query.q.casefold()
        beginning = index.having_any(terms.beginning_with(pair))
        if beginning is not None:
            sets.append(beginning)
        else:
            groups += _gram_groups(pair[0]) + _gram_groups(pair[1])
    if groups:
        sets.append(index.having(groups))
    if not sets:
        return None
    queued = index.queued()
    return Candidates(difference(intersection(*sets), queued), queued)


def _attribute_groups(query: IssueQuery) -> list[Group]:
    asked = {name: getattr(query, name) for name in (*terms.ATTRIBUTES, *terms.SEEN_WITH)}
    return [[terms.of_attribute(name, value) for value in values] for name, values in asked.items() if values]


def _time_groups(index: Index, query: IssueQuery) -> list[Group]:
    """Return the places that issues of the asked time have been in; a list by last_seen looks nowhere else anyway."""
    if query.sort is Sort.LAST_SEEN or (query.since is None and query.until is None):
        return []
    lowest, highest = index.places(Sort.LAST_SEEN)
    low = lowest if query.since is None else max(lowest, place_in(Sort.LAST_SEEN, query.since))
    high = highest if query.until is None else min(highest, place_in(Sort.LAST_SEEN, query.until))
    return [[terms.of_place(Sort.LAST_SEEN, place) for place in range(low, high + 1)]]


def _gram_groups(text: str) -> list[Group]:
    return [[terms.of_gram(gram)] for gram in spread(grams_in(text), GRAMS)] if text else []


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return at most ``count`` of the items, evenly spread over them."""
    step = max((len(items) - 1) / (count - 1), 1)
    return [items[round(number * step)] for number in range(min(count, len(items)))]
