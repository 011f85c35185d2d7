"""Read the overview: a fixed number of statements, none of which looks at more than a bounded number of issues."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile
from typing import Final

from attrs import evolve, frozen

from logcenter_collector.domain.issue_query import IssueQuery, Sort
from logcenter_collector.domain.overview import (
    EPOCH,
    SPARK_DAYS,
    OverviewQuery,
    Repair,
    begin_of,
    day_of,
    deployments,
    durations_of,
    first_fixes,
    fix_rate,
    is_settled,
)
from logcenter_collector.store.bulk import Bulk, Row
from logcenter_collector.store.cursors import write_issue_cursor
from logcenter_collector.store.finding import USUAL
from logcenter_collector.store.listing import find_issues
from logcenter_collector.store.loading import load_issues
from logcenter_collector.store.ordering import Key
from logcenter_collector.store.overview.open_issues import count_open
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.overview import DayCounts, Overview, ProjectOverview, Regression, TopIssue

REPAIRS: Final = 5_000
"""So many of the latest moves are looked at: enough for a median, and few enough to wait for."""
COUNTED_AT_ONCE: Final = 200
COUNTED_AT_MOST: Final = 2_000
"""Issues with the most occurrences in all, whose occurrences within the period are summed."""
_EFFORT: Final = evolve(USUAL, in_time=0)
"""In a period of days there are as a rule too many issues to list: the index says which ones."""

_DAYS: Final = (
    "SELECT day, project_id, source, CAST(sum(occurrences) AS bigint), CAST(sum(new_issues) AS bigint), "
    "CAST(sum(regressions) AS bigint), max(last_report) FROM daily_counts "
    "WHERE day >= {mark} AND day < {mark}{among} GROUP BY day, project_id, source"
)
_PROJECTS: Final = (
    "SELECT projects.project_id, projects.name, (SELECT max(last_report) FROM daily_counts "
    "WHERE daily_counts.project_id = projects.project_id AND day = (SELECT max(day) FROM daily_counts "
    "WHERE daily_counts.project_id = projects.project_id)) FROM projects WHERE true{among}"
)
# The latest moves are found first, by an index alone where they may be of any project, and only for them the rest.
_MOVED_IN_ALL: Final = (
    "SELECT id FROM history WHERE to_status IN ('FIXED', 'VERIFIED', 'DEPLOYED') "
    "AND at >= {mark} AND at < {mark}{among} ORDER BY at DESC LIMIT {mark}"
)
_MOVED_IN_PROJECTS: Final = (
    "SELECT history.id FROM history JOIN issues ON issues.id = history.issue_id "
    "WHERE to_status IN ('FIXED', 'VERIFIED', 'DEPLOYED') AND at >= {mark} AND at < {mark}{among} "
    "ORDER BY at DESC LIMIT {mark}"
)
_REPAIRS: Final = (
    "SELECT history.issue_id, from_status, to_status, at, coalesce(CASE WHEN regression_count > 0 THEN "
    "(SELECT max(back.at) FROM history AS back WHERE back.issue_id = history.issue_id AND back.regression "
    "AND back.at <= history.at) END, first_seen) "
    "FROM history JOIN issues ON issues.id = history.issue_id WHERE history.id IN ({moved})"
)
_REGRESSIONS: Final = (
    "SELECT history.issue_id, at FROM history JOIN issues ON issues.id = history.issue_id "
    "WHERE to_status = 'NEW' AND regression AND at >= {mark} AND at < {mark}{among} ORDER BY at DESC LIMIT {mark}"
)
_COUNTS: Final = (
    "SELECT issue_id, CAST(sum(count) AS bigint) FROM buckets WHERE {ids} AND hour >= {mark} AND hour < {mark} "
    "GROUP BY issue_id"
)


@frozen
class _Day:
    day: int
    project_id: str
    source: str
    occurrences: int
    new_issues: int
    regressions: int
    last_report: int


def load_overview(bulk: Bulk, query: OverviewQuery) -> Overview:
    """Return the overview of some projects."""
    return _Reading(bulk, query).load()


def load_projects(bulk: Bulk, query: OverviewQuery) -> dict[str, ProjectOverview]:
    """Return the numbers of the projects alone, without looking at any issue."""
    return {each.project_id: each for each in _Reading(bulk, query).load_projects()}


@frozen
class _Reading:
    """One overview, in one transaction."""

    bulk: Bulk
    query: OverviewQuery

    def load(self) -> Overview:
        query = self.query
        days = self._days()
        since, until = day_of(query.since), day_of(query.until)
        within = [day for day in days if day.day >= since]
        repairs = self._repairs()
        fixes, deployed = first_fixes(repairs), deployments(repairs)
        new, back = sum(day.new_issues for day in within), sum(day.regressions for day in within)
        projects = self._projects(days, since, until)
        top, newest, regressions = self._top(), self._newest(), self._regressions()
        issues = self._issues([*top, *newest, *regressions])
        return Overview(
            since=query.since,
            until=query.until,
            occurrences=sum(day.occurrences for day in within),
            new_issues=new,
            regressions=back,
            fixed=len(fixes),
            deployed=len(deployed),
            fix_rate_percent=fix_rate(len(fixes), new + back),
            time_to_fixed=durations_of(fixes),
            time_to_deployed=durations_of(deployed),
            open_issues=sum(project.open_issues for project in projects),
            days=_days_of(within, range(since, until)),
            top_issues=tuple(TopIssue(issue=issues[issue_id], count=count) for issue_id, count in top.items()),
            newest_issues=tuple(issues[issue_id] for issue_id in newest),
            latest_regressions=tuple(
                Regression(issue=issues[issue_id], at=to_instant(at)) for issue_id, at in regressions.items()
            ),
            projects=projects,
        )

    def load_projects(self) -> tuple[ProjectOverview, ...]:
        return self._projects(self._days(), day_of(self.query.since), day_of(self.query.until))

    def _select(self, statement: str, parameters: Row, behind: Row = ()) -> list[Row]:
        """Run a statement on the projects of the query, whose condition stands between the parameters."""
        spelling, wanted = self.bulk.spelling, self.query.project_ids
        among = "" if wanted is None else f" AND {spelling.one_of_texts.format('project_id')}"
        chosen = () if wanted is None else (spelling.many(wanted),)
        return self.bulk.select(statement.format(mark=spelling.mark, among=among), (*parameters, *chosen, *behind))

    def _period(self) -> Row:
        return microseconds(self.query.since), microseconds(self.query.until)

    def _days(self) -> list[_Day]:
        """Return the days of the period, and those before it that the small charts of the projects show."""
        until = day_of(self.query.until)
        since = min(day_of(self.query.since), until - SPARK_DAYS)
        return [_Day(*row) for row in self._select(_DAYS, (since, until))]

    def _repairs(self) -> list[Repair]:
        moved = _MOVED_IN_ALL if self.query.project_ids is None else _MOVED_IN_PROJECTS
        return [Repair(*row) for row in self._select(_REPAIRS.replace("{moved}", moved), self._period(), (REPAIRS,))]

    def _projects(self, days: Sequence[_Day], since: int, until: int) -> tuple[ProjectOverview, ...]:
        """Return the projects, those with the latest report first."""
        rows = self._select(_PROJECTS, ())
        open_issues = count_open(self.bulk, [row[0] for row in rows])
        of_project: defaultdict[str, list[_Day]] = defaultdict(list)
        for day in days:
            of_project[day.project_id].append(day)
        found = [_project(row, of_project[row[0]], open_issues[row[0]], since, until) for row in rows]
        return tuple(sorted(found, key=lambda each: (-(each.last_report or EPOCH).timestamp(), each.project_id)))

    def _find(self, asked: IssueQuery) -> Iterator[Key]:
        """Yield where the issues stand that a list of the projects would have."""
        projects = self.query.project_ids
        if projects == ():  # for a list of issues that would be all of them
            return iter(())
        return find_issues(self.bulk, evolve(asked, project_id=projects or ()), _EFFORT)

    def _newest(self) -> list[int]:
        """Return the issues that were first seen last."""
        since, until = self._period()
        behind = write_issue_cursor(Sort.FIRST_SEEN, until, 0)
        keys = self._find(IssueQuery(sort=Sort.FIRST_SEEN, limit=self.query.limit, cursor=behind))
        recent = takewhile(lambda key: key[0] >= since, keys)
        return [issue_id for _, issue_id in islice(recent, self.query.limit)]

    def _regressions(self) -> dict[int, int]:
        """Return the issues that came back last, and when."""
        # An issue may have come back several times, but hardly all of them in a row.
        rows = self._select(_REGRESSIONS, self._period(), (20 * self.query.limit,))
        latest: dict[int, int] = dict(reversed(rows))
        return dict(islice(sorted(latest.items(), key=lambda each: -each[1]), self.query.limit))

    def _top(self) -> dict[int, int]:
        """Return the issues that occurred most often within the period, and how often.

        What occurred most in all is summed first: an issue cannot have occurred more often in the period than in all.
        """
        keys = self._find(IssueQuery(sort=Sort.OCCURRENCE_COUNT, limit=COUNTED_AT_ONCE, since=self.query.since))
        counts: dict[int, int] = {}
        while part := list(islice(keys, COUNTED_AT_ONCE)):
            counts |= self._counts([issue_id for _, issue_id in part])
            if len(counts) >= COUNTED_AT_MOST or is_settled(counts.values(), self.query.limit, part[-1][0]):
                break
        most = sorted(counts.items(), key=lambda each: (-each[1], -each[0]))
        return dict(most[: self.query.limit])

    def _counts(self, ids: Sequence[int]) -> dict[int, int]:
        spelling = self.bulk.spelling
        statement = _COUNTS.format(ids=spelling.one_of_numbers.format("issue_id"), mark=spelling.mark)
        return dict(self.bulk.select(statement, (spelling.many(ids), *self._period())))

    def _issues(self, ids: Iterable[int]) -> dict[int, Issue]:
        return {issue.id: issue for issue in load_issues(self.bulk, list(dict.fromkeys(ids)))}


def _project(row: Row, days: Iterable[_Day], open_issues: int, since: int, until: int) -> ProjectOverview:
    project_id, name, last_report = row
    within = [day for day in days if day.day >= since]
    counts: Counter[int] = Counter()
    for day in days:
        counts[day.day] += day.occurrences
    last = max([last_report or 0, *(day.last_report for day in days)])
    return ProjectOverview(
        project_id=project_id,
        name=name or project_id,
        open_issues=open_issues,
        occurrences=sum(day.occurrences for day in within),
        new_issues=sum(day.new_issues for day in within),
        last_report=to_instant(last) if last else None,
        days=tuple(counts[day] for day in range(until - SPARK_DAYS, until)),
    )


def _days_of(within: Iterable[_Day], days: Iterable[int]) -> tuple[DayCounts, ...]:
    """Return every day of the period, those on which nothing happened as well."""
    sources: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for day in within:
        if day.occurrences:
            sources[day.day][day.source] += day.occurrences
    return tuple(DayCounts(start=begin_of(day), count=sources[day].total(), sources=dict(sources[day])) for day in days)
