"""What a page that is open is told: which issues changed, in the reader's language. Pure: values in, bytes out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import msgspec
from attrs import define, evolve, field, frozen

from logcenter_collector.domain.access import Principal
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.base import LiveChanges, LiveIssue
from logcenter_collector.store.live_filter import is_listed
from logcenter_collector.web.ui.languages import Catalogue
from logcenter_collector.web.ui.moments import ago, exactly

HEARTBEAT: Final = b": still here\n\n"
"""A comment: it keeps proxies from ending a connection on which nothing happens."""

Face = tuple[object, ...]
"""What a list shows of an issue."""


@frozen
class News:
    """The issues that changed since the last look."""

    issues: tuple[LiveIssue, ...]
    new: frozenset[int]
    back: frozenset[int]
    """Those that came back."""
    newest: int
    """The number of the newest issue there is."""


@define
class Memory:
    """What was seen at the last look; of two looks, only the difference is news."""

    faces: dict[int, LiveIssue] = field(factory=dict)
    is_first: bool = True

    def compare(self, changes: LiveChanges) -> News:
        """Return what is different, and remember what is there now."""
        changed = tuple(issue for issue in changes.issues if self._is_news(issue, changes.new))
        back = frozenset(issue.id for issue in changed if self._came_back(issue))
        self.faces = {issue.id: issue for issue in changes.issues}
        self.is_first = False
        return News(changed, changes.new, back, changes.mark.issue_id)

    def learn(self, issues: Iterable[LiveIssue]) -> None:
        """Remember issues that somebody begins to look at: that they are looked at is no news."""
        for issue in issues:
            self.faces.setdefault(issue.id, issue)

    def _is_news(self, issue: LiveIssue, new: frozenset[int]) -> bool:
        if issue.id in new:
            return True
        before = self.faces.get(issue.id)
        return not self.is_first if before is None else before != issue

    def _came_back(self, issue: LiveIssue) -> bool:
        before = self.faces.get(issue.id)
        return before is not None and before.regression_count < issue.regression_count


@frozen(kw_only=True)
class Reader:
    """Who looks at a page: which list, in which language, and what is shown to them."""

    query: IssueQuery
    principal: Principal
    t: Catalogue
    shown: frozenset[int] = frozenset()
    """The issues whose rows are on the page."""

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for readers who are told the same of what is not on their pages."""
        return evolve(self.query, asked_at=None), self.principal.projects, self.t.code


@frozen(slots=False)
class Edition:
    """The news for readers of the same list."""

    news: News
    reader: Reader
    now: datetime

    @cached_property
    def _visible(self) -> tuple[LiveIssue, ...]:
        return tuple(issue for issue in self.news.issues if self.reader.principal.sees(issue.project_id))

    @cached_property
    def _listed(self) -> tuple[LiveIssue, ...]:
        return tuple(issue for issue in self._visible if is_listed(issue, self.reader.query, self.now))

    @cached_property
    def _reports(self) -> bytes:
        """One event for each project in which something was reported."""
        wanted = self.reader.query.project_id
        latest = {issue.project_id: issue for issue in self._visible if not wanted or issue.project_id in wanted}
        return b"".join(
            event("report", {"project": project_id, "issue": issue.id}, self.news.newest)
            for project_id, issue in latest.items()
        )

    def messages(self, shown: frozenset[int]) -> bytes:
        """Return the events for a reader on whose page these issues are; nothing where it does not concern them."""
        items = [self._in_full(issue) for issue in self._visible if issue.id in shown]
        items += [self._in_brief(issue) for issue in self._listed if issue.id not in shown]
        changed = event("issues", items, self.news.newest) if items else b""
        return changed + self._reports

    def _in_brief(self, issue: LiveIssue) -> Mapping[str, Any]:
        return {"id": issue.id, "new": issue.id in self.news.new or issue.id in self.news.back}

    def _in_full(self, issue: LiveIssue) -> Mapping[str, Any]:
        return row_of(issue, self.reader.t, self.now)


def row_of(issue: LiveIssue, t: Catalogue, now: datetime) -> Mapping[str, Any]:
    """Return what the row of an issue shows, as texts."""
    return {
        "id": issue.id,
        "status": issue.status.value,
        "label": t(f"status.{issue.status.value}"),
        "count": f"{issue.occurrence_count:,}",
        "back": t("inbox.regressions", n=issue.regression_count) if issue.regression_count else "",
        "muted": issue.mute is not None and not issue.mute.is_over(issue.occurrence_count, now),
        "assignee": issue.assignee or "",
        "care": issue.assignee or t("views.unassigned"),
        "seen": issue.last_seen.isoformat(),
        "ago": ago(issue.last_seen, now, t),
        "exactly": exactly(issue.last_seen),
    }


def welcome(newer: Sequence[LiveIssue], reader: Reader, newest: int, now: datetime) -> bytes:
    """Return what a page is told that was rendered a moment ago: its rows as they are now, and what came meanwhile."""
    new = frozenset(issue.id for issue in newer) - reader.shown
    news = News(tuple(newer), new, frozenset(), newest)
    return b"retry: 3000\n\n" + Edition(news, reader, now).messages(reader.shown)


def event(name: str, value: object, number: int) -> bytes:
    """Return a server-sent event; a browser that comes back says the number of the last one."""
    return b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), number, msgspec.json.encode(value))
