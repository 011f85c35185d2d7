"""The overview of the store in memory: what a database's is to show, said as plainly as can be."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter

from attrs import frozen

from logcenter_collector.domain.overview import (
    EPOCH,
    OPEN,
    SPARK_DAYS,
    OverviewQuery,
    Repair,
    begin_of,
    day_of,
    deployments,
    durations_of,
    first_fixes,
    fix_rate,
)
from logcenter_collector.store.remembered import RememberedIssue
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.overview import DayCounts, Overview, ProjectOverview, Regression, TopIssue
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import source_of

Issues = Sequence[RememberedIssue]


@frozen
class RememberedOverview:
    """The issues of the projects that a query asks for, but for registrations."""

    query: OverviewQuery
    issues: Issues

    def load(self, projects: Sequence[Project]) -> Overview:
        """Return the overview."""
        query, repairs = self.query, self._repairs()
        fixes, deployed = first_fixes(repairs), deployments(repairs)
        new = [issue for issue in self.issues if self._has(issue.state.first_seen)]
        back = [(at, issue) for issue in self.issues for at in _back(issue) if self._has(at)]
        regressions = len(back)
        latest = {issue.issue_id: (at, issue) for at, issue in sorted(back, key=itemgetter(0))}
        came_back = sorted(latest.values(), key=itemgetter(0), reverse=True)[: query.limit]
        newest = sorted(new, key=lambda issue: (issue.state.first_seen, issue.issue_id), reverse=True)[: query.limit]
        shown = tuple(self._project(project) for project in projects)
        days = self._days()
        return Overview(
            since=query.since,
            until=query.until,
            occurrences=sum(day.count for day in days),
            new_issues=len(new),
            regressions=regressions,
            fixed=len(fixes),
            deployed=len(deployed),
            fix_rate_percent=fix_rate(len(fixes), len(new) + regressions),
            time_to_fixed=durations_of(fixes),
            time_to_deployed=durations_of(deployed),
            open_issues=sum(project.open_issues for project in shown),
            days=days,
            top_issues=self._top(),
            newest_issues=tuple(issue.to_issue() for issue in newest),
            latest_regressions=tuple(Regression(issue=issue.to_issue(), at=at) for at, issue in came_back),
            projects=tuple(sorted(shown, key=lambda each: (-(each.last_report or EPOCH).timestamp(), each.project_id))),
        )

    def _has(self, instant: datetime) -> bool:
        return self.query.since <= instant < self.query.until

    def _repairs(self) -> list[Repair]:
        return [
            Repair(
                issue.issue_id,
                change.from_,
                change.to,
                microseconds(change.at),
                microseconds(max([issue.state.first_seen, *(at for at in _back(issue) if at <= change.at)])),
            )
            for issue in self.issues
            for change in issue.history
            if self._has(change.at)
        ]

    def _days(self) -> tuple[DayCounts, ...]:
        days: dict[int, Counter[str]] = {
            day: Counter() for day in range(day_of(self.query.since), day_of(self.query.until))
        }
        for issue in self.issues:
            for (hour, _, _), count in issue.buckets.items():
                if self._has(hour):
                    days[day_of(hour)][source_of(issue.latest.arrival.raw).value] += count
        return tuple(DayCounts(start=begin_of(day), count=days[day].total(), sources=dict(days[day])) for day in days)

    def _top(self) -> tuple[TopIssue, ...]:
        counts = [(self._count([issue]), issue.issue_id, issue) for issue in self.issues]
        most = sorted((each for each in counts if each[0]), key=lambda each: each[:2], reverse=True)
        return tuple(TopIssue(issue=issue.to_issue(), count=count) for count, _, issue in most[: self.query.limit])

    def _count(self, issues: Collection[RememberedIssue]) -> int:
        return sum(count for issue in issues for (hour, _, _), count in issue.buckets.items() if self._has(hour))

    def _project(self, project: Project) -> ProjectOverview:
        own = [issue for issue in self.issues if issue.first.raw.project_id == project.project_id]
        until = day_of(self.query.until)
        counts: Counter[int] = Counter()
        for issue in own:
            for (hour, _, _), count in issue.buckets.items():
                counts[day_of(hour)] += count
        return ProjectOverview(
            project_id=project.project_id,
            name=project.name,
            open_issues=sum(issue.state.status in OPEN for issue in own),
            occurrences=self._count(own),
            new_issues=sum(self._has(issue.state.first_seen) for issue in own),
            last_report=max((issue.latest.arrival.arrived_at for issue in own), default=None),
            days=tuple(counts[day] for day in range(until - SPARK_DAYS, until)),
        )


def _back(issue: RememberedIssue) -> list[datetime]:
    """Return when an issue came back."""
    return [change.at for change in issue.history if change.regression]
