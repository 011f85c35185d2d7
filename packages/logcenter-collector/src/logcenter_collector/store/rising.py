"""Lists of the issues that rise. They are few, so a list looks at all of them."""

from collections.abc import Iterator
from typing import Final

from logcenter_collector.domain.issue_query import IssueQuery, Sort
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.matching import matching, wording
from logcenter_collector.store.ordering import ORDERS, Key

_RANKED: Final = "SELECT score, issue_id FROM rising"


def find_rising(bulk: Bulk, query: IssueQuery, before: Key) -> Iterator[Key]:
    """Yield the rank of the issues that a query asks for, the one that rises the most first."""
    ranked = {issue_id: score for score, issue_id in bulk.select(_RANKED) if (score, issue_id) < before}
    found = matching(query, ORDERS[Sort.LAST_SEEN], bulk.spelling).keys(bulk, ranked)
    worded = wording(query)
    keys = found if worded.is_any else worded.keys(bulk, found)
    yield from sorted(((ranked[issue_id], issue_id) for _, issue_id in keys), reverse=True)
