"""Whether a list shows an issue, by what is known of it while it is looked at. Pure."""

from collections.abc import Collection

from logcenter_collector.store.base import IssueQuery, LiveIssue
from logcenter_collector.store.search.grams import contains


def is_listed(issue: LiveIssue, query: IssueQuery) -> bool:
    """Whether a list has an issue; of environments and releases only the latest is known here."""
    texts = (issue.error_type, issue.error_message, issue.file_path or "")
    return (
        (query.registrations or not issue.registration)
        and _is_one_of(issue.project_id, query.project_id)
        and _is_one_of(issue.status, query.status)
        and _is_one_of(issue.source, query.source)
        and _is_one_of(issue.level, query.level)
        and _is_one_of(issue.environment, query.environment)
        and _is_one_of(issue.version, query.version)
        and (query.since is None or query.since <= issue.last_seen)
        and (query.until is None or issue.last_seen < query.until)
        and (not query.q or any(contains(text, query.q.casefold()) for text in texts))
    )


def _is_one_of(value: str | None, wanted: Collection[str]) -> bool:
    return not wanted or value in wanted
