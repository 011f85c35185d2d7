"""Teamwork in memory: what every store does, said as plainly as can be. Memory keeps no audit log."""

import threading
from datetime import datetime

from logcenter_collector.domain.commenting import NotYoursError, may_delete
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.access.audit import BY_ANYONE, By
from logcenter_collector.store.remembered import RememberedIssue
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.teamwork import Comment, SavedView, SavedViewRequest


class MemoryTeamwork:
    """The part of the store in memory that is about teamwork."""

    _lock: threading.Lock
    _issues: dict[int, RememberedIssue]

    def __init__(self) -> None:
        self._comments: dict[int, Comment] = {}
        self._views: dict[int, tuple[str | None, SavedView]] = {}
        self._given = 0
        """The last id that was given."""

    def assign(self, issue_id: int, assignee: str | None, now: datetime, by: By = BY_ANYONE) -> Issue | None:  # noqa: ARG002
        """Say who cares for an issue, None being nobody, and return it; None when there is no such issue."""
        with self._lock:
            if (issue := self._issues.get(issue_id)) is None:
                return None
            issue.assignee = assignee
            return issue.to_issue()

    def mute(self, issue_id: int, wish: MuteWish, now: datetime, by: By = BY_ANYONE) -> Issue | None:  # noqa: ARG002
        """Mute an issue, or end that where nothing is wished, and return it; None when there is no such issue."""
        with self._lock:
            if (issue := self._issues.get(issue_id)) is None:
                return None
            issue.mute = wish.of(issue.state.occurrence_count)
            return issue.to_issue()

    def comments(self, issue_id: int) -> tuple[Comment, ...]:
        """Return all that was said about an issue, oldest first."""
        with self._lock:
            return tuple(comment for comment in self._comments.values() if comment.issue_id == issue_id)

    def comment(
        self,
        issue_id: int,
        text: str,
        author: str | None,
        now: datetime,
        by: By = BY_ANYONE,  # noqa: ARG002
    ) -> Comment | None:
        """Say something about an issue; None when there is no such issue."""
        with self._lock:
            if issue_id not in self._issues:
                return None
            said = Comment(id=self._new_id(), issue_id=issue_id, at=now, author=author, text=text)
            self._comments[said.id] = said
            return said

    def delete_comment(self, issue_id: int, comment_id: int, now: datetime, by: By = BY_ANYONE) -> bool:  # noqa: ARG002
        """Delete a comment; False when there is no such one. Raises NotYoursError."""
        with self._lock:
            said = self._comments.get(comment_id)
            if said is None or said.issue_id != issue_id:
                return False
            if not may_delete(said.author, by.principal):
                raise NotYoursError
            del self._comments[comment_id]
            return True

    def saved_views(self, owner: str) -> tuple[SavedView, ...]:
        """Return somebody's saved views and everybody's, in the order of their names."""
        with self._lock:
            shown = [view for whose, view in self._views.values() if whose in {None, owner}]
        return tuple(sorted(shown, key=lambda view: (view.name, view.id)))

    def save_view(self, view: SavedViewRequest, now: datetime, by: By = BY_ANYONE) -> SavedView:
        """Save a view, for whoever does it or for everybody."""
        with self._lock:
            saved = SavedView(id=self._new_id(), name=view.name, query=view.query, shared=view.shared, created_at=now)
            self._views[saved.id] = None if view.shared else by.principal.name, saved
            return saved

    def delete_view(self, view_id: int, now: datetime, by: By = BY_ANYONE) -> bool:  # noqa: ARG002
        """Delete a view of one's own or one of everybody's; False when there is no such one."""
        with self._lock:
            if view_id not in self._views or self._views[view_id][0] not in {None, by.principal.name}:
                return False
            del self._views[view_id]
            return True

    def _new_id(self) -> int:
        self._given += 1
        return self._given
