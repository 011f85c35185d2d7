"""The store in a SQL database: transactions around the statements of the modules beside this one."""

import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.overview import OverviewQuery, lately
from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.domain.sample import KEPT_OCCURRENCES, limit_of_sample
from logcenter_collector.domain.workflow import Move, move_issue
from logcenter_collector.store import rows, tables
from logcenter_collector.store.access.audit import BY_ANYONE, AuditEntry, By, write_audit
from logcenter_collector.store.alarms.raising import raise_for_move
from logcenter_collector.store.alarms.repository import Alarms
from logcenter_collector.store.base import (
    Arrival,
    LiveChanges,
    LiveIssue,
    LiveMark,
    Page,
    Per,
    Prepared,
    StoreFullError,
    StoreUnavailableError,
)
from logcenter_collector.store.bulk import LostRaceError
from logcenter_collector.store.counted import SPARKLINE_DAYS, Sparkline
from logcenter_collector.store.database import Database, bulk_of
from logcenter_collector.store.dialects import BUSY_MILLISECONDS, insert
from logcenter_collector.store.events import Events, KeyedEvents, LoggedEvents
from logcenter_collector.store.kept import list_kept, load_occurrence
from logcenter_collector.store.kept_line import KeptLine
from logcenter_collector.store.listing import list_issues, list_occurrences
from logcenter_collector.store.live import first_mark, load_changes, load_newer, newest_issue
from logcenter_collector.store.loading import load_issues
from logcenter_collector.store.lookups import load_builds, load_sparklines, load_state, load_stats
from logcenter_collector.store.overview.reading import load_overview, load_projects
from logcenter_collector.store.project_list import list_projects
from logcenter_collector.store.recording import record
from logcenter_collector.store.search.counting import count_by_status
from logcenter_collector.store.search.indexing import ISSUES_AT_ONCE, index_queued
from logcenter_collector.store.teamwork.sql import SqlTeamwork
from logcenter_collector.store.upkeep.rising import rank_rising
from logcenter_collector.store.upkeep.space import measure
from logcenter_collector.store.writer import Writer
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.overview import Overview, ProjectOverview
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.status import Status

ATTEMPTS: Final = 20
"""How often a batch is tried that lost a race. The second try looks up what the first one took for granted, and is
seldom lost: when four collectors that have just started get the same new errors, a few were lost five times."""

PATIENCE_SECONDS: Final = BUSY_MILLISECONDS / 1_000
"""So long a batch waits on SQLite, for its turn among our own writers and for other processes together."""
IMPATIENCE_SECONDS: Final = 0.1
"""So long while nothing can be written: reports that wait behind a batch that failed have waited as long as it did."""
READY_AGAIN_SECONDS: Final = 5
"""After a failure the storage is not ready for so long, unless something is written meanwhile: a full disk is noticed
only by who writes. Then it is worth a try, which nobody would make while it is said not to be ready."""

LISTS_AT_ONCE: Final = 2
"""A list takes some megabytes and the interpreter's time; more of them at once would take longer and more memory."""


