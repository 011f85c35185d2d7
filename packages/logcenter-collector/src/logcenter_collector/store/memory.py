"""The store in memory: what every driver does, said as plainly as can be. Nothing of it outlives the process.

One contract suite runs on this and on the databases, and random histories must look the same in all of them. So this is
where to read what a store does, and what to change first when a store is to do something else.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from attrs import define, evolve, field

from logcenter_collector.domain.issue import BuildKind
from logcenter_collector.domain.issue_query import NOBODY, IssueQuery, Sort
from logcenter_collector.domain.overview import OverviewQuery, lately
from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.domain.rising import Ranking, days_before_since, last_day_since, score
from logcenter_collector.domain.sample import KEPT_OCCURRENCES, limit_of_sample
from logcenter_collector.domain.workflow import Move, move_issue
from logcenter_collector.store.access.audit import BY_ANYONE, By
from logcenter_collector.store.base import (
    Arrival,
    InvalidCursorError,
    LiveChanges,
    LiveIssue,
    LiveMark,
    Page,
    Per,
)
from logcenter_collector.store.counted import SPARKLINE_DAYS, Bars, Sparkline, to_sparklines
from logcenter_collector.store.kept_line import KeptLine, line_of
from logcenter_collector.store.project_list import page_of
from logcenter_collector.store.remembered import ENVIRONMENT, RememberedIssue, or_none
from logcenter_collector.store.remembered_overview import RememberedOverview
from logcenter_collector.store.search.grams import contains
from logcenter_collector.store.tables import microseconds
from logcenter_collector.store.teamwork.memory import MemoryTeamwork
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.limits import EVENT_ID_SECONDS, EVENT_IDS
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.overview import Overview, ProjectOverview
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.status import Status

Item = TypeVar("Item")

_EVENT_LIFE: Final = timedelta(seconds=EVENT_ID_SECONDS)

Place = tuple[int, int]
"""Where something stands in a list: what the list is ordered by, and an id."""


class MemoryStore(MemoryTeamwork):
    """A ``Store`` in memory that keeps ``kept_occurrences`` whole occurrences of an issue at most."""

    def __init__(self, *, kept_occurrences: int = KEPT_OCCURRENCES) -> None:
        super().__init__()
        self._kept_occurrences = limit_of_sample(kept_occurrences)
        self._lock = threading.Lock()
        self._issues: dict[int, RememberedIssue] = {}
        self._by_fingerprint: dict[tuple[str, str], RememberedIssue] = {}
        self._events: dict[bytes, tuple[RememberedIssue, datetime]] = {}
        self._projects: dict[str, _Project] = {}
        self._rising: dict[int, int] = {}

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Commit the arrivals as one transaction and return their answers in the same order."""
        with self._lock:
            taken = [self._take(arrival) for arrival in arrivals]
            touched = {issue.issue_id: issue for issue, _ in taken if issue.batch}
            self._settle([touched[issue_id] for issue_id in sorted(touched)])
            return [Answer(outcome, issue.issue_id, issue.state.status) for issue, outcome in taken]

    def prepare(self, _arrivals: Sequence[Arrival]) -> None:
        """Return None: there is nothing to wait for that ``record`` would be spared."""

    def _take(self, arrival: Arrival) -> tuple[RememberedIssue, Outcome]:
        """Count an arrival, but a retry: that was counted already, whatever became of its issue."""
        event = arrival.event_key
        issue = self._replayed(event, arrival.arrived_at)
        outcome = Outcome.DEDUPLICATED
        if issue is None:
            issue = self._issue_of(arrival)
            outcome = issue.take(arrival)
        if event is not None:
            self._events[event] = issue, arrival.arrived_at  # at the end: the first is the one longest not seen
        return issue, outcome

    def _replayed(self, event: bytes | None, now: datetime) -> RememberedIssue | None:
        if event is None or event not in self._events:
            return None
        issue, seen_at = self._events.pop(event)
        return issue if seen_at > now - _EVENT_LIFE else None

    def _issue_of(self, arrival: Arrival) -> RememberedIssue:
        key = arrival.raw.project_id, arrival.fingerprint
        if key not in self._by_fingerprint:
            issue = RememberedIssue(issue_id=len(self._issues) + 1, fingerprint=arrival.fingerprint, first=arrival)
            self._issues[issue.issue_id] = self._by_fingerprint[key] = issue
        return self._by_fingerprint[key]

    def _settle(self, touched: Sequence[RememberedIssue]) -> None:
        for issue in touched:
            now = max(other.latest.arrival.arrived_at for other in touched)
            project = self._projects.setdefault(issue.first.raw.project_id, _Project(issue.first.raw.project_id, now))
            project.fill_repository((counted.arrival.report for counted in issue.batch), now)
            issue.settle(self._kept_occurrences)
        for event in [*self._events][: max(0, len(self._events) - EVENT_IDS)]:
            del self._events[event]

    def issues(self, query: IssueQuery) -> Page[Issue]:
        """Return one page of issues. Raises InvalidCursorError."""
        with self._lock:
            found = [issue for issue in self._issues.values() if _matches(issue, query)]
            if query.sort is Sort.RISING:
                found = [issue for issue in found if issue.issue_id in self._rising]
                places = {(self._rising[issue.issue_id], issue.issue_id): issue for issue in found}
            else:
                places = {_place(issue, query.sort): issue for issue in found}
            page = _page(places, query.sort, query.limit, query.cursor)
            return Page(items=tuple(issue.to_issue() for issue in page.items), next_cursor=page.next_cursor)

    def issue(self, issue_id: int) -> Issue | None:
        """Return one issue, or None."""
        with self._lock:
            issue = self._issues.get(issue_id)
            return None if issue is None else issue.to_issue()

    def project_of(self, issue_id: int) -> str | None:
        """Return the project of an issue; None when there is no such issue."""
        with self._lock:
            issue = self._issues.get(issue_id)
            return None if issue is None else issue.first.raw.project_id

    def occurrences(self, issue_id: int, *, limit: int = 50, cursor: str | None = None) -> Page[Occurrence]:
        """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
        with self._lock:
            issue = self._issues.get(issue_id)
            kept = issue.occurrences() if issue else []
        return _page({(occurrence.id, 0): occurrence for occurrence in kept}, "occurrences", limit, cursor)

    def kept(self, issue_id: int) -> tuple[KeptLine, ...]:
        """Return a line of each kept occurrence of an issue, newest first."""
        with self._lock:
            issue = self._issues.get(issue_id)
            return tuple(line_of(occurrence) for occurrence in reversed(issue.occurrences())) if issue else ()

    def occurrence(self, issue_id: int, number: int) -> Occurrence | None:
        """Return one kept occurrence by its id, or None."""
        with self._lock:
            issue = self._issues.get(issue_id)
            return next((kept for kept in issue.occurrences() if kept.id == number), None) if issue else None

    def stats(self, issue_id: int, per: Per, since: datetime, until: datetime) -> tuple[StatsBucket, ...]:
        """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
        found: dict[datetime, Bars] = {}
        with self._lock:
            issue = self._issues.get(issue_id)
            for (hour, environment, version), count in issue.buckets.items() if issue else ():
                if since <= hour < until:
                    start = hour if per is Per.HOUR else hour.replace(hour=0)
                    found.setdefault(start, Bars()).add([(environment, version, count)])
        return tuple(found[start].to_bucket(start) for start in sorted(found))

    def sparklines(self, issue_ids: Sequence[int], now: datetime, days: int = SPARKLINE_DAYS) -> dict[int, Sparkline]:
        """Return how often each issue occurred on each of the last days, oldest first; days are days in UTC."""
        with self._lock:
            known = [issue for issue_id in issue_ids if (issue := self._issues.get(issue_id))]
            counts = [
                (issue.issue_id, (now.date() - hour.date()).days, count)
                for issue in known
                for (hour, _, _), count in issue.buckets.items()
            ]
        return to_sparklines(issue_ids, days, counts)

    def history(self, issue_id: int) -> tuple[StatusChange, ...]:
        """Return every status change of an issue, oldest first."""
        with self._lock:
            issue = self._issues.get(issue_id)
            return tuple(issue.history) if issue else ()

    def move(self, issue_id: int, move: Move, now: datetime, by: By = BY_ANYONE) -> Issue | None:  # noqa: ARG002
        """Move an issue and return it; None when there is no such issue. Memory keeps no audit log.

        Raises MoveRefusedError and ReasonMissingError.
        """
        with self._lock:
            issue = self._issues.get(issue_id)
            if issue is None:
                return None
            issue.state, change = move_issue(issue.state, move, issue.builds(), now)
            issue.history.append(evolve(change, fix=or_none(change.fix)))
            return issue.to_issue()

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by id."""
        with self._lock:
            return tuple(self._projects[project_id].to_project() for project_id in sorted(self._projects))

    def project(self, project_id: str) -> Project | None:
        """Return one project, or None."""
        with self._lock:
            project = self._projects.get(project_id)
            return None if project is None else project.to_project()

    def find_projects(self, query: ProjectQuery) -> Page[Project]:
        """Return one part of the list of projects, by id."""
        text = query.text.lower()
        found = [
            project
            for project in self.projects()
            if (query.cursor is None or project.project_id > query.cursor)
            and (query.among is None or project.project_id in query.among)
            and (text in project.project_id.lower() or text in project.name.lower())
        ]
        return page_of(found[: query.limit + 1], query)

    def project_numbers(self, project_ids: Sequence[str], now: datetime) -> Mapping[str, ProjectOverview]:
        """Return what is open in some projects and what they reported in the last 14 days, today's in UTC included."""
        return {each.project_id: each for each in self.overview(lately(project_ids, now)).projects}

    def put_project(
        self,
        project_id: str,
        changes: Mapping[str, str | None],
        now: datetime,
        by: By = BY_ANYONE,  # noqa: ARG002
    ) -> Project:
        """Set what ``changes`` names, leave the rest; create an unknown project."""
        with self._lock:
            project = self._projects.setdefault(project_id, _Project(project_id, now))
            if changes:
                project.change(changes, now)
            return project.to_project()

    def rank_rising(self, now: datetime) -> None:
        """Find out which issues rise."""
        day, week = last_day_since(now), days_before_since(now)
        ranking = Ranking()
        with self._lock:
            for issue in self._issues.values():
                if issue.state.last_seen >= day:
                    last_day = sum(count for (hour, _, _), count in issue.buckets.items() if hour >= day)
                    before = sum(count for (hour, _, _), count in issue.buckets.items() if week <= hour < day)
                    ranking.take([(score(last_day, before), issue.issue_id)])
            self._rising = ranking.scores

    def overview(self, query: OverviewQuery) -> Overview:
        """Return what happened in a period."""
        with self._lock:
            wanted = query.project_ids
            issues = [
                issue
                for issue in self._issues.values()
                if not issue.registration and (wanted is None or issue.first.raw.project_id in wanted)
            ]
            projects = [
                project.to_project()
                for project_id, project in self._projects.items()
                if wanted is None or project_id in wanted
            ]
            return RememberedOverview(query, issues).load(projects)

    def live_mark(self) -> LiveMark:
        """Return where everything stands now, for ``live_changes``."""
        with self._lock:
            return LiveMark(issue_id=len(self._issues), change_id=0)

    def live_changes(self, mark: LiveMark, watched: Collection[int], now: datetime) -> LiveChanges:  # noqa: ARG002
        """Return all issues: any of them may have changed since a mark, and there are few."""
        with self._lock:
            new = frozenset(range(mark.issue_id + 1, len(self._issues) + 1))
            issues = tuple(issue.to_live() for issue in self._issues.values())
            return LiveChanges(issues=issues, new=new, mark=evolve(mark, issue_id=len(issues)))

    def newer_issues(self, after: int, shown: Collection[int]) -> tuple[LiveIssue, ...]:
        """Return the issues with a higher number, and those that are shown, as they are now."""
        with self._lock:
            return tuple(
                issue.to_live() for issue_id, issue in self._issues.items() if issue_id > after or issue_id in shown
            )

    def newest_issue(self) -> int:
        """Return the number of the newest issue; 0 when there is none."""
        with self._lock:
            return len(self._issues)

    def count_by_status(self) -> dict[Status, int]:
        """Return how many issues there are of each status, registrations of projects among them."""
        with self._lock:
            return dict.fromkeys(Status, 0) | Counter(issue.state.status for issue in self._issues.values())

    def size_bytes(self) -> int:
        """Return 0: nothing is on a disk."""
        return 0

    def alarms_waiting(self) -> int:
        """Return 0: nobody is told of anything."""
        return 0

    def ping(self) -> None:
        """Do nothing: memory can be written."""

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""


