"""Teamwork in a SQL database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, or_, select

from logcenter_collector.domain.commenting import NotYoursError, may_delete
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.access.audit import BY_ANYONE, AuditEntry, By, write_audit
from logcenter_collector.store.alarms.outbox import forget_untold
from logcenter_collector.store.database import Database, bulk_of
from logcenter_collector.store.dialects import insert
from logcenter_collector.store.loading import load_issues
from logcenter_collector.store.tables import issues
from logcenter_collector.store.teamwork.tables import assignments, comments, mutes, saved_views
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.teamwork import Comment, SavedView, SavedViewRequest


class SqlTeamwork:
    """The part of a ``Store`` in a SQL database that is about teamwork."""

    database: Database

    def assign(self, issue_id: int, assignee: str | None, now: datetime, by: By = BY_ANYONE) -> Issue | None:
        """Say who cares for an issue, None being nobody, and return it; None when there is no such issue."""
        with self.database.write() as connection:
            if (issue := _lock(connection, issue_id)) is None:
                return None
            if assignee is None:
                connection.execute(delete(assignments).where(assignments.c.issue_id == issue_id))
            else:
                row = {"assignee": assignee, "assigned_at": now}
                adding = insert(connection, assignments).values(issue_id=issue_id, **row)
                connection.execute(adding.on_conflict_do_update(index_elements=["issue_id"], set_=row))
            write_audit(connection, _entry("issue.assign", issue, now, by, {"assignee": assignee}))
            return _load(connection, issue_id)

    def mute(self, issue_id: int, wish: MuteWish, now: datetime, by: By = BY_ANYONE) -> Issue | None:
        """Mute an issue, or end that where nothing is wished, and return it; None when there is no such issue."""
        with self.database.write() as connection:
            if (issue := _lock(connection, issue_id)) is None:
                return None
            mute = wish.of(issue["occurrence_count"])
            connection.execute(delete(mutes).where(mutes.c.issue_id == issue_id))
            if mute is not None:
                row = {"issue_id": issue_id, "until": mute.until, "until_count": mute.until_count, "muted_at": now}
                connection.execute(mutes.insert(), row)
                forget_untold(connection, issue_id)
            detail = {"until": wish.until and str(wish.until), "more": wish.more}
            write_audit(connection, _entry("issue.mute" if mute else "issue.unmute", issue, now, by, detail))
            return _load(connection, issue_id)

    def comments(self, issue_id: int) -> tuple[Comment, ...]:
        """Return all that was said about an issue, oldest first."""
        with self.database.read() as connection:
            found = connection.execute(
                select(comments).where(comments.c.issue_id == issue_id).order_by(comments.c.id)
            ).mappings()
            return tuple(Comment(**row) for row in found)

    def comment(
        self, issue_id: int, text: str, author: str | None, now: datetime, by: By = BY_ANYONE
    ) -> Comment | None:
        """Say something about an issue; None when there is no such issue."""
        row = {"issue_id": issue_id, "at": now, "author": author, "text": text}
        with self.database.write() as connection:
            if (issue := _lock(connection, issue_id)) is None:
                return None
            comment_id = connection.execute(comments.insert().returning(comments.c.id), row).scalar_one()
            write_audit(connection, _entry("comment.create", issue, now, by, {"comment": comment_id}))
        return Comment(id=comment_id, issue_id=issue_id, at=now, author=author, text=text)

    def delete_comment(self, issue_id: int, comment_id: int, now: datetime, by: By = BY_ANYONE) -> bool:
        """Delete a comment; False when there is no such one. Raises NotYoursError."""
        this = (comments.c.id == comment_id, comments.c.issue_id == issue_id)
        with self.database.write() as connection:
            issue = _lock(connection, issue_id)
            found = connection.execute(select(comments.c.author).where(*this)).first()
            if issue is None or found is None:
                return False
            if not may_delete(found.author, by.principal):
                raise NotYoursError
            connection.execute(delete(comments).where(*this))
            write_audit(connection, _entry("comment.delete", issue, now, by, {"comment": comment_id}))
            return True

    def saved_views(self, owner: str) -> tuple[SavedView, ...]:
        """Return somebody's saved views and everybody's, in the order of their names."""
        with self.database.read() as connection:
            found = connection.execute(select(saved_views).where(_shown_to(owner))).mappings()
            views = [_saved_view(row) for row in found]
        # Sorted here, because a database sorts by the locale that it was made with.
        return tuple(sorted(views, key=lambda view: (view.name, view.id)))

    def save_view(self, view: SavedViewRequest, now: datetime, by: By = BY_ANYONE) -> SavedView:
        """Save a view, for whoever does it or for everybody."""
        owner = None if view.shared else by.principal.name
        row = {"owner": owner, "name": view.name, "query": view.query, "created_at": now}
        with self.database.write() as connection:
            view_id = connection.execute(saved_views.insert().returning(saved_views.c.id), row).scalar_one()
            detail = {"name": view.name, "shared": view.shared}
            write_audit(
                connection, AuditEntry(at=now, by=by, action="view.create", subject=str(view_id), detail=detail)
            )
        return SavedView(id=view_id, name=view.name, query=view.query, shared=view.shared, created_at=now)

    def delete_view(self, view_id: int, now: datetime, by: By = BY_ANYONE) -> bool:
        """Delete a view of one's own or one of everybody's; False when there is no such one."""
        with self.database.write() as connection:
            this = delete(saved_views).where(saved_views.c.id == view_id, _shown_to(by.principal.name))
            if not connection.execute(this).rowcount:
                return False
            write_audit(connection, AuditEntry(at=now, by=by, action="view.delete", subject=str(view_id)))
            return True


def _lock(connection: Connection, issue_id: int) -> RowMapping | None:
    """Return what is needed of an issue, which no report may count in until the transaction ends; None if unknown."""
    wanted = select(issues.c.id, issues.c.project_id, issues.c.occurrence_count).where(issues.c.id == issue_id)
    return connection.execute(wanted.with_for_update()).mappings().first()


def _load(connection: Connection, issue_id: int) -> Issue:
    [issue] = load_issues(bulk_of(connection), [issue_id])
    return issue


def _entry(action: str, issue: RowMapping, now: datetime, by: By, detail: Mapping[str, Any]) -> AuditEntry:
    said = {name: value for name, value in detail.items() if value is not None}
    return AuditEntry(
        at=now, by=by, action=action, project_id=issue["project_id"], subject=str(issue["id"]), detail=said
    )


def _shown_to(owner: str) -> Any:  # noqa: ANN401 - a condition of SQLAlchemy
    return or_(saved_views.c.owner.is_(None), saved_views.c.owner == owner)


def _saved_view(row: RowMapping) -> SavedView:
    return SavedView(
        id=row["id"],
        name=row["name"],
        query=row["query"],
        shared=row["owner"] is None,
        created_at=row["created_at"],
    )
