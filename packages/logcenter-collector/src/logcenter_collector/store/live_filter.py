"""Whether a list shows an issue, by what is known of it while it is looked at. Pure."""

from collections.abc import Collection
from datetime import datetime

from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery
from logcenter_collector.store.base import LiveIssue
from logcenter_collector.store.search.grams import contains


def is_listed(issue: LiveIssue, query: IssueQuery, now: datetime) -> bool:
    """Whether a list has an issue; of environments and releases only the latest is known here."""
    properties = (
        (query.registration, issue.registration),
        (query.regressed, issue.regression_count > 0),
        (query.muted, issue.mute is not None and not issue.mute.is_over(issue.occurrence_count, now)),
    )
    return (
        all(wanted is None or wanted is found for wanted, found in properties)
        and all(not wanted or value in wanted for value, wanted in _values(issue, query))
        and not any(value in unwanted for value, unwanted in _values(issue, query.without))
        and (query.since is None or query.since <= issue.last_seen)
        and (query.until is None or issue.last_seen < query.until)
        and (query.first_since is None or query.first_since <= issue.first_seen)
        and all(_says(issue, text) for text in query.texts)
        and not any(_says(issue, text) for text in query.without.texts)
    )


def _values(issue: LiveIssue, filters: Filters) -> tuple[tuple[str | None, Collection[str]], ...]:
    """Return what an issue has of each filter, beside what the filter names."""
    return (
        (issue.project_id, filters.project_id),
        (issue.status, filters.status),
        (issue.source, filters.source),
        (issue.level, filters.level),
        (issue.environment, filters.environment),
        (issue.version, filters.version),
        (issue.assignee or NOBODY, filters.assignee),
    )


def _says(issue: LiveIssue, text: str) -> bool:
    texts = (issue.error_type, issue.error_message, issue.file_path or "")
    return any(contains(each, text.casefold()) for each in texts)