@define
class _Project:
    project_id: str
    created_at: datetime
    updated_at: datetime = field(init=False)
    fields: dict[str, str | None] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.updated_at = self.created_at

    def fill_repository(self, reports: Iterable[Report], now: datetime) -> None:
        repo_url = next((report.repo_url for report in reports if report.repo_url), None)
        if repo_url and not self.fields.get("repo_url"):
            self.change({"repo_url": repo_url}, now)

    def change(self, changes: Mapping[str, str | None], now: datetime) -> None:
        self.fields |= changes
        self.updated_at = now

    def to_project(self) -> Project:
        get = self.fields.get
        return Project(
            project_id=self.project_id,
            name=get("name") or self.project_id,
            repo_url=get("repo_url"),
            local_path=get("local_path"),
            description=get("description"),
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


def _matches(issue: RememberedIssue, query: IssueQuery) -> bool:
    shown = issue.to_issue()
    properties = (
        (query.registration, issue.registration),
        (query.regressed, shown.regression_count > 0),
        (query.muted, query.muted is not None and _is_muted(issue, query)),
    )
    return (
        all(wanted is None or wanted is found for wanted, found in properties)
        and all(_has_one_of(shown, issue, name, getattr(query, name) or None) for name in _FILTERS)
        and not any(_has_one_of(shown, issue, name, getattr(query.without, name)) for name in _FILTERS)
        and (query.since is None or query.since <= shown.last_seen)
        and (query.until is None or shown.last_seen < query.until)
        and (query.first_since is None or query.first_since <= shown.first_seen)
        and all(_contains(shown, text) for text in query.texts)
        and not any(_contains(shown, text) for text in query.without.texts)
    )


_FILTERS: Final = ("project_id", "status", "source", "level", "environment", "version", "assignee")


def _is_muted(issue: RememberedIssue, query: IssueQuery) -> bool:
    return issue.mute is not None and not issue.mute.is_over(issue.state.occurrence_count, query.asking_at)


def _has_one_of(shown: Issue, issue: RememberedIssue, name: str, wanted: Sequence[str] | None) -> bool:
    if wanted is None:
        return True
    seen_with = {"environment": issue.seen[ENVIRONMENT].values, "version": issue.seen[BuildKind.VERSION].values}
    return not set(wanted).isdisjoint(seen_with[name] if name in seen_with else [getattr(shown, name) or NOBODY])


def _contains(shown: Issue, text: str) -> bool:
    parts = (shown.error.type, shown.error.message, shown.error.file_path or "")
    return any(contains(part, text.casefold()) for part in parts)


def _place(issue: RememberedIssue, sort: Sort) -> Place:
    ordered_by: datetime | int = getattr(issue.state, sort)
    return (ordered_by if isinstance(ordered_by, int) else microseconds(ordered_by)), issue.issue_id


def _page(places: Mapping[Place, Item], list_name: str, limit: int, cursor: str | None) -> Page[Item]:
    """Return what follows the cursor, the largest place first."""
    before = _read_cursor(list_name, cursor) if cursor else None
    rest = sorted((place for place in places if before is None or place < before), reverse=True)
    page = rest[:limit]
    next_cursor = f"{list_name}/{page[-1][0]}/{page[-1][1]}" if len(rest) > limit else None
    return Page(items=tuple(places[place] for place in page), next_cursor=next_cursor)


def _read_cursor(list_name: str, cursor: str) -> Place:
    made_for, *numbers = cursor.split("/")
    try:
        value, item_id = map(int, numbers)
    except ValueError:
        raise InvalidCursorError from None
    if made_for != list_name:
        raise InvalidCursorError
    return value, item_id
