"""One issue while a batch is folded into it. Pure: values in, values out."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import define, evolve, field, frozen

from logcenter_collector.domain.issue import Build, IssueState
from logcenter_collector.domain.sample import Role, Spread, Thinning, begin_spread, is_due
from logcenter_collector.domain.triage import only_counts, triage
from logcenter_collector.store.base import Arrival
from logcenter_sdk.contract.issue import StatusChange
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.report import first_occurred_at
from logcenter_sdk.contract.status import Status

Key = tuple[str, str]
"""Project and fingerprint."""


@define(kw_only=True)
class Known:
    """What is kept of an issue, as far as recording needs it."""

    issue_id: int
    state: IssueState
    registration: bool
    level: str
    named: tuple[str | None, str | None, str | None]
    """Environment, release and commit of the report before."""
    text: tuple[str, str, str | None]
    """What search looks into: the error's type, message and file."""
    spread: Spread

    def add_builds_before_fix(self, builds: Iterable[Build]) -> None:
        """Complete the state of an issue that has been fixed."""
        self.state = evolve(self.state, builds_before_fix=frozenset(builds))


@frozen
class Counted:
    """An arrival that was counted, and which occurrence of its issue it is."""

    arrival: Arrival
    number: int


@define
class Tally:
    """An issue, known or not, and what a batch brings it.

    Of a storm of equal reports nothing is remembered but the counts, the latest one and those that are kept.
    """

    key: Key
    known: Known | None = None
    new_id: int = 0
    latest: Counted | None = None
    changes: list[StatusChange] = field(factory=list)
    named: list[Counted] = field(factory=list)
    """Arrivals that named another environment, release or commit than the one before."""
    repo_url: str | None = None
    """The first repository that an arrival named."""
    buckets: dict[tuple[int, str, str | None], int] = field(factory=dict)
    """How often it happened, by hours since 1970, environment and release."""
    kept: list[tuple[Counted, Role]] = field(factory=list)
    fallen_out: frozenset[str] = frozenset()
    """Environments that are not among the latest any more."""
    fallen_releases: frozenset[str] = frozenset()
    dropped: list[tuple[int, bytes]] = field(factory=list)
    """Occurrences kept so far that give way: number and stack trace."""
    has_newcomers: bool = False
    """Whether there was an environment or a release that the issue was not seen with."""
    only_registers: bool = True
    """Whether all arrivals are registrations of a project."""
    _state: IssueState | None = None
    _more: int = 0
    """Occurrences that are not in the state yet, with the time that they span in ``_first`` and ``_last``."""
    _first: datetime | None = None
    _last: datetime | None = None
    _spread: Spread | None = None
    _present: tuple[str | None, str | None, str | None] | None = None

    def __attrs_post_init__(self) -> None:
        """Begin with what is known."""
        self.begin(self.known)

    def begin(self, known: Known | None) -> None:
        """Begin with what is known of the issue."""
        self.known = known
        if known is not None:
            self._state, self._spread, self._present = known.state, known.spread, known.named

    def take(self, arrival: Arrival) -> Outcome:
        """Count an arrival."""
        raw, now = arrival.raw, arrival.arrived_at
        occurrences = raw.occurrences or 1
        happened = arrival.occurred_at
        role = None
        if self._state is not None and only_counts(self._state, raw, now):
            outcome = Outcome.DEDUPLICATED
            self._add(occurrences, first_occurred_at(raw, now) if occurrences > 1 else happened, happened)
        else:
            outcome, role = self._decide(arrival)
        assert self._state is not None
        counted = Counted(arrival, self._state.occurrence_count + self._more)
        self._keep(counted, role)
        self._note(counted)
        bucket = ((happened - _EPOCH) // _HOUR, raw.environment, raw.version)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + occurrences
        self.latest = counted
        return outcome

    def _add(self, occurrences: int, first: datetime, last: datetime) -> None:
        """Count without a new state for each of thousands."""
        self._more += occurrences
        if self._first is None or first < self._first:
            self._first = first
        if self._last is None or last > self._last:
            self._last = last

    def _decide(self, arrival: Arrival) -> tuple[Outcome, Role | None]:
        decision = triage(self.state if self._state else None, arrival.raw, arrival.arrived_at)
        self._state = decision.issue
        if decision.change is not None:
            self.changes.append(decision.change)
        return decision.outcome, _ROLES.get(decision.outcome)

    def _keep(self, counted: Counted, role: Role | None) -> None:
        arrived_at = counted.arrival.arrived_at
        if self._spread is None:
            self._spread = begin_spread(arrived_at)
        elif role is None and is_due(self._spread, counted.number, arrived_at):
            self._spread = Spread(self._spread.interval_seconds, arrived_at)
            role = Role.SPREAD
        if role is not None:
            self.kept.append((counted, role))

    def _note(self, counted: Counted) -> None:
        raw = counted.arrival.raw
        present = (raw.environment, raw.version, raw.commit_hash)
        if present != self._present:
            self._present = present
            self.named.append(counted)
        self.repo_url = self.repo_url or raw.repo_url
        if self.only_registers and not raw.is_registration:
            self.only_registers = False

    @property
    def state(self) -> IssueState:
        """The issue after what was taken."""
        state = self._state
        assert state is not None
        if self._more and self._first and self._last:
            self._state = state = IssueState(  # not evolve: it takes three times as long
                status=state.status,
                occurrence_count=state.occurrence_count + self._more,
                regression_count=state.regression_count,
                first_seen=min(state.first_seen, self._first),
                last_seen=max(state.last_seen, self._last),
                fix=state.fix,
                fixed_at=state.fixed_at,
                fixed_in=state.fixed_in,
                builds_before_fix=state.builds_before_fix,
            )
            self._more, self._first, self._last = 0, None, None
        return state

    @property
    def spread(self) -> Spread:
        """Where the spread of the kept occurrences stands."""
        assert self._spread is not None
        return self._spread

    def keep_newcomers(self, newcomers: Iterable[Counted]) -> None:
        """Keep the first occurrences of environments and releases, unless they are kept for a better reason."""
        roles = {counted.number: (counted, role) for counted, role in self.kept}
        for counted in newcomers:
            self.has_newcomers = True
            if roles.get(counted.number, (counted, Role.SPREAD))[1] is Role.SPREAD:
                roles[counted.number] = (counted, Role.NEWCOMER)
        self.kept = [roles[number] for number in sorted(roles)]

    def thin(self, thinning: Thinning) -> None:
        """Give up what the sample has no room for, and keep fewer from now on."""
        self.kept = [(counted, role) for counted, role in self.kept if counted.number not in thinning.dropped]
        self._spread = Spread(thinning.interval_seconds, self.spread.sampled_at)

    @property
    def keeps_latest(self) -> bool:
        """Whether the latest occurrence is one of the kept ones."""
        return bool(self.kept) and self.kept[-1][0] is self.latest

    @property
    def last(self) -> Arrival:
        """The arrival that came last."""
        assert self.latest is not None
        return self.latest.arrival

    @property
    def issue_id(self) -> int:
        """The id of the issue; a new one has it when ``new_id`` is set."""
        return self.known.issue_id if self.known else self.new_id

    @property
    def status(self) -> Status:
        """The status after what was taken."""
        assert self._state is not None
        return self._state.status


_ROLES: Final = {Outcome.NEW: Role.FIRST, Outcome.REGRESSION: Role.REGRESSION}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)
