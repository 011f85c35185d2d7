"""The storage as one principal sees it: what is limited to some projects is shown nothing of others.

The web layer is given views and never the store itself, so no handler can forget to look whose it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from logcenter_collector.access.doorway import NotAllowedError
from logcenter_collector.domain.access import PrincipalKind
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.domain.overview import OverviewQuery
from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.domain.query_language import terms_of
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.base import Page, Per, Store
from logcenter_collector.store.counted import SPARKLINE_DAYS, Sparkline
from logcenter_collector.store.kept_line import KeptLine
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.overview import Overview, ProjectOverview
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.teamwork import Comment, CommentRequest, SavedView, SavedViewRequest

_NOTHING: Final[Page[Any]] = Page(items=(), next_cursor=None)


@frozen
class View:
    """What one principal sees of the storage, and what it does there in its own name."""

    _store: Store
    by: By

    def issues(self, query: IssueQuery) -> Page[Issue]:
        """Return one page of issues. Raises InvalidCursorError."""
        shown = self.by.principal.projects
        if shown is None:
            return self._store.issues(query)
        wanted = shown.intersection(query.project_id) if query.project_id else shown
        return self._store.issues(evolve(query, project_id=tuple(sorted(wanted)))) if wanted else _NOTHING

    def issue(self, issue_id: int) -> Issue | None:
        """Return one issue, or None."""
        issue = self._store.issue(issue_id)
        return issue if issue is not None and self.by.principal.sees(issue.project_id) else None

    def exists(self, issue_id: int) -> bool:
        """Whether there is such an issue."""
        project_id = self._store.project_of(issue_id)
        return project_id is not None and self.by.principal.sees(project_id)

    def occurrences(self, issue_id: int, *, limit: int = 50, cursor: str | None = None) -> Page[Occurrence]:
        """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
        return self._store.occurrences(issue_id, limit=limit, cursor=cursor) if self._shows(issue_id) else _NOTHING

    def kept(self, issue_id: int) -> tuple[KeptLine, ...]:
        """Return a line of each kept occurrence of an issue, newest first."""
        return self._store.kept(issue_id) if self._shows(issue_id) else ()

    def occurrence(self, issue_id: int, number: int) -> Occurrence | None:
        """Return one kept occurrence by its id, or None."""
        return self._store.occurrence(issue_id, number) if self._shows(issue_id) else None

    def stats(self, issue_id: int, per: Per, since: datetime, until: datetime) -> tuple[StatsBucket, ...]:
        """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
        return self._store.stats(issue_id, per, since, until) if self._shows(issue_id) else ()

    def sparklines(self, issues: Iterable[Issue], now: datetime, days: int = SPARKLINE_DAYS) -> Mapping[int, Sparkline]:
        """Return how often each issue occurred on each of the last days, oldest first; days are days in UTC.

        They name their projects, so that nobody has to look up whose each of a page is.
        """
        shown = [issue.id for issue in issues if self.by.principal.sees(issue.project_id)]
        return self._store.sparklines(shown, now, days)

    def history(self, issue_id: int) -> tuple[StatusChange, ...]:
        """Return every status change of an issue, oldest first."""
        return self._store.history(issue_id) if self._shows(issue_id) else ()

    def move(self, issue_id: int, move: Move, now: datetime) -> Issue | None:
        """Move an issue and return it; None when there is no such issue. Raises MoveRefusedError, ReasonMissingError.

        Where people sign in, whoever signed in is the actor, and the one that was named is who it is done for.
        """
        if not self._shows(issue_id):
            return None
        return self._store.move(issue_id, self._signed(move), now, self.by)

    def assign(self, issue_id: int, assignee: str | None, now: datetime) -> Issue | None:
        """Say who cares for an issue, None being nobody, and return it; None when there is no such issue."""
        return self._store.assign(issue_id, assignee, now, self.by) if self._shows(issue_id) else None

    def mute(self, issue_id: int, wish: MuteWish, now: datetime) -> Issue | None:
        """Mute an issue, or end that where nothing is wished, and return it; None when there is no such issue."""
        return self._store.mute(issue_id, wish, now, self.by) if self._shows(issue_id) else None

    def comments(self, issue_id: int) -> tuple[Comment, ...]:
        """Return all that was said about an issue, oldest first."""
        return self._store.comments(issue_id) if self._shows(issue_id) else ()

    def comment(self, issue_id: int, request: CommentRequest, now: datetime) -> Comment | None:
        """Say something about an issue; None when there is no such issue. Whoever signed in is the author."""
        if not self._shows(issue_id):
            return None
        principal = self.by.principal
        author = request.author if principal.kind is PrincipalKind.ANYONE else principal.name
        return self._store.comment(issue_id, request.text, author, now, self.by)

    def delete_comment(self, issue_id: int, comment_id: int, now: datetime) -> bool:
        """Delete a comment; False when there is no such one. Raises NotYoursError."""
        return self._shows(issue_id) and self._store.delete_comment(issue_id, comment_id, now, self.by)

    def saved_views(self) -> tuple[SavedView, ...]:
        """Return one's own saved views and everybody's, in the order of their names.

        Of everybody's, who is limited to some projects is shown those that name no other.
        """
        return tuple(each for each in self._store.saved_views(self.by.principal.name) if self._sees_view(each))

    def save_view(self, view: SavedViewRequest, now: datetime) -> SavedView:
        """Save a view, for oneself or for everybody. Raises NotAllowedError."""
        if view.shared and not self.by.principal.may_everywhere:
            raise NotAllowedError("A view for everybody is about all projects, and you are limited to some.")
        return self._store.save_view(view, now, self.by)

    def delete_view(self, view_id: int, now: datetime) -> bool:
        """Delete a view of one's own or one of everybody's; False when there is no such one.

        Who is limited to some projects has no say in everybody's. Raises NotAllowedError.
        """
        found = next((each for each in self.saved_views() if each.id == view_id), None)
        if found is not None and found.shared and not self.by.principal.may_everywhere:
            raise NotAllowedError("A view of everybody's is about all projects, and you are limited to some.")
        return found is not None and self._store.delete_view(view_id, now, self.by)

    def _sees_view(self, view: SavedView) -> bool:
        named = (value for term in terms_of(view.query) if term.key == "project" for value in term.values)
        return not view.shared or all(map(self.by.principal.sees, named))

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by id."""
        return tuple(project for project in self._store.projects() if self.by.principal.sees(project.project_id))

    def project(self, project_id: str) -> Project | None:
        """Return one project, or None."""
        return self._store.project(project_id) if self.by.principal.sees(project_id) else None

    def find_projects(self, query: ProjectQuery) -> Page[Project]:
        """Return one part of the list of projects, by id."""
        shown = self.by.principal.projects
        return self._store.find_projects(query if shown is None else evolve(query, among=tuple(sorted(shown))))

    def project_numbers(self, projects: Sequence[Project], now: datetime) -> Mapping[str, ProjectOverview]:
        """Return what is open in some projects and what they reported in the last 14 days, today's in UTC included."""
        return self._store.project_numbers([each.project_id for each in projects if self._sees(each)], now)

    def latest_issue(self, project_id: str) -> Issue | None:
        """Return what was last reported of a project, be it muted or a registration; None before the first report."""
        found = self.issues(IssueQuery(project_id=(project_id,), registration=None, limit=1)).items
        return found[0] if found else None

    def put_project(self, project_id: str, changes: Mapping[str, str | None], now: datetime) -> Project | None:
        """Set what ``changes`` names, leave the rest; create an unknown project. None where it is not shown."""
        if not self.by.principal.sees(project_id):
            return None
        return self._store.put_project(project_id, changes, now, self.by)

    def overview(self, query: OverviewQuery) -> Overview:
        """Return what happened in a period."""
        shown, asked = self.by.principal.projects, query.project_ids
        if shown is None:
            return self._store.overview(query)
        wanted = shown if asked is None else shown.intersection(asked)
        return self._store.overview(evolve(query, project_ids=tuple(sorted(wanted))))

    def newest_issue(self) -> int:
        """Return the number of the newest issue, of whatever project; 0 when there is none."""
        return self._store.newest_issue()

    def _sees(self, project: Project) -> bool:
        return self.by.principal.sees(project.project_id)

    def _shows(self, issue_id: int) -> bool:
        return self.by.principal.may_everywhere or self.exists(issue_id)

    def _signed(self, move: Move) -> Move:
        principal = self.by.principal
        if principal.kind is PrincipalKind.ANYONE:
            return move
        named = None if move.actor == principal.name else move.actor
        return evolve(move, actor=principal.name, on_behalf_of=named)
