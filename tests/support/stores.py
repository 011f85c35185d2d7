"""Stores without a server around them: what arrives, when, and what is seen of it afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define

from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.base import Arrival, Store, arrive
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import metadata
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.status import Status
from support.sending import a_report, fresh_project

START: Final = datetime(2026, 3, 2, 10, 20, 30, 456_789, tzinfo=UTC)
"""When tests begin, in the middle of an hour."""


@define
class Reporter:
    """Whoever reports to a store, and moves its issues; every report arrives a second after the one before."""

    store: Store
    project: str
    now: datetime = START

    def arrival(self, **changes: Any) -> Arrival:
        """Return a report that arrives now; ``changes`` as ``a_report`` takes them."""
        self.wait(seconds=1)
        return arrive(read(Report, a_report(changes.pop("project", self.project), **changes)), self.now)

    def wait(self, **units: int) -> None:
        """Let time pass, or with a negative number set the clock back; ``units`` as ``timedelta`` takes them."""
        self.now += timedelta(**units)

    def report(self, **changes: Any) -> Answer:
        """Send a report and return its answer."""
        [answer] = self.store.record([self.arrival(**changes)])
        return answer

    def move(self, issue_id: int, *statuses: str, **more: Any) -> Issue:
        """Move an issue from status to status; ``more`` as ``Move`` takes it, for the last move."""
        for status in statuses:
            move = Move(to=Status(status), **(more if status == statuses[-1] else {}))
            moved = self.store.move(issue_id, move, self.now)
        assert moved is not None
        return moved

    def fix(self, issue_id: int, **more: Any) -> Issue:
        """Move an issue from NEW to FIXED."""
        return self.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIXED", **more)

    def issue(self, issue_id: int) -> Issue:
        """Return one issue."""
        issue = self.store.issue(issue_id)
        assert issue is not None
        return issue


def reporter_of(store: Store) -> Reporter:
    """Return a reporter with a project that no other test uses."""
    return Reporter(store, fresh_project())


def empty(store: SqlStore) -> None:
    """Delete everything that a store in a database holds; quicker than another database."""
    with store._write() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())
