"""The overview: what happened in a period, in numbers and with the issues that matter most. An addition to the API."""

from datetime import datetime

from attrs import field, frozen

from logcenter_sdk.contract.issue import Issue


@frozen(kw_only=True)
class DayCounts:
    """How often errors occurred on one day, which begins at ``start``, by source."""

    start: datetime
    count: int
    sources: dict[str, int]


@frozen(kw_only=True)
class Durations:
    """How long something took, of so many issues."""

    count: int
    median_seconds: int
    p90_seconds: int


@frozen(kw_only=True)
class TopIssue:
    """An issue and how often it occurred in the period."""

    issue: Issue
    count: int


@frozen(kw_only=True)
class Regression:
    """An issue that came back in the period, and when it did last."""

    issue: Issue
    at: datetime


@frozen(kw_only=True)
class ProjectOverview:
    """One project in numbers."""

    project_id: str
    name: str
    open_issues: int
    occurrences: int = field(metadata={"description": "Within the period."})
    new_issues: int = field(metadata={"description": "First seen within the period."})
    last_report: datetime | None
    days: tuple[int, ...] = field(metadata={"description": "Occurrences of each of the 14 days up to `until`."})


@frozen(kw_only=True)
class Overview:
    """What happened in [since, until), in whole days of UTC. Registrations of projects are not counted."""

    since: datetime
    until: datetime
    occurrences: int
    new_issues: int
    regressions: int
    fixed: int = field(metadata={"description": "Issues that were moved to FIXED, or beyond it by an override."})
    deployed: int
    fix_rate_percent: int | None = field(
        metadata={"description": "`fixed` for each hundred that were new or came back; null when none did."}
    )
    time_to_fixed: Durations | None = field(
        metadata={"description": "From first seen, or from when it came back, to FIXED."}
    )
    time_to_deployed: Durations | None
    open_issues: int = field(
        metadata={"description": "Now, in NEW, VERIFYING, PENDING_FIX, FIXING or FIX_FAILED, whenever reported."}
    )
    days: tuple[DayCounts, ...]
    top_issues: tuple[TopIssue, ...]
    newest_issues: tuple[Issue, ...]
    latest_regressions: tuple[Regression, ...]
    projects: tuple[ProjectOverview, ...]


@frozen(kw_only=True)
class CollectorOverview:
    """What one collector did since it started."""

    version: str
    started_at: datetime
    accepted: int
    rejected: dict[str, int] = field(metadata={"description": "Reports by the reason of their refusal."})
    waiting_reports: int
    waiting_bytes: int
    database_bytes: int | None = field(metadata={"description": "null while the storage does not say."})
