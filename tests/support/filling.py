"""Fill a store with what arrives at instants of the test's choice."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define, field

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.base import Arrival, Per, arrive
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import buckets, occurrences, stack_traces
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.status import Status
from support.sending import a_report

BATCH: Final = 500
_BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_END: Final = datetime(2100, 1, 1, tzinfo=UTC)
FIXED: Final = (Status.VERIFYING, Status.PENDING_FIX, Status.FIXING, Status.FIXED)


@define
class Filler:
    """Whoever reports to a store; each error is told by its line."""

    store: SqlStore
    _random: random.Random = field(factory=lambda: random.Random(1))

    def arrival(self, line: int, at: datetime, *, size: int = 100, **more: Any) -> Arrival:
        """Return a report with about ``size`` bytes that cannot be compressed, and a trace of its own line."""
        noise = self._random.randbytes(size // 2).hex()
        trace = [f'File "app.py", line {line}, {noise[: size // 4]}']
        context = {"noise": noise}
        return arrive(read(Report, a_report("p", line_number=line, stack_trace=trace, context=context, **more)), at)

    def report(self, line: int, at: datetime, **more: Any) -> int:
        """Report an error and return its issue."""
        [answer] = self.store.record([self.arrival(line, at, **more)])
        return answer.issue_id

    def spread(self, issues: int, each: int, begin: datetime, apart: timedelta, *, size: int = 1_000) -> None:
        """Report every error ``each`` times, so far apart that all are kept."""
        arrivals = [
            self.arrival(line, begin + turn * apart, size=size) for turn in range(each) for line in range(issues)
        ]
        for start in range(0, len(arrivals), BATCH):
            self.store.record(arrivals[start : start + BATCH])

    def regress(self, line: int, at: datetime, **more: Any) -> int:
        """Fix an issue, and report it again a second later."""
        issue_id = self.report(line, at)
        for status in FIXED:
            self.store.move(issue_id, Move(to=status), at)
        return self.report(line, at + timedelta(seconds=1), **more)

    def issue(self, issue_id: int) -> Issue:
        """Return one issue."""
        issue = self.store.issue(issue_id)
        assert issue is not None
        return issue

    def numbers(self, issue_id: int) -> list[int]:
        """Return which occurrences of an issue can be looked at, the newest first."""
        return [occurrence.id for occurrence in self.store.occurrences(issue_id, limit=200).items]

    def rows(self) -> dict[str, int]:
        """Return how much is kept in all."""
        with self.store.database.read() as connection:
            return {
                table.name: len(connection.execute(table.select()).all())
                for table in (occurrences, stack_traces, buckets)
            }

    def counts(self) -> tuple[int, int]:
        """Return how many occurrences the issues count, and how many the buckets do."""
        with self.store.database.read() as connection:
            [total] = connection.exec_driver_sql("SELECT sum(occurrence_count) FROM issues").one()
            [bucketed] = connection.exec_driver_sql("SELECT sum(count) FROM buckets").one()
        return int(total), int(bucketed)

    def traces_without_user(self) -> int:
        """Return how many stack traces nothing uses."""
        with self.store.database.read() as connection:
            return int(
                connection.exec_driver_sql(
                    "SELECT count(*) FROM stack_traces WHERE NOT EXISTS (SELECT 1 FROM occurrences WHERE "
                    "occurrences.issue_id = stack_traces.issue_id AND occurrences.stack_hash = stack_traces.hash)"
                ).scalar_one()
            )


def contents(store: SqlStore) -> dict[str, Any]:
    """Return all that a store shows to the outside."""
    issues = store.issues(IssueQuery(registration=None, limit=200)).items
    return {
        "projects": store.projects(),
        "issues": issues,
        "occurrences": {issue.id: store.occurrences(issue.id, limit=200).items for issue in issues},
        "history": {issue.id: store.history(issue.id) for issue in issues},
        "stats": {issue.id: store.stats(issue.id, Per.HOUR, _BEGIN, _END) for issue in issues},
    }
