"""The storage port of teamwork: assignees, mutes, comments, saved views. ``store/base.py`` has the rest."""

from datetime import datetime
from typing import Protocol

from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.access.audit import BY_ANYONE, By
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.teamwork import Comment, SavedView, SavedViewRequest


class Teamwork(Protocol):
    """Who cares for issues. ``by`` is for the audit log, and says whose something is."""

    def assign(self, issue_id: int, assignee: str | None, now: datetime, by: By = BY_ANYONE) -> Issue | None:
        """Say who cares for an issue, None being nobody, and return it; None when there is no such issue."""
        ...

    def mute(self, issue_id: int, wish: MuteWish, now: datetime, by: By = BY_ANYONE) -> Issue | None:
        """Mute an issue, or end that where nothing is wished, and return it; None when there is no such issue."""
        ...

    def comments(self, issue_id: int) -> tuple[Comment, ...]:
        """Return all that was said about an issue, oldest first."""
        ...

    def comment(
        self, issue_id: int, text: str, author: str | None, now: datetime, by: By = BY_ANYONE
    ) -> Comment | None:
        """Say something about an issue; None when there is no such issue."""
        ...

    def delete_comment(self, issue_id: int, comment_id: int, now: datetime, by: By = BY_ANYONE) -> bool:
        """Delete a comment; False when there is no such one. Raises NotYoursError."""
        ...

    def saved_views(self, owner: str) -> tuple[SavedView, ...]:
        """Return somebody's saved views and everybody's, in the order of their names."""
        ...

    def save_view(self, view: SavedViewRequest, now: datetime, by: By = BY_ANYONE) -> SavedView:
        """Save a view, for whoever does it or for everybody."""
        ...

    def delete_view(self, view_id: int, now: datetime, by: By = BY_ANYONE) -> bool:
        """Delete a view of one's own or one of everybody's; False when there is no such one."""
        ...
