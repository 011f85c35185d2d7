"""The storage port: the verbs that the rest of the collector knows. Drivers: ``store/sql.py``.

Every method is synchronous, thread-safe and one transaction; the web layer calls it from worker threads.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Generic, Protocol, TypeVar

from attrs import define, frozen

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.muting import Mute
from logcenter_collector.domain.overview import OverviewQuery
from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.domain.usage import Account
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.access.audit import BY_ANYONE, By
from logcenter_collector.store.counted import SPARKLINE_DAYS, Sparkline
from logcenter_collector.store.kept_line import KeptLine
from logcenter_collector.store.teamwork.base import Teamwork
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.limits import OCCURRENCES, SHORT_CHARACTERS
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.overview import Overview, ProjectOverview
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import Level, Report, Source, canonical_uuid, normalise, occurred_at
from logcenter_sdk.contract.status import Status

Item = TypeVar("Item")


class Per(StrEnum):
    """The width of a bucket of statistics."""

    HOUR = "hour"
    DAY = "day"


@frozen(kw_only=True)
class Page(Generic[Item]):
    """A part of a list, and the opaque cursor of the next part; None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None


@define(kw_only=True)
class Arrival:
    """A report as it reached the collector.

    Most reports of a storm are only counted. What counting needs stands in ``raw``, short and clean already; the rest
    is cut and cleaned when somebody asks for it.
    """

    raw: Report
    fingerprint: str
    arrived_at: datetime
    occurred_at: datetime
    event_key: bytes | None
    """What its event id is remembered by, see ``event_key``."""
    account: Account | None = None
    """Where it is counted, once it was accepted."""
    key_account: Account | None = None
    """Where it is counted besides, if it came with an ingest key."""
    _report: Report | None = None
    _stack_trace: object = None

    @property
    def report(self) -> Report:
        """The report as it is stored."""
        if self._report is None:
            self._report = normalise(self.raw)
        return self._report

    def shed(self) -> None:
        """Keep no more of a large report than what is stored: a megabyte may take sixty before it is cut."""
        self.raw = self.report

    @property
    def stack_trace(self) -> object:
        """The lines of the stack trace, as JSON takes them."""
        return self.report.error.stack_trace

    @property
    def text(self) -> tuple[str, str, str | None]:
        """The error's type, message and file, as they are stored."""
        error = self.report.error
        return error.type, error.message, error.file_path

    def details(self) -> dict[str, Any]:
        """Return what is kept of the report beside what has a column of its own; JSON, absent where there is none."""
        report = self.report
        found = {
            "context": report.context,
            "frames": report.frames,
            "sdk": report.sdk,
            "fingerprint": report.fingerprint,
        }
        return {name: value for name, value in found.items() if value is not None}


def arrive(report: Report, now: datetime, scrub: Callable[[Report], Report] | None = None) -> Arrival:
    """Return the arrival of a report that came in just now.

    ``scrub`` takes out what must not be stored: before anything is cut, after the fingerprint was taken of what came.
    """
    fingerprint = fingerprint_of(report)
    report = report if scrub is None else scrub(report)
    raw = report if counts_as_it_is(report) else normalise(report)
    return Arrival(
        raw=raw,
        fingerprint=fingerprint,
        arrived_at=now,
        occurred_at=occurred_at(raw, now),
        event_key=None if raw.event_id is None else event_key(raw.project_id, raw.event_id),
    )


def counts_as_it_is(report: Report) -> bool:
    """Whether all that counting looks at is short and clean."""
    return is_short(report) and (report.event_id is None or report.event_id == canonical_uuid(report.event_id))


def is_short(report: Report) -> bool:
    """Whether all that counting looks at is short and clean, but for the event id."""
    return (
        (report.occurrences or 1) <= OCCURRENCES
        and is_plain(report.environment)
        and is_plain(report.version)
        and is_plain(report.commit_hash)
        and is_plain(report.repo_url)
    )


def is_plain(text: str | None) -> bool:
    """Whether there is nothing to clean or to cut in a short text."""
    return text is None or (len(text) <= SHORT_CHARACTERS and text.isprintable())


def event_key(project_id: str, event_id: str) -> bytes:
    """Return the key under which an event id of a project is remembered."""
    return blake2b(f"{project_id}|{event_id}".encode(), digest_size=16).digest()


class InvalidCursorError(ValueError):
    """A cursor was not made by this list."""

    def __init__(self) -> None:
        super().__init__("is not a cursor of this list; take next_cursor of the page before")


class StoreUnavailableError(Exception):
    """The storage cannot be written or read now (locked, full, gone); trying again later may work."""


@frozen
class Prepared:
    """What is recorded and not committed yet. Nobody else can record until ``commit`` was called."""

    answers: list[Answer]
    commit: Callable[[], None]
    """Commit, in any thread; undone where it raises StoreUnavailableError or what else went wrong."""


class StoreFullError(StoreUnavailableError):
    """The storage has no room left within its budget; trying again helps when somebody gave it more."""


