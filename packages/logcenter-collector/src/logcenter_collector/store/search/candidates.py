"""Which issues may match a query: those that the index says, and those that it does not know as they are now."""

from collections.abc import Sequence
from typing import Final, TypeVar

from attrs import frozen

from logcenter_collector.store.base import IssueQuery, Sort
from logcenter_collector.store.ordering import ORDERS
from logcenter_collector.store.search import terms
from logcenter_collector.store.search.blocks import Sets, difference, from_ids, intersection
from logcenter_collector.store.search.grams import grams_in
from logcenter_collector.store.search.index import Group, Index
from logcenter_collector.store.search.places import HIGHEST, LOWEST, place_in
from logcenter_collector.store.tables import microseconds

GRAMS: Final = 12
"""So many of a long text's are asked for: more would leave out little."""

Item = TypeVar("Item")


@frozen
class Candidates:
    """The issues that may match."""

    indexed: Sets
    queued: Sets
    """Those that the index does not know as they are now; the two have none in common."""


def find_candidates(index: Index, query: IssueQuery, most: int) -> Candidates | None:
    """Return the issues that may match a query; None when that may be all.

    Of a time that has more than ``most`` issues, the index says which ones.
    """
    groups, sets = [*_attribute_groups(query), *_gram_groups(query.q)], []
    for more_groups, more_sets in (_of_pair(index, query.q), _of_time(index, query, most)):
        groups += more_groups
        sets += more_sets
    if groups:
        sets.append(index.having(groups))
    if not sets:
        return None
    queued = index.queued()
    return Candidates(difference(intersection(*sets), queued), queued)


def _attribute_groups(query: IssueQuery) -> list[Group]:
    asked = {name: getattr(query, name) for name in (*terms.ATTRIBUTES, *terms.SEEN_WITH)}
    return [[terms.of_attribute(name, value) for value in values] for name, values in asked.items() if values]


def _gram_groups(text: str) -> list[Group]:
    return [[terms.of_gram(gram)] for gram in spread(grams_in(text), GRAMS)] if text else []


def _of_pair(index: Index, text: str) -> tuple[list[Group], list[Sets]]:
    """Return what a text of two letters says: it is the beginning of grams, or of so many that its letters do."""
    if not text or grams_in(text):
        return [], []
    pair = text.casefold()
    beginning = index.having_any(terms.beginning_with(pair))
    if beginning is None:
        return [group for letter in pair for group in _gram_groups(letter)], []
    return [], [beginning]


def _of_time(index: Index, query: IssueQuery, most: int) -> tuple[list[Group], list[Sets]]:
    """Return what the asked time says to a list in another order: its issues or, of a long time, their places."""
    if query.sort is Sort.LAST_SEEN or (query.since is None and query.until is None):
        return [], []
    since = LOWEST if query.since is None else microseconds(query.since)
    until = HIGHEST if query.until is None else microseconds(query.until)
    ids = index.last_seen(since, until, most)
    if ids is not None:
        return [], [from_ids(ids)]
    lowest, highest = index.places(ORDERS[Sort.LAST_SEEN])
    low, high = max(lowest, place_in(Sort.LAST_SEEN, since)), min(highest, place_in(Sort.LAST_SEEN, until))
    return [[terms.of_place(Sort.LAST_SEEN, place) for place in range(low, high + 1)]], []


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return at most ``count`` of the items, evenly spread over them."""
    step = max((len(items) - 1) / (count - 1), 1)
    return [items[round(number * step)] for number in range(min(count, len(items)))]
