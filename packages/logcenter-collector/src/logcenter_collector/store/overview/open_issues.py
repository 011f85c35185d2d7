"""How many open issues each project has, by the search index: no issue is looked at but those that it does not know."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from logcenter_collector.domain.overview import OPEN
from logcenter_collector.store import tables
from logcenter_collector.store.bulk import Bulk, look_up_among
from logcenter_collector.store.search.blocks import count, difference, from_ids, ids_of, intersection, union
from logcenter_collector.store.search.index import open_index
from logcenter_collector.store.search.terms import of_attribute

_QUEUED: Final = look_up_among(tables.issues, ("project_id", "status"), "id", where="NOT registration")
_REGISTRATIONS: Final = "SELECT id FROM issues WHERE registration"


def count_open(bulk: Bulk, project_ids: Sequence[str]) -> Counter[str]:
    """Return how many issues of each project are still to be fixed; registrations of projects are none."""
    index = open_index(bulk)
    queued = index.queued()
    statuses = [of_attribute("status", status) for status in OPEN]
    projects = {project_id: of_attribute("project_id", project_id) for project_id in project_ids}
    having = index.sets([*statuses, *projects.values()])
    others = union(queued, from_ids(issue_id for (issue_id,) in bulk.select(_REGISTRATIONS)))
    known = difference(union(*(having[status] for status in statuses)), others)
    rows = bulk.read_among(_QUEUED, list(ids_of(queued)))
    found = Counter(project_id for _, project_id, status in rows if status in OPEN)
    return found + Counter(
        {project_id: count(intersection(having[term], known)) for project_id, term in projects.items()}
    )