@frozen(kw_only=True)
class LiveIssue:
    """What a list shows of an issue while it is looked at."""

    id: int
    project_id: str
    source: Source
    level: Level
    environment: str
    version: str | None
    error_type: str
    error_message: str
    file_path: str | None
    status: Status
    occurrence_count: int
    regression_count: int
    first_seen: datetime
    last_seen: datetime
    registration: bool
    assignee: str | None = None
    mute: Mute | None = None


@frozen(kw_only=True)
class LiveMark:
    """How far somebody has looked: the newest issue and the newest change of a status."""

    issue_id: int
    change_id: int
    issues: frozenset[int] = frozenset()
    """The latest issues that were met: what is committed late has a number among theirs."""
    changes: frozenset[int] = frozenset()


@frozen(kw_only=True)
class LiveChanges:
    """What may have changed since a mark, and the next mark."""

    issues: tuple[LiveIssue, ...]
    new: frozenset[int]
    """Those of them that did not exist before."""
    mark: LiveMark


class Store(Teamwork, Protocol):
    """Where projects, issues and occurrences are kept."""

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Commit the arrivals as one transaction and return their answers in the same order."""
        ...

    def prepare(self, arrivals: Sequence[Arrival]) -> Prepared | None:
        """As ``record``, but for the commit; None, with nothing recorded, where one would have to wait for somebody."""
        ...

    def issues(self, query: IssueQuery) -> Page[Issue]:
        """Return one page of issues. Raises InvalidCursorError."""
        ...

    def issue(self, issue_id: int) -> Issue | None:
        """Return one issue, or None."""
        ...

    def project_of(self, issue_id: int) -> str | None:
        """Return the project of an issue; None when there is no such issue."""
        ...

    def occurrences(self, issue_id: int, *, limit: int = 50, cursor: str | None = None) -> Page[Occurrence]:
        """Return one page of the kept occurrences of an issue, newest first. Raises InvalidCursorError."""
        ...

    def kept(self, issue_id: int) -> tuple[KeptLine, ...]:
        """Return a line of each kept occurrence of an issue, newest first."""
        ...

    def occurrence(self, issue_id: int, number: int) -> Occurrence | None:
        """Return one kept occurrence by its id, or None."""
        ...

    def stats(self, issue_id: int, per: Per, since: datetime, until: datetime) -> tuple[StatsBucket, ...]:
        """Return the non-empty buckets of an issue that begin in [since, until), oldest first."""
        ...

    def sparklines(
        self, issue_ids: Sequence[int], now: datetime, days: int = SPARKLINE_DAYS
    ) -> Mapping[int, Sparkline]:
        """Return how often each issue occurred on each of the last days, oldest first; days are days in UTC."""
        ...

    def history(self, issue_id: int) -> tuple[StatusChange, ...]:
        """Return every status change of an issue, oldest first."""
        ...

    def move(self, issue_id: int, move: Move, now: datetime, by: By = BY_ANYONE) -> Issue | None:
        """Move an issue and return it; None when there is no such issue. ``by`` is for the audit log.

        Raises ``domain.workflow.MoveRefusedError`` when the table or the expected status forbids the move.
        """
        ...

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by id."""
        ...

    def project(self, project_id: str) -> Project | None:
        """Return one project, or None."""
        ...

    def find_projects(self, query: ProjectQuery) -> Page[Project]:
        """Return one part of the list of projects, by id."""
        ...

    def project_numbers(self, project_ids: Sequence[str], now: datetime) -> Mapping[str, ProjectOverview]:
        """Return what is open in some projects and what they reported in the last 14 days, today's in UTC included."""
        ...

    def put_project(
        self, project_id: str, changes: Mapping[str, str | None], now: datetime, by: By = BY_ANYONE
    ) -> Project:
        """Set what ``changes`` names (a field of ``ProjectChange`` each), leave the rest; create an unknown project."""
        ...

    def rank_rising(self, now: datetime) -> None:
        """Find out which issues rise, for lists in that order; upkeep does it every minute."""
        ...

    def overview(self, query: OverviewQuery) -> Overview:
        """Return what happened in a period."""
        ...

    def live_mark(self) -> LiveMark:
        """Return where everything stands now, for ``live_changes``."""
        ...

    def live_changes(self, mark: LiveMark, watched: Collection[int], now: datetime) -> LiveChanges:
        """Return what may have changed since a mark, and the issues that are watched, as they are now."""
        ...

    def newer_issues(self, after: int, shown: Collection[int]) -> tuple[LiveIssue, ...]:
        """Return the issues with a higher number, the latest of them, and those that are shown, as they are now."""
        ...

    def newest_issue(self) -> int:
        """Return the number of the newest issue; 0 when there is none."""
        ...

    def count_by_status(self) -> Mapping[Status, int]:
        """Return how many issues there are of each status, registrations of projects among them."""
        ...

    def size_bytes(self) -> int:
        """Return how much disk the database takes."""
        ...

    def alarms_waiting(self) -> int:
        """Return how many alarms are not sent yet."""
        ...

    def ping(self) -> None:
        """Do nothing if the storage can be written. Raises StoreUnavailableError."""
        ...

    def close(self) -> None:
        """Give back connections and threads."""
        ...
