"""The storage port: the verbs that the rest of the collector knows. Drivers: ``store/sql.py``.

Every method is synchronous, thread-safe and one transaction; the web layer calls it from worker threads.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from logcenter_collector.domain.workflow import Move
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import Level, Report, Source
from logcenter_sdk.contract.status import Status

Item = TypeVar("Item")


class Sort(StrEnum):
    """What a list of issues is ordered by, the largest first."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    OCCURRENCE_COUNT = "occurrence_count"


class Per(StrEnum):
    """The width of a bucket of statistics."""

    HOUR = "hour"
    DAY = "day"


@frozen(kw_only=True)
class IssueQuery:
    """Which issues to list. An empty filter matches all; several values of one filter are alternatives."""

    project_id: tuple[str, ...] = ()
    status: tuple[Status, ...] = ()
    source: tuple[Source, ...] = ()
    level: tuple[Level, ...] = ()
    environment: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    q: str = ""
    """Text in the error's type, message or file, in any case of letters."""
    since: datetime | None = None
    """Last seen at this instant or later."""
    until: datetime | None = None
    """Last seen before this instant."""
    registrations: bool = False
    """Whether registrations of projects (``ProjectInit``) are listed as well."""
    sort: Sort = Sort.LAST_SEEN
    limit: int = 50
    cursor: str | None = None


@frozen(kw_only=True)
class Page(Generic[Item]):
    """A part of a list, and the opaque cursor of the next part; None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None


@frozen(kw_only=True)
class Arrival:
    """A report as it reached the collector: normalised, with its fingerprint."""

    report: Report
    fingerprint: str
    arrived_at: datetime


class InvalidCursorError(ValueError):
    """A cursor was not made by this list."""

    def __init__(self) -> None:
        super().__init__("is not a cursor of this list; take next_cursor of the page before")


class StoreUnavailableError(Exception):
    """The storage cannot be written or read now (locked, full, gone); trying again later may work."""


class Store(Protocol):
    """Where projects, issues and occurrences are kept."""

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Commit the arrivals as one transaction and return their answers in the same order."""
        ...

    def issues(self, query: IssueQuery) -> Page[Issue]:
        """Return one page of issues. Raises InvalidCursorError."""
        ...

    def issue(self, issue_id: int) -> Issue | None:
        """Return one issue, or None."""
        ...

    def occurrences(self, issue_id: int, *, limit: int = 50, cursor: str | None = None) -> Page[Occurrence]:
        """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
        ...

    def stats(self, issue_id: int, per: Per, since: datetime, until: datetime) -> tuple[StatsBucket, ...]:
        """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
        ...

    def history(self, issue_id: int) -> tuple[StatusChange, ...]:
        """Return every status change of an issue, oldest first."""
        ...

    def move(self, issue_id: int, move: Move, now: datetime) -> Issue | None:
        """Move an issue and return it; None when there is no such issue.

        Raises ``domain.workflow.MoveRefusedError`` when the table or the expected status forbids the move.
        """
        ...

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by id."""
        ...

    def project(self, project_id: str) -> Project | None:
        """Return one project, or None."""
        ...

    def put_project(self, project_id: str, changes: Mapping[str, str | None], now: datetime) -> Project:
        """Set what ``changes`` names (a field of ``ProjectChange`` each), leave the rest; create an unknown project."""
        ...

    def ping(self) -> None:
        """Do nothing if the storage can be written. Raises StoreUnavailableError."""
        ...

    def close(self) -> None:
        """Give back connections and threads."""
        ...
