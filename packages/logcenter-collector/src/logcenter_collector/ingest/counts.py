"""What came in and what became of it, for ``/metrics``: every report is counted once, as accepted or as rejected.

Plain numbers that only the event loop's thread changes: counting a report costs a lookup and an addition. Whoever shows
them takes ``snapshot``, in the same thread.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from attrs import Factory, define, field

from logcenter_collector.ingest.refusal import Reason, RefusedError
from logcenter_collector.store.base import Arrival
from logcenter_sdk.contract.limits import OTHER
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Source

NAMED_PROJECTS: Final = 200
"""How many projects are counted by name, the first that report; all others are counted as "other"."""
BATCH_REPORTS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
COMMIT_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

Hear = Callable[[Reason, str, int], None]
"""Is told of a refusal: why, in whose words, of how many reports."""


def _hear_nothing(_reason: Reason, _detail: str, _reports: int) -> None:
    pass


@define
class Histogram:
    """How many values lie in each bucket: up to the first bound, up to the second, …, beyond the last."""

    bounds: Sequence[float]
    counts: list[int] = field(default=Factory(lambda self: [0] * (len(self.bounds) + 1), takes_self=True))
    total: float = 0
    """The sum of all values."""

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> "Histogram":
        """Return one of its own with the same numbers."""
        return Histogram(self.bounds, list(self.counts), self.total)


@define
class Counted:
    """The numbers."""

    accepted: Counter[tuple[str, str, Outcome]] = field(factory=Counter)
    """Reports by project, source and outcome."""
    rejected: dict[Reason, int] = field(factory=lambda: dict.fromkeys(Reason, 0))
    batch_reports: Histogram = field(factory=lambda: Histogram(BATCH_REPORTS))
    commit_seconds: Histogram = field(factory=lambda: Histogram(COMMIT_SECONDS))


@define
class Counts:
    """Counts what the pipeline does; ``hear`` is told of every refusal."""

    hear: Hear = _hear_nothing
    _counted: Counted = field(factory=Counted)
    _names: dict[str, str] = field(factory=dict)

    def answered(self, arrivals: Sequence[Arrival], outcomes: Sequence[Answer | RefusedError], seconds: float) -> None:
        """Count a batch that the storage took ``seconds`` for, each report by what became of it."""
        accepted, names = self._counted.accepted, self._names
        committed = 0
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            if isinstance(outcome, RefusedError):
                self.refused(outcome)
                continue
            raw = arrival.raw
            name = names.get(raw.project_id) or self._name(raw.project_id)
            accepted[name, raw.source or Source.RUNTIME, outcome.outcome] += 1
            committed += 1
        if committed:
            self._counted.batch_reports.observe(committed)
            self._counted.commit_seconds.observe(seconds)

    def refused(self, error: Exception) -> None:
        """Count what got no further. An error that is no refusal is one of the collector, and answered with 500."""
        reason, reports = Reason.INTERNAL_ERROR, 1
        if isinstance(error, RefusedError):
            reason, reports = error.reason or reason, error.reports
        self._counted.rejected[reason] += reports
        self.hear(reason, str(error), reports)

    @property
    def totals(self) -> dict[str, int]:
        """How many reports were accepted and rejected in all."""
        return {
            "accepted": sum(self._counted.accepted.values()),
            "rejected": sum(self._counted.rejected.values()),
        }

    def snapshot(self) -> Counted:
        """Return the numbers of this moment."""
        now = self._counted
        return Counted(
            accepted=now.accepted.copy(),
            rejected=dict(now.rejected),
            batch_reports=now.batch_reports.copy(),
            commit_seconds=now.commit_seconds.copy(),
        )

    def _name(self, project_id: str) -> str:
        """Return what a new project is counted as: nobody can fill our memory with names."""
        if len(self._names) >= NAMED_PROJECTS:
            return OTHER
        self._names[project_id] = project_id
        return project_id
