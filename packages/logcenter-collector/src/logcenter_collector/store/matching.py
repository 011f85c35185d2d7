"""Which issues a query asks for, as conditions in SQL: the index only says which ones may be.

SQL does not look at text: databases differ in what they call equal letters. That is done here.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery
from logcenter_collector.store.bulk import Bulk, look_up_among
from logcenter_collector.store.ordering import Key, Order
from logcenter_collector.store.search.grams import contains
from logcenter_collector.store.search.terms import ATTRIBUTES, SEEN_WITH, TEXTS
from logcenter_collector.store.spelling import Parameters, Spelling
from logcenter_collector.store.tables import issues, microseconds

_SEEN_WITH: Final = "EXISTS (SELECT 1 FROM seen_with WHERE issue_id = issues.id AND kind = '{}' AND {})"
_ASSIGNED: Final = "EXISTS (SELECT 1 FROM assignments WHERE issue_id = issues.id{})"
_IS_MUTED: Final = (
    "EXISTS (SELECT 1 FROM mutes WHERE issue_id = issues.id "
    "AND (until IS NULL OR until > {}) AND (until_count IS NULL OR until_count > issues.occurrence_count))"
)
_TEXTS: Final = look_up_among(issues, TEXTS, "id")


@frozen
class Matching:
    """What an issue has to be, but for its text."""

    statement: str
    parameters: Parameters

    def keys(self, bulk: Bulk, ids: Collection[int]) -> list[Key]:
        """Return where those of the issues stand that match, in order."""
        found = bulk.select(self.statement, (*self.parameters, bulk.spelling.many(ids))) if ids else []
        return sorted(((value, issue_id) for value, issue_id in found), reverse=True)


def matching(query: IssueQuery, order: Order, spelling: Spelling) -> Matching:
    """Return what a query asks for."""
    conditions = dict(_having(query, spelling))
    conditions |= {f"NOT {condition}": values for condition, values in _having(query.without, spelling)}
    if query.muted is not None:
        condition = _IS_MUTED.format(spelling.mark)
        conditions[condition if query.muted else f"NOT {condition}"] = microseconds(query.asking_at)
    for comparison, at in (
        ("last_seen >=", query.since),
        ("last_seen <", query.until),
        ("first_seen >=", query.first_since),
    ):
        if at is not None:
            conditions[f"{comparison} {spelling.mark}"] = microseconds(at)
    all_of = [*conditions, *_properties(query), spelling.one_of_numbers.format("id")]
    return Matching(f"SELECT {order.column}, id FROM issues WHERE {' AND '.join(all_of)}", tuple(conditions.values()))


def _having(filters: Filters, spelling: Spelling) -> Iterator[tuple[str, Any]]:
    """Yield the condition of each filter, with its parameter."""
    for name in ATTRIBUTES:
        if values := getattr(filters, name):
            yield spelling.one_of_texts.format(name), spelling.many(values)
    for kind in SEEN_WITH:
        if values := getattr(filters, kind):
            yield _SEEN_WITH.format(kind, spelling.one_of_texts.format("value")), spelling.many(values)
    if names := filters.assignee:
        condition = _ASSIGNED.format(f" AND {spelling.one_of_texts.format('assignee')}")
        to_nobody = f"({condition} OR NOT {_ASSIGNED.format('')})"
        yield to_nobody if NOBODY in names else condition, spelling.many(names)


def _properties(query: IssueQuery) -> Iterator[str]:
    if query.registration is not None:
        yield "registration" if query.registration else "NOT registration"
    if query.regressed is not None:
        yield "regression_count > 0" if query.regressed else "regression_count = 0"


@frozen
class Wording:
    """What the text of an issue has to contain and what it must not, in any case of letters."""

    texts: tuple[str, ...]
    without: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """Whether every text will do."""
        return not self.texts and not self.without

    def keys(self, bulk: Bulk, keys: Collection[Key]) -> list[Key]:
        """Return those of the issues whose text is so, in the same order."""
        rows = bulk.read_among(_TEXTS, [issue_id for _, issue_id in keys])
        found = {row[0] for row in rows if self.fits([part or "" for part in row[1:]])}
        return [key for key in keys if key[1] in found]

    def fits(self, parts: Sequence[str]) -> bool:
        """Whether an issue's type, message and file are so."""
        return all(_contain(parts, text) for text in self.texts) and not any(
            _contain(parts, text) for text in self.without
        )


def wording(query: IssueQuery) -> Wording:
    """Return what a query asks of the text."""
    folded = (tuple(text.casefold() for text in filters.texts) for filters in (query, query.without))
    return Wording(*folded)


def _contain(parts: Sequence[str], folded: str) -> bool:
    return any(contains(part, folded) for part in parts)
