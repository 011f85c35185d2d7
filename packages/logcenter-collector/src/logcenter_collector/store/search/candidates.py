"""Which issues may match a query: those that the index says, and those that it does not know as they are now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from attrs import frozen

from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery, Sort
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.ordering import ORDERS, Order
from logcenter_collector.store.search import terms
from logcenter_collector.store.search.blocks import Sets, difference, from_ids, intersection, union
from logcenter_collector.store.search.grams import grams_in
from logcenter_collector.store.search.index import Exclusion, Group, Index
from logcenter_collector.store.search.places import HIGHEST, LOWEST
from logcenter_collector.store.tables import microseconds
from logcenter_collector.store.teamwork.reading import assigned_issues, muted_issues
from logcenter_sdk.contract.limits import OTHER
from logcenter_sdk.contract.report import REGISTRATION, Level, Source
from logcenter_sdk.contract.status import Status

GRAMS: Final = 12
"""So many of a long text's are asked for: more would leave out little."""

Item = TypeVar("Item")
Found = tuple[list[Group], list[Sets]]
"""What a part of a query says: terms to have, and issues to be among."""

_CHOICES: Final[Mapping[str, type[StrEnum]]] = {"status": Status, "source": Source, "level": Level}
_ANY: Final = [terms.of_attribute("status", status) for status in Status]
"""Every issue has one of these."""


@frozen
class Candidates:
    """The issues that may match."""

    indexed: Sets
    queued: Sets
    """Those that the index does not know as they are now; the two have none in common."""


def find_candidates(index: Index, query: IssueQuery, most: int) -> Candidates | None:
    """Return the issues that may match a query; None when that may be all.

    Of a time that has more than ``most`` issues, the index says which ones. Texts to be left out are left to who looks
    at the issues: that a text has all the grams of another does not say that it contains it.
    """
    groups, sets = [*_attribute_groups(query), *_without_choices(query.without), *_property_groups(query)], []
    for more_groups, more_sets in (*_of_texts(index, query.texts), *_of_times(index, query, most)):
        groups += more_groups
        sets += more_sets
    within, left_out = _of_care(index.bulk, query)
    sets += map(from_ids, within)
    without = [*_exclusions(query.without), *([Exclusion([terms.REGRESSED])] if query.regressed is False else [])]
    if groups or without or (left_out and not sets):
        sets.append(index.having(groups or [_ANY], without))
    if not sets:
        return None
    queued = index.queued()
    return Candidates(difference(intersection(*sets), union(queued, from_ids(left_out))), queued)


def _of_care(bulk: Bulk, query: IssueQuery) -> tuple[list[set[int]], set[int]]:
    """Return the issues that the asked assignees and mutes are about, and those that are left out, as they are now."""
    within, left_out = [muted_issues(bulk)] if query.muted else [], set[int]()
    for filters, is_wanted in ((query, True), (query.without, False)):
        if names := filters.assignee:
            named = assigned_issues(bulk, names)
            if is_wanted is (NOBODY in names):
                left_out |= (assigned_issues(bulk) - named) if is_wanted else named
            else:
                within.append(named if is_wanted else assigned_issues(bulk) - named)
    return within, left_out


def _attribute_groups(query: IssueQuery) -> list[Group]:
    asked = {name: getattr(query, name) for name in (*terms.ATTRIBUTES, *terms.SEEN_WITH)}
    return [[terms.of_attribute(name, value) for value in values] for name, values in asked.items() if values]


def _property_groups(query: IssueQuery) -> list[Group]:
    of_registration = _gram_groups(REGISTRATION) if query.registration else []
    return [*([[terms.REGRESSED]] if query.regressed else []), *of_registration]


def _without_choices(without: Filters) -> Iterator[Group]:
    """Yield the rest of the values where there are few: an issue has one of them, and the index knows which."""
    for name, choices in _CHOICES.items():
        if values := getattr(without, name):
            yield [terms.of_attribute(name, choice) for choice in choices if choice not in values]


def _exclusions(without: Filters) -> Iterator[Exclusion]:
    if without.project_id:
        yield Exclusion([terms.of_attribute("project_id", project_id) for project_id in without.project_id])
    for kind in terms.SEEN_WITH:
        if values := getattr(without, kind):
            # What fell out of the latest values is still in the index, but then "other" stands for it as well.
            yield Exclusion([terms.of_attribute(kind, value) for value in values], [terms.of_attribute(kind, OTHER)])


def _gram_groups(text: str) -> list[Group]:
    return [[terms.of_gram(gram)] for gram in spread(grams_in(text), GRAMS)]


def _of_texts(index: Index, texts: Iterable[str]) -> Iterator[Found]:
    for text in texts:
        yield _gram_groups(text), []
        if not grams_in(text):
            yield _of_pair(index, text.casefold())


def _of_pair(index: Index, pair: str) -> Found:
    """Return what a text of two letters says: it is the beginning of grams, or of so many that its letters do."""
    beginning = index.having_any(terms.beginning_with(pair))
    if beginning is None:
        return [group for letter in pair for group in _gram_groups(letter)], []
    return [], [beginning]


def _of_times(index: Index, query: IssueQuery, most: int) -> Iterator[Found]:
    """Yield what the asked times say to a list in another order."""
    times = {Sort.LAST_SEEN: (query.since, query.until), Sort.FIRST_SEEN: (query.first_since, None)}
    for sort, (since, until) in times.items():
        if query.sort is not sort and (since is not None or until is not None):
            low = LOWEST if since is None else microseconds(since)
            high = HIGHEST if until is None else microseconds(until)
            yield _of_time(index, ORDERS[sort], low, high, most)


def _of_time(index: Index, order: Order, since: int, until: int, most: int) -> Found:
    """Return the issues of a time or, of a long one, their places."""
    ids = index.between(order, since, until, most)
    if ids is not None:
        return [], [from_ids(ids)]
    lowest, highest = index.places(order)
    low, high = max(lowest, order.place_of(since // order.unit)), min(highest, order.place_of(until // order.unit))
    return [[terms.of_place(order.sort, place) for place in range(low, high + 1)]], []


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return at most ``count`` of the items, evenly spread over them."""
    step = max((len(items) - 1) / (count - 1), 1)
    return [items[round(number * step)] for number in range(min(count, len(items)))]
