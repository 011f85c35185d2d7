"""How long attempts to sign in wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.access.throttle import Throttle, TooManyAttemptsError
from logcenter_collector.domain.throttle import OF_ADDRESS, OF_NAME, Tries, network_of, one_more, wait_before

NOW = datetime(2026, 2, 20, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def attempts_of(throttle: Throttle, clock: Clock, name: str | None, address: str, seconds: int) -> int:
    """Try every second, and return how many attempts were let through."""
    made = 0
    for _ in range(seconds):
        try:
            throttle.begin(name, address)
            made += 1
        except TooManyAttemptsError:
            pass
        clock.now += timedelta(seconds=1)
    return made


def test_the_first_attempts_at_a_name_are_free_and_then_the_wait_doubles() -> None:
    waits = [int(wait_before(Tries(count, NOW), OF_NAME, NOW).total_seconds()) for count in range(1, 14)]

    assert [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60] == waits


def test_nobody_gets_a_hundred_attempts_at_a_name_in_an_hour_from_however_many_addresses() -> None:
    clock = Clock()
    throttle = Throttle(clock)

    made = 0
    for second in range(3_600):
        made += attempts_of(throttle, clock, "alice", f"10.0.{second % 200}.{second % 250}", 1)

    assert 50 < made < 100


def test_one_address_gets_few_attempts_at_however_many_names() -> None:
    clock = Clock()
    throttle = Throttle(clock)

    made = sum(attempts_of(throttle, clock, f"name{second}", "10.0.0.1", 1) for second in range(3_600))

    assert 20 < made < 40


def test_attempts_made_at_the_same_moment_count_before_they_fail() -> None:
    throttle = Throttle(lambda: NOW)
    for _ in range(OF_NAME.free):
        throttle.begin("alice", "10.0.0.1")

    with pytest.raises(TooManyAttemptsError) as refused:
        throttle.begin("alice", "10.0.0.2")

    assert 1 == refused.value.retry_after


def test_a_success_frees_the_name_and_not_the_address() -> None:
    throttle = Throttle(lambda: NOW)
    for number in range(OF_ADDRESS.free - 1):
        throttle.begin(f"victim{number}", "10.0.0.1")

    throttle.begin("attacker", "10.0.0.1")
    throttle.succeeded("attacker", "10.0.0.1")
    throttle.begin("attacker", "10.0.0.1")

    with pytest.raises(TooManyAttemptsError):
        throttle.begin("victim", "10.0.0.1")


def test_after_an_hour_all_is_forgotten() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    attempts_of(throttle, clock, "alice", "10.0.0.1", 60)

    clock.now += OF_NAME.forgotten

    assert OF_NAME.free == attempts_of(throttle, clock, "alice", "10.0.0.1", OF_NAME.free)


@given(st.lists(st.integers(0, 7_200), max_size=60))
def test_waiting_as_long_as_is_said_is_always_enough(gaps: list[int]) -> None:
    now, tries = NOW, None
    for gap in gaps:
        now += timedelta(seconds=gap) + wait_before(tries, OF_ADDRESS, now + timedelta(seconds=gap))
        assert timedelta() == wait_before(tries, OF_ADDRESS, now)
        tries = one_more(tries, OF_ADDRESS, now)


@pytest.mark.parametrize(
    ("expected", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2::", "2001:db8:1:2:3:4:5:6"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("testclient", "testclient"),
        ("", None),
    ],
)
def test_a_subscriber_counts_as_one(expected: str, address: str | None) -> None:
    assert expected == network_of(address)