class SqlStore(SqlTeamwork):
    """A ``Store`` in a SQL database."""

    def __init__(self, database_url: str, *, kept_occurrences: int = KEPT_OCCURRENCES) -> None:
        """Open the database, create it if it is new, and bring it to the newest schema.

        ``kept_occurrences`` whole ones of an issue are kept at most. Raises UnknownDatabaseError, NewerDatabaseError,
        StoreUnavailableError, and ValueError for fewer than a sample needs.
        """
        self._kept_occurrences = limit_of_sample(kept_occurrences)
        self.database = Database(database_url)
        self._read, self._write = self.database.read, self.database.write
        self._lists = threading.BoundedSemaphore(LISTS_AT_ONCE)
        self._events: Events = KeyedEvents() if self.database.is_postgresql else LoggedEvents()
        self._batches = Writer(self.database.engine)
        self.alarms: Final = Alarms(self.database)
        self._rulebook = self.alarms.rulebook
        self.batches = 0
        """How many were recorded so far: who works in the background looks whether there are many just now."""
        self.is_full = False
        """Whether the database is over its budget; whoever watches it says so."""
        try:
            self.database.migrate()
            self._rulebook.reload()
        except BaseException:
            self.close()
            raise

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Commit the arrivals as one transaction and return their answers in the same order.

        Raises StoreFullError and StoreUnavailableError.
        """
        if self.is_full:
            raise StoreFullError("The database is over its budget.")
        for attempt in range(ATTEMPTS):
            try:
                with self.database.writing.watched(), self.database.turn_within(self._patience()) as seconds:
                    self._batches.wait_for_others(round(seconds * 1_000))
                    return self._record(arrivals, careful=attempt > 0)
            except LostRaceError:
                continue
        raise StoreUnavailableError("Other collectors began the same issues again and again.")

    def _patience(self) -> float:
        failing = self.database.writing.failed_within(READY_AGAIN_SECONDS)
        return IMPATIENCE_SECONDS if failing else PATIENCE_SECONDS

    def prepare(self, arrivals: Sequence[Arrival]) -> Prepared | None:
        """As ``record``, but for the commit; None, with nothing recorded, where one would have to wait for somebody."""
        if self.database.is_postgresql or self.is_full or not self.database.turn.acquire(blocking=False):
            return None
        try:
            self._batches.wait_for_others(0)
            answers = self._fold(arrivals, careful=False)
            return Prepared(answers, self._commit_prepared)
        except BaseException as error:
            self._batches.undo()
            self.database.turn.release()
            if isinstance(error, sqlite3.OperationalError):  # locked by another process, as a rule
                return None
            raise

    def _commit_prepared(self) -> None:
        try:
            with self.database.writing.watched():
                self._batches.commit()
            self._committed()
        finally:
            self.database.turn.release()

    def _record(self, arrivals: Sequence[Arrival], *, careful: bool) -> list[Answer]:
        try:
            answers = self._fold(arrivals, careful=careful)
            self._batches.commit()
        except BaseException:
            self._batches.undo()
            raise
        self._committed()
        return answers

    def _committed(self) -> None:
        self._events.committed()
        self._rulebook.committed()

    def _fold(self, arrivals: Sequence[Arrival], *, careful: bool) -> list[Answer]:
        self.batches += 1
        limit = self._kept_occurrences
        return record(self._batches.begin(), arrivals, self._events, self._rulebook, careful=careful, limit=limit)

    def issues(self, query: IssueQuery) -> Page[Issue]:
        """Return one page of issues. Raises InvalidCursorError."""
        with self._lists, self._read() as connection:
            return list_issues(bulk_of(connection), query)

    def issue(self, issue_id: int) -> Issue | None:
        """Return one issue, or None."""
        with self._read() as connection:
            return _load_issue(connection, issue_id)

    def project_of(self, issue_id: int) -> str | None:
        """Return the project of an issue; None when there is no such issue."""
        table = tables.issues
        with self._read() as connection:
            return connection.execute(select(table.c.project_id).where(table.c.id == issue_id)).scalar_one_or_none()

    def occurrences(self, issue_id: int, *, limit: int = 50, cursor: str | None = None) -> Page[Occurrence]:
        """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
        with self._read() as connection:
            return list_occurrences(connection, issue_id, limit, cursor)

    def kept(self, issue_id: int) -> tuple[KeptLine, ...]:
        """Return a line of each kept occurrence of an issue, newest first."""
        with self._read() as connection:
            return list_kept(connection, issue_id)

    def occurrence(self, issue_id: int, number: int) -> Occurrence | None:
        """Return one kept occurrence by its id, or None."""
        with self._read() as connection:
            return load_occurrence(connection, issue_id, number)

    def stats(self, issue_id: int, per: Per, since: datetime, until: datetime) -> tuple[StatsBucket, ...]:
        """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
        with self._read() as connection:
            return load_stats(bulk_of(connection), issue_id, per, since, until)

    def sparklines(self, issue_ids: Sequence[int], now: datetime, days: int = SPARKLINE_DAYS) -> dict[int, Sparkline]:
        """Return how often each issue occurred on each of the last days, oldest first; days are days in UTC."""
        with self._read() as connection:
            return load_sparklines(bulk_of(connection), issue_ids, now, days)

    def history(self, issue_id: int) -> tuple[StatusChange, ...]:
        """Return every status change of an issue, oldest first."""
        table = tables.history
        with self._read() as connection:
            found = connection.execute(select(table).where(table.c.issue_id == issue_id).order_by(table.c.id))
            return tuple(rows.to_change(row) for row in found.mappings())

    def move(self, issue_id: int, move: Move, now: datetime, by: By = BY_ANYONE) -> Issue | None:
        """Move an issue and return it; None when there is no such issue. ``by`` is for the audit log.

        Raises MoveRefusedError and ReasonMissingError.
        """
        with self._write() as connection:
            state = load_state(connection, issue_id)
            if state is None:
                return None
            moved, change = move_issue(state, move, load_builds(connection, issue_id), now)
            table = tables.issues
            connection.execute(update(table).where(table.c.id == issue_id).values(rows.of_state(moved)))
            connection.execute(tables.history.insert(), rows.of_move(issue_id, change))
            connection.execute(tables.search_queue.insert(), {"first_issue_id": issue_id, "last_issue_id": issue_id})
            if moved.builds_before_fix != state.builds_before_fix:
                seen_with = tables.seen_with
                connection.execute(update(seen_with).where(seen_with.c.issue_id == issue_id).values(before_fix=True))
            issue = _load_issue(connection, issue_id)
            assert issue is not None
            raise_for_move(bulk_of(connection), self._rulebook, issue, change)
            write_audit(connection, _entry_of(issue, change, by))
        self._rulebook.committed()
        return issue

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by id."""
        with self._read() as connection:
            found = [rows.to_project(row) for row in connection.execute(select(tables.projects)).mappings()]
        # Sorted here, because a database sorts by the locale that it was made with.
        return tuple(sorted(found, key=lambda project: project.project_id))

    def project(self, project_id: str) -> Project | None:
        """Return one project, or None."""
        with self._read() as connection:
            return _load_project(connection, project_id)

    def find_projects(self, query: ProjectQuery) -> Page[Project]:
        """Return one part of the list of projects, by id."""
        with self._read() as connection:
            return list_projects(connection, query)

    def project_numbers(self, project_ids: Sequence[str], now: datetime) -> Mapping[str, ProjectOverview]:
        """Return what is open in some projects and what they reported in the last 14 days, today's in UTC included."""
        with self._lists, self._read() as connection:
            return load_projects(bulk_of(connection), lately(project_ids, now))

    def put_project(
        self, project_id: str, changes: Mapping[str, str | None], now: datetime, by: By = BY_ANYONE
    ) -> Project:
        """Set what ``changes`` names, leave the rest; create an unknown project."""
        table = tables.projects
        new = {"project_id": project_id, "created_at": now, "updated_at": now}
        with self._write() as connection:
            create = insert(connection, table).values(new).on_conflict_do_nothing().returning(table.c.project_id)
            is_new = connection.execute(create).first() is not None
            this = table.c.project_id == project_id
            before = connection.execute(select(table).where(this).with_for_update()).mappings().one()
            if changes:
                connection.execute(update(table).where(this).values({**changes, "updated_at": now}))
            changed = {name: value for name, value in changes.items() if value != before[name]}
            if is_new or changed:
                write_audit(connection, _entry_of_project(project_id, changed, by, now))
            project = _load_project(connection, project_id)
            assert project is not None
            return project

    def overview(self, query: OverviewQuery) -> Overview:
        """Return what happened in a period."""
        with self._lists, self._read() as connection:
            return load_overview(bulk_of(connection), query)

    def live_mark(self) -> LiveMark:
        """Return where everything stands now, for ``live_changes``."""
        with self._read() as connection:
            return first_mark(bulk_of(connection))

    def live_changes(self, mark: LiveMark, watched: Collection[int], now: datetime) -> LiveChanges:
        """Return what may have changed since a mark, and the issues that are watched, as they are now."""
        with self._read() as connection:
            return load_changes(bulk_of(connection), mark, watched, now)

    def newer_issues(self, after: int, shown: Collection[int]) -> tuple[LiveIssue, ...]:
        """Return the issues with a higher number, the latest of them, and those that are shown, as they are now."""
        with self._read() as connection:
            return load_newer(bulk_of(connection), after, shown)

    def newest_issue(self) -> int:
        """Return the number of the newest issue; 0 when there is none."""
        with self._read() as connection:
            return newest_issue(bulk_of(connection))

    def index_search(self, limit: int = ISSUES_AT_ONCE) -> bool:
        """Bring some of the queued issues into the search index, and return whether there were more."""
        return index_queued(self._read, self._write, limit)

    def rank_rising(self, now: datetime) -> None:
        """Find out which issues rise."""
        for _ in rank_rising(self.database, now):
            pass

    def count_by_status(self) -> dict[Status, int]:
        """Return how many issues there are of each status, registrations of projects among them."""
        with self._read() as connection:
            return count_by_status(bulk_of(connection))

    def size_bytes(self) -> int:
        """Return how much disk the database takes."""
        return measure(self.database).on_disk

    def alarms_waiting(self) -> int:
        """Return how many alarms are not sent yet."""
        return self.alarms.outbox.waiting()

    def ping(self) -> None:
        """Do nothing if the storage can be written. Raises StoreUnavailableError."""
        with self.database.try_to_write():
            pass
        if self.database.writing.failed_within(READY_AGAIN_SECONDS):
            raise StoreUnavailableError("What was to be written last could not be written.")

    def close(self) -> None:
        """Give back the connections."""
        self._batches.close()
        self.database.close()


def _load_issue(connection: Connection, issue_id: int) -> Issue | None:
    return next(iter(load_issues(bulk_of(connection), [issue_id])), None)


def _entry_of(issue: Issue, change: StatusChange, by: By) -> AuditEntry:
    detail = {"from": change.from_, "to": change.to, "actor": change.actor, "override": change.override}
    return AuditEntry(
        at=change.at,
        by=by,
        action="issue.move",
        project_id=issue.project_id,
        subject=str(issue.id),
        detail={name: value for name, value in detail.items() if value},
    )


def _entry_of_project(project_id: str, changed: Mapping[str, str | None], by: By, now: datetime) -> AuditEntry:
    return AuditEntry(at=now, by=by, action="project.put", project_id=project_id, subject=project_id, detail=changed)


def _load_project(connection: Connection, project_id: str) -> Project | None:
    found = connection.execute(select(tables.projects).where(tables.projects.c.project_id == project_id))
    row = found.mappings().first()
    return None if row is None else rows.to_project(row)
