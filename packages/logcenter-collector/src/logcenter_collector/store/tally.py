"""One issue while a batch is folded into it. Pure: values in, values out."""

from collections.abc import Iterable
from datetime import datetime

from attrs import define, evolve, field, frozen

from logcenter_collector.domain.issue import Build, IssueState
from logcenter_collector.domain.sample import Role, Spread, Thinning, begin_spread, is_due
from logcenter_collector.domain.triage import triage
from logcenter_collector.store.base import Arrival
from logcenter_sdk.contract.issue import StatusChange
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.status import Status

Key = tuple[str, str]
"""Project and fingerprint."""


@define(kw_only=True)
class Known:
    """What is kept of an issue, as far as recording needs it."""

    issue_id: int
    state: IssueState
    registration: bool
    named: tuple[str | None, str | None, str | None]
    """Environment, release and commit of the report before."""
    text: tuple[str, str, str | None]
    """What search looks into: the error's type, message and file."""
    stack_hash: bytes
    spread: Spread

    def add_builds_before_fix(self, builds: Iterable[Build]) -> None:
        """Complete the state of an issue that has been fixed."""
        self.state = evolve(self.state, builds_before_fix=frozenset(builds))


@frozen
class Counted:
    """An arrival that was counted: which occurrence of its issue it is, and whether it is kept for its own sake."""

    arrival: Arrival
    number: int
    role: Role | None


@define
class Tally:
    """An issue, known or not, and what a batch brings it."""

    key: Key
    known: Known | None = None
    new_id: int = 0
    counted: list[Counted] = field(factory=list)
    changes: list[StatusChange] = field(factory=list)
    newcomers: set[int] = field(factory=set)
    """Numbers of the occurrences that brought an environment or a release that the issue was not seen with."""
    fallen_out: frozenset[str] = frozenset()
    """Environments that are not among the latest any more."""
    kept: list[tuple[Counted, Role]] = field(factory=list)
    dropped: list[tuple[int, bytes]] = field(factory=list)
    """Occurrences kept so far that give way: number and stack trace."""
    _state: IssueState | None = None
    _spread: Spread | None = None

    def take(self, arrival: Arrival) -> Outcome:
        """Count an arrival."""
        decision = triage(self._state or (self.known.state if self.known else None), arrival.raw, arrival.arrived_at)
        self._state = decision.issue
        if decision.change is not None:
            self.changes.append(decision.change)
        number = decision.issue.occurrence_count
        self.counted.append(Counted(arrival, number, self._role(decision.outcome, number, arrival.arrived_at)))
        return decision.outcome

    def _role(self, outcome: Outcome, number: int, arrived_at: datetime) -> Role | None:
        if outcome is Outcome.NEW:
            return Role.FIRST
        if outcome is Outcome.REGRESSION:
            return Role.REGRESSION
        if not is_due(self.spread, number, arrived_at):
            return None
        self._spread = Spread(self.spread.interval_seconds, arrived_at)
        return Role.SPREAD

    @property
    def state(self) -> IssueState:
        """The issue after what was taken."""
        state = self._state or (self.known.state if self.known else None)
        assert state is not None
        return state

    @property
    def spread(self) -> Spread:
        """Where the spread of the kept occurrences stands."""
        if self._spread is None:
            self._spread = self.known.spread if self.known else begin_spread(self.latest.arrived_at)
        return self._spread

    def choose(self) -> bool:
        """Choose what is kept of what was taken; False when it is nothing."""
        for counted in self.counted:
            role = counted.role
            if role in {None, Role.SPREAD} and counted.number in self.newcomers:
                role = Role.NEWCOMER
            if role is not None:
                self.kept.append((counted, role))
        return bool(self.kept)

    def thin(self, thinning: Thinning) -> None:
        """Give up what the sample has no room for, and keep fewer from now on."""
        self.kept = [(counted, role) for counted, role in self.kept if counted.number not in thinning.dropped]
        self._spread = Spread(thinning.interval_seconds, self.spread.sampled_at)

    @property
    def keeps_latest(self) -> bool:
        """Whether the latest occurrence is one of the kept ones."""
        return bool(self.kept) and self.kept[-1][0] is self.counted[-1]

    @property
    def issue_id(self) -> int:
        """The id of the issue; a new one has it when ``new_id`` is set."""
        return self.known.issue_id if self.known else self.new_id

    @property
    def status(self) -> Status:
        """The status after what was taken."""
        return self.state.status

    @property
    def latest(self) -> Arrival:
        """The arrival that came last."""
        return self.counted[-1].arrival
