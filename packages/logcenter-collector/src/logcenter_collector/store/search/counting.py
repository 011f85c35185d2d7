"""Count issues by status, without reading their rows: the index knows the status of every issue but the queued ones."""

from collections import Counter

from logcenter_collector.store import tables
from logcenter_collector.store.bulk import Bulk, look_up_among
from logcenter_collector.store.search.blocks import count, difference, ids_of
from logcenter_collector.store.search.index import open_index
from logcenter_collector.store.search.terms import of_attribute
from logcenter_sdk.contract.status import Status

_STATUSES = look_up_among(tables.issues, ("status",), "id")


def count_by_status(bulk: Bulk) -> dict[Status, int]:
    """Return how many issues there are of each status."""
    index = open_index(bulk)
    queued = index.queued()
    terms = {status: of_attribute("status", status) for status in Status}
    having = index.sets(terms.values())
    found = Counter(row[1] for row in bulk.read_among(_STATUSES, list(ids_of(queued))))
    return {status: found[status.value] + count(difference(having[terms[status]], queued)) for status in Status}
