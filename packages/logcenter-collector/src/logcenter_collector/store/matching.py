"""Which issues a query asks for, as conditions in SQL: the index only says which ones may be.

SQL does not look at text: databases differ in what they call equal letters. That is done here.
"""

from collections.abc import Collection
from typing import Any, Final

from attrs import frozen

from logcenter_collector.store.base import IssueQuery
from logcenter_collector.store.bulk import Bulk, look_up_among
from logcenter_collector.store.ordering import Key, Order
from logcenter_collector.store.search.grams import contains
from logcenter_collector.store.search.terms import ATTRIBUTES, SEEN_WITH, TEXTS
from logcenter_collector.store.spelling import Parameters, Spelling
from logcenter_collector.store.tables import issues, microseconds

_SEEN_WITH: Final = "EXISTS (SELECT 1 FROM seen_with WHERE issue_id = issues.id AND kind = '{}' AND {})"
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
    conditions: dict[str, Any] = {}
    for name in ATTRIBUTES:
        if values := getattr(query, name):
            conditions[spelling.one_of_texts.format(name)] = spelling.many(values)
    for kind in SEEN_WITH:
        if values := getattr(query, kind):
            conditions[_SEEN_WITH.format(kind, spelling.one_of_texts.format("value"))] = spelling.many(values)
    if query.since is not None:
        conditions[f"last_seen >= {spelling.mark}"] = microseconds(query.since)
    if query.until is not None:
        conditions[f"last_seen < {spelling.mark}"] = microseconds(query.until)
    all_of = [*conditions, *([] if query.registrations else ["NOT registration"]), spelling.one_of_numbers.format("id")]
    return Matching(f"SELECT {order.column}, id FROM issues WHERE {' AND '.join(all_of)}", tuple(conditions.values()))


def containing(bulk: Bulk, keys: Collection[Key], text: str) -> list[Key]:
    """Return those of the issues whose text contains another, in any case of letters."""
    folded = text.casefold()
    rows = bulk.read_among(_TEXTS, [issue_id for _, issue_id in keys])
    found = {row[0] for row in rows if any(contains(part or "", folded) for part in row[1:])}
    return [key for key in keys if key[1] in found]
