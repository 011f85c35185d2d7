"""One collector at a time does a job, and it is due again some time after it was done."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.lease import LEASE, Lease, may_take
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.leasing import (
    give_back_lease,
    list_standing,
    look_at_lease,
    renew_lease,
    take_lease,
)
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_collector.upkeep.leased import ERROR_CHARACTERS, LeasedJob, LeaseLostError, Slices

NOW = datetime(2026, 3, 2, 10, 20, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@given(st.text(max_size=2), st.timedeltas(timedelta(0), max(LEASE, HOUR)))
def test_nobody_takes_what_another_holds_until_it_expires(holder: str, left: timedelta) -> None:
    lease = Lease("another", NOW + left)

    assert (left == timedelta(0)) is may_take(lease, holder, NOW, HOUR)
    assert (left == timedelta(0)) is may_take(lease, holder, NOW, HOUR, early=True)


def test_what_rests_is_taken_when_it_is_due_or_early_on_demand() -> None:
    resting = Lease("", NOW + SECOND)

    assert not may_take(resting, "me", NOW, HOUR)
    assert may_take(resting, "me", NOW, HOUR, early=True)
    assert may_take(resting, "me", NOW + SECOND, HOUR)


def test_a_lease_that_a_wrong_clock_took_binds_nobody() -> None:
    assert not may_take(Lease("another", NOW + HOUR), "me", NOW, HOUR)
    assert may_take(Lease("another", NOW + HOUR + SECOND), "me", NOW, HOUR)


def test_of_two_collectors_one_gets_the_lease(database: Database) -> None:
    assert take_lease(database, "job", "one", NOW, HOUR)
    assert not take_lease(database, "job", "two", NOW, HOUR)
    assert not take_lease(database, "job", "two", NOW, HOUR, early=True)
    assert take_lease(database, "another job", "two", NOW, HOUR)


def test_a_lease_is_taken_over_after_it_expired_and_its_holder_cannot_prolong_it_any_more(database: Database) -> None:
    take_lease(database, "job", "one", NOW, HOUR)

    assert renew_lease(database, "job", "one", NOW + SECOND)
    assert not take_lease(database, "job", "two", NOW + LEASE, HOUR)
    assert take_lease(database, "job", "two", NOW + LEASE + SECOND, HOUR)
    assert not renew_lease(database, "job", "one", NOW + LEASE + SECOND)
    give_back_lease(database, "job", "one", NOW)
    assert Lease("two", NOW + LEASE + SECOND + LEASE) == look_at_lease(database, "job")


def test_of_many_that_take_a_lease_at_the_same_time_one_gets_it(database: Database) -> None:
    got: list[str] = []
    start = threading.Barrier(8)

    def take(holder: str) -> None:
        start.wait(10)
        if take_lease(database, "job", holder, NOW, HOUR):
            got.append(holder)

    threads = [threading.Thread(target=take, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lease = look_at_lease(database, "job")
    assert lease is not None
    assert [lease.holder] == got


@define
class Hands:
    """A clock that tests set, and jobs that go by it."""

    database: Database
    now: datetime = NOW
    shown: list[Progress] = field(factory=list)

    def job(self, slices: Slices, holder: str = "me") -> LeasedJob:
        return LeasedJob(
            "job", HOUR.total_seconds(), slices, self.database, lambda: self.now, holder, show=self.shown.append
        )


@pytest.fixture
def hands(database: Database) -> Hands:
    return Hands(database)


def slices_of(*steps: Callable[[], object]) -> Slices:
    def run(_now: datetime) -> Iterator[Progress]:
        for number, step in enumerate(steps, 1):
            step()
            yield Progress(number / len(steps), f"step {number}")

    return run


NOTHING = object


def test_a_job_shows_each_slice_and_is_due_again_after_its_period(hands: Hands) -> None:
    job = hands.job(slices_of(NOTHING, NOTHING))

    assert job.take_and_run(threading.Event())
    assert [Progress(0.5, "step 1"), Progress(1.0, "step 2")] == hands.shown
    assert not job.take_and_run(threading.Event())
    hands.now += HOUR
    assert job.take_and_run(threading.Event())


def test_a_job_that_was_stopped_is_due_at_once(hands: Hands) -> None:
    stopping = threading.Event()

    assert not hands.job(slices_of(stopping.set, NOTHING)).take_and_run(stopping)
    assert 1 == len(hands.shown)
    assert hands.job(slices_of(NOTHING), holder="another").take_and_run(threading.Event())


def test_a_job_that_failed_is_due_at_once(hands: Hands) -> None:
    def fail() -> None:
        raise StoreUnavailableError

    with pytest.raises(StoreUnavailableError):
        hands.job(slices_of(fail)).take_and_run(threading.Event())

    assert hands.job(slices_of(NOTHING), holder="another").take_and_run(threading.Event())


def counting(done: str) -> Slices:
    def run(_now: datetime) -> Iterator[Progress]:
        yield Progress(1.0, done)

    return run


def test_how_a_job_ended_is_noted_and_what_it_last_did_stays_when_there_is_nothing_to_do(hands: Hands) -> None:
    for done in ("12 pages", "0 pages"):
        hands.now += HOUR
        assert hands.job(counting(done)).take_and_run(threading.Event())

    standing = list_standing(hands.database)["job"]

    assert (NOW + 2 * HOUR, NOW + HOUR) == (standing.ran_at, standing.did_at)
    assert ("12 pages", None, "") == (standing.did, standing.error, standing.lease.holder)


def test_why_a_job_failed_is_noted_until_it_is_done(hands: Hands) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of ours " * 100)

    with pytest.raises(ZeroDivisionError):
        hands.job(slices_of(fail)).take_and_run(threading.Event())
    failed = list_standing(hands.database)["job"]
    hands.job(slices_of(NOTHING)).take_and_run(threading.Event())
    done = list_standing(hands.database)["job"]

    assert (f"ZeroDivisionError: {'of ours ' * 100}"[:ERROR_CHARACTERS], None) == (failed.error, failed.ran_at)
    assert (None, NOW) == (done.error, done.ran_at)


def test_a_long_job_keeps_its_lease(hands: Hands) -> None:
    def take_long() -> None:
        hands.now += LEASE / 2

    others: list[bool] = []

    def try_to_take_over() -> None:
        others.append(take_lease(hands.database, "job", "another", hands.now, HOUR))

    assert hands.job(slices_of(take_long, take_long, take_long, try_to_take_over)).take_and_run(threading.Event())
    assert [False] == others


def test_a_collector_that_was_silent_for_too_long_ends_its_job_when_another_took_it_over(hands: Hands) -> None:
    def fall_asleep() -> None:
        hands.now += 2 * LEASE
        assert take_lease(hands.database, "job", "another", hands.now, HOUR)

    with pytest.raises(LeaseLostError):
        hands.job(slices_of(fall_asleep, pytest.fail)).take_and_run(threading.Event())

    assert Lease("another", hands.now + LEASE) == look_at_lease(hands.database, "job")
