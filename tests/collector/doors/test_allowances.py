"""What is counted in memory until it is written: nothing twice, nothing not at all, whatever fails in between."""

from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from logcenter_collector.domain.credentials import DoorRecord, KeyRecord
from logcenter_collector.domain.rates import DAY
from logcenter_collector.domain.usage import Slot
from logcenter_collector.ingest.allowances import Allowances
from logcenter_collector.ingest.refusal import RefusedError, unavailable
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.outcome import Answer, Outcome
from support.stores import Reporter

if TYPE_CHECKING:
    from logcenter_collector.store.base import Arrival

COMMITTED, FAILED = Answer(Outcome.NEW, 1), unavailable("The disk is full.", 1)
DOOR = DoorRecord(per_minute=5, per_day=8)
KEY = KeyRecord(id=7, project_id="p", per_minute=3)
NAMES = st.sampled_from(["p", "q"])


class Bookkeeper(RuleBasedStateMachine):
    """Reports come, are committed or not, and are written or not, over several days."""

    def __init__(self) -> None:
        super().__init__()
        self.reporter = Reporter(MemoryStore(), "p")
        self.allowances = Allowances(most_accounts=2)
        self.waiting: list[Arrival] = []
        self.committed: Counter[Slot] = Counter()
        self.refused: Counter[Slot] = Counter()
        self.stored: Counter[Slot] = Counter()
        self.stored_refused: Counter[Slot] = Counter()
        self.writing: dict[Slot, tuple[int, int]] | None = None

    @property
    def now(self) -> int:
        return microseconds(self.reporter.now)

    @rule(project=NAMES, with_key=st.booleans())
    def take(self, project: str, *, with_key: bool) -> None:
        """A report comes, and waits if there is room for it."""
        arrival = self.reporter.arrival(project=project)
        key = KEY if with_key and project == KEY.project_id else None
        try:
            self.allowances.take(arrival, key, DOOR)
        except RefusedError:
            self.allowances.refuse(project, self.now, is_known=True)
            self.refused[Slot(self.now // DAY, project, 0)] += 1
        else:
            self.waiting.append(arrival)

    @rule()
    def commit(self) -> None:
        """What waits is committed."""
        for arrival in self.waiting:
            project, keyed = arrival.raw.project_id, arrival.key_account is not None
            self.committed[Slot(self.allowances.day, project, 0)] += 1
            self.committed[Slot(self.allowances.day, project, KEY.id)] += keyed
        self.settle(COMMITTED)

    @rule()
    def fail(self) -> None:
        """What waits is not committed."""
        self.settle(FAILED)

    def settle(self, outcome: Answer | RefusedError) -> None:
        """End the waiting."""
        self.allowances.settle(self.waiting, [outcome] * len(self.waiting))
        self.waiting = []

    @precondition(lambda self: self.writing is None)
    @rule()
    def begin_to_write(self) -> None:
        """Somebody begins to write."""
        self.writing = dict(self.allowances.begin_to_write(self.now))

    @precondition(lambda self: self.writing is not None)
    @rule()
    def written(self) -> None:
        """It was written."""
        for slot, (accepted, refused) in (self.writing or {}).items():
            self.stored[slot] += accepted
            self.stored_refused[slot] += refused
        day = self.allowances.day
        self.allowances.written({name: self.stored[Slot(day, name, 0)] for name in ("p", "q")}, day)
        self.writing = None

    @precondition(lambda self: self.writing is not None)
    @rule()
    def not_written(self) -> None:
        """It was not."""
        self.allowances.not_written()
        self.writing = None

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.reporter.wait(hours=hours)

    @invariant()
    def no_day_has_more_than_its_quota(self) -> None:
        """Never is more committed than may be; what waits over midnight counts for the day after."""
        assert all(slot.key_id or count <= 8 for slot, count in self.committed.items())

    def teardown(self) -> None:
        """In the end everything is written once, on its day."""
        if self.writing is not None:
            self.not_written()
        self.fail()
        self.begin_to_write()
        self.written()
        assert +self.committed == +self.stored
        assert +self.refused == +self.stored_refused


TestBookkeeper = Bookkeeper.TestCase


def test_accounts_of_which_nothing_is_left_to_know_are_closed() -> None:
    reporter, allowances = Reporter(MemoryStore(), "p"), Allowances(per_minute=60, most_accounts=3)
    for number in range(50):
        arrival = reporter.arrival(project=f"p{number}")
        allowances.take(arrival, None, DoorRecord())
        allowances.settle([arrival], [FAILED])

    assert 3 >= allowances.accounts > 0


def test_accounts_of_which_something_is_to_be_written_stay() -> None:
    reporter, allowances = Reporter(MemoryStore(), "p"), Allowances(most_accounts=3)
    for number in range(50):
        arrival = reporter.arrival(project=f"p{number}")
        allowances.take(arrival, None, DoorRecord())
        allowances.settle([arrival], [COMMITTED])

    assert 50 == len(allowances.begin_to_write(microseconds(reporter.now)))


def test_a_limit_that_is_lifted_is_gone_and_one_that_is_set_holds_at_once() -> None:
    reporter, allowances, free = Reporter(MemoryStore(), "p"), Allowances(), DoorRecord()
    narrow = evolve(free, per_minute=1)

    def is_let_in(door: DoorRecord) -> bool:
        try:
            allowances.take(reporter.arrival(), None, door)
        except RefusedError:
            return False
        return True

    assert [True, True, False, True, False] == [is_let_in(door) for door in (free, narrow, narrow, free, narrow)]
