"""One issue as the store in memory keeps it, and what a batch of reports does to it."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from attrs import define, evolve, field, frozen

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.domain.muting import Mute
from logcenter_collector.domain.recent import keep_recent, newcomers
from logcenter_collector.domain.sample import Kept, Role, Spread, begin_spread, is_due, thin
from logcenter_collector.domain.triage import triage
from logcenter_collector.store.base import Arrival, LiveIssue
from logcenter_sdk.contract.issue import Fix, Issue, IssueError, Occurrence, StatusChange
from logcenter_sdk.contract.limits import OTHER
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.report import Level, Report, Source, stack_lines

ENVIRONMENT: Final = "environment"
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Remembered:
    """An arrival that was counted: which occurrence of its issue it is, and why it is kept whole, if it is."""

    arrival: Arrival
    number: int
    role: Role | None


@define
class Seen:
    """The values of one kind that an issue was seen with, and what a batch brings until ``settle``."""

    values: dict[str, datetime] = field(factory=dict)
    """When each came that was another than the one of the report before."""
    arrived: dict[str, datetime] = field(factory=dict)
    first_numbers: dict[str, int] = field(factory=dict)
    last: str | None = None

    def see(self, value: str | None, number: int, arrived_at: datetime) -> None:
        """Take the value that a report names."""
        if value and value != self.last:
            self.arrived[value] = arrived_at
            self.first_numbers.setdefault(value, number)
        self.last = value

    def newcomers(self) -> set[int]:
        """Return the occurrences of the batch that brought a value that was not known."""
        return {self.first_numbers[value] for value in newcomers(self.values, self.arrived)}

    def settle(self) -> frozenset[str]:
        """Take the batch in, and return what is not among the latest any more: "other" stands for it, behind them."""
        recent = keep_recent(self.values, self.arrived)
        self.values = {
            value: at for value, at in {**self.values, **recent.stays}.items() if value not in recent.falls_out
        }
        if recent.falls_out:
            self.values[OTHER] = _EARLIEST
        self.arrived, self.first_numbers = {}, {}
        return recent.falls_out

    def latest_first(self) -> tuple[str, ...]:
        """Return the values in the order in which an issue shows them."""
        return tuple(sorted(sorted(self.values), key=lambda value: self.values[value], reverse=True))


@define(kw_only=True)
class RememberedIssue:
    """An issue. A report is taken at once; what depends on the whole batch is settled at its end."""

    issue_id: int
    fingerprint: str
    first: Arrival
    state: IssueState = field(init=False)
    latest: Remembered = field(init=False)
    spread: Spread = field(init=False)
    registration: bool = True
    assignee: str | None = None
    mute: Mute | None = None
    seen: dict[str, Seen] = field(factory=lambda: {kind: Seen() for kind in (ENVIRONMENT, *BuildKind)})
    history: list[StatusChange] = field(factory=list)
    buckets: Counter[tuple[datetime, str, str]] = field(factory=Counter)
    """By hour, environment and release, which is empty where none was named."""
    kept: list[Remembered] = field(factory=list)
    batch: list[Remembered] = field(factory=list)
    """What was taken since ``settle``."""

    def take(self, arrival: Arrival) -> Outcome:
        """Count an arrival."""
        decision = triage(getattr(self, "state", None), arrival.raw, arrival.arrived_at)
        self.state = decision.issue
        number = decision.issue.occurrence_count
        self.latest = Remembered(arrival, number, self._role(decision.outcome, number, arrival.arrived_at))
        self.batch.append(self.latest)
        self.registration = self.registration and arrival.raw.is_registration
        if decision.change is not None:
            self.history.append(decision.change)
            self.mute = None
        for kind, seen in self.seen.items():
            seen.see(getattr(arrival.raw, kind), number, arrival.arrived_at)
        return decision.outcome

    def _role(self, outcome: Outcome, number: int, arrived_at: datetime) -> Role | None:
        if outcome is Outcome.NEW:
            self.spread = begin_spread(arrived_at)
            return Role.FIRST
        if outcome is Outcome.REGRESSION:
            return Role.REGRESSION
        if not is_due(self.spread, number, arrived_at):
            return None
        self.spread = evolve(self.spread, sampled_at=arrived_at)
        return Role.SPREAD

    def settle(self, limit: int) -> None:
        """Take the batch in, and keep ``limit`` occurrences at most."""
        brought = self.seen[ENVIRONMENT].newcomers() | self.seen[BuildKind.VERSION].newcomers()
        fallen = {kind: seen.settle() for kind, seen in self.seen.items()}
        self._forget_builds(fallen)
        self._count(fallen[ENVIRONMENT], fallen[BuildKind.VERSION])
        self._keep(brought, limit)
        self.batch = []

    def _forget_builds(self, fallen: Mapping[str, frozenset[str]]) -> None:
        gone = {Build(kind, value) for kind in BuildKind for value in fallen[kind]}
        self.state = evolve(self.state, builds_before_fix=self.state.builds_before_fix - gone)

    def _count(self, environments: frozenset[str], releases: frozenset[str]) -> None:
        """Count in the hour that each report names, under its environment and release or, fallen out, under "other"."""
        before, self.buckets = self.buckets, Counter()
        counts = [(*key, count) for key, count in before.items()]
        for counted in self.batch:
            raw = counted.arrival.raw
            hour = counted.arrival.occurred_at.replace(minute=0, second=0, microsecond=0)
            counts.append((hour, raw.environment, raw.version or "", raw.occurrences or 1))
        for hour, environment, release, count in counts:
            names = (
                OTHER if environment in environments else environment,
                OTHER if release in releases else release,
            )
            self.buckets[hour, *names] += count

    def _keep(self, brought: set[int], limit: int) -> None:
        new = [_with_role(counted, brought) for counted in self.batch]
        if not any(counted.role is not None for counted in new):
            return
        self.kept += (counted for counted in new if counted.role is not None)
        sample = [Kept(kept.number, kept.role, kept.arrival.arrived_at) for kept in self.kept if kept.role is not None]
        thinning = thin(sample, self.spread.interval_seconds, limit)
        self.kept = [counted for counted in self.kept if counted.number not in thinning.dropped]
        self.spread = evolve(self.spread, interval_seconds=thinning.interval_seconds)

    def builds(self) -> frozenset[Build]:
        """Return the builds that the issue was seen with."""
        return frozenset(Build(kind, value) for kind in BuildKind for value in self.seen[kind].values)

    def occurrences(self) -> list[Occurrence]:
        """Return the kept occurrences, oldest first, the latest among them."""
        kept = {counted.number: counted for counted in (self.latest, *self.kept)}
        return [_occurrence(self.issue_id, kept[number]) for number in sorted(kept)]

    def to_issue(self) -> Issue:
        """Return the issue as the contract shows it."""
        state, latest = self.state, self.latest.arrival.report
        return Issue(
            id=self.issue_id,
            project_id=latest.project_id,
            source=Source(self.first.report.source or Source.RUNTIME),
            fingerprint=self.fingerprint,
            fingerprints=(self.fingerprint,),
            status=state.status,
            level=Level(latest.level),
            environment=latest.environment,
            version=latest.version,
            commit_hash=latest.commit_hash,
            error=_error(latest),
            context=latest.context or {},
            occurrence_count=state.occurrence_count,
            regression_count=state.regression_count,
            first_seen=state.first_seen,
            last_seen=state.last_seen,
            environments=self.seen[ENVIRONMENT].latest_first(),
            versions=self.seen[BuildKind.VERSION].latest_first(),
            fix=or_none(state.fix),
            assignee=self.assignee,
            muted_until=self.mute.until if self.mute else None,
            muted_until_count=self.mute.until_count if self.mute else None,
        )

    def to_live(self) -> LiveIssue:
        """Return what a list shows of the issue while it is looked at."""
        shown = self.to_issue()
        return LiveIssue(
            id=shown.id,
            project_id=shown.project_id,
            source=shown.source,
            level=shown.level,
            environment=shown.environment,
            version=shown.version,
            error_type=shown.error.type,
            error_message=shown.error.message,
            file_path=shown.error.file_path,
            status=shown.status,
            occurrence_count=shown.occurrence_count,
            regression_count=shown.regression_count,
            first_seen=shown.first_seen,
            last_seen=shown.last_seen,
            registration=self.registration,
            assignee=self.assignee,
            mute=self.mute,
        )


def or_none(fix: Fix | None) -> Fix | None:
    """Return a fix; None where it names nothing."""
    return None if fix == Fix() else fix


def _with_role(counted: Remembered, brought: set[int]) -> Remembered:
    is_newcomer = counted.number in brought and counted.role in {None, Role.SPREAD}
    return evolve(counted, role=Role.NEWCOMER) if is_newcomer else counted


def _occurrence(issue_id: int, counted: Remembered) -> Occurrence:
    report = counted.arrival.report
    return Occurrence(
        id=counted.number,
        issue_id=issue_id,
        timestamp=counted.arrival.occurred_at,
        arrived_at=counted.arrival.arrived_at,
        level=Level(report.level),
        environment=report.environment,
        version=report.version,
        commit_hash=report.commit_hash,
        error=_error(report),
        context=report.context or {},
        event_id=report.event_id,
        occurrences=report.occurrences or 1,
        regression=counted.role is Role.REGRESSION,
        frames=report.frames,
        sdk=report.sdk,
    )


def _error(report: Report) -> IssueError:
    error = report.error
    return IssueError(
        type=error.type,
        message=error.message,
        file_path=error.file_path,
        line_number=error.line_number,
        stack_trace=stack_lines(error),
    )
