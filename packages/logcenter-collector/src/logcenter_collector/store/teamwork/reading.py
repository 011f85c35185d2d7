"""Which issues are assigned or muted, for lists."""

from collections.abc import Collection
from typing import Final

from logcenter_collector.store.bulk import Bulk

_ASSIGNED: Final = "SELECT issue_id FROM assignments"
_MUTED: Final = "SELECT issue_id FROM mutes"


def assigned_issues(bulk: Bulk, names: Collection[str] | None = None) -> set[int]:
    """Return the issues that are assigned, to one of these names or to anybody."""
    if names is None:
        return {issue_id for (issue_id,) in bulk.select(_ASSIGNED)}
    condition = bulk.spelling.one_of_texts.format("assignee")
    return {issue_id for (issue_id,) in bulk.select(f"{_ASSIGNED} WHERE {condition}", (bulk.spelling.many(names),))}


def muted_issues(bulk: Bulk) -> set[int]:
    """Return the issues with a mute, run out or not."""
    return {issue_id for (issue_id,) in bulk.select(_MUTED)}
