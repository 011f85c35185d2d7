import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.retry import Backoff, Fate, fate_of
from logcenter_sdk.transports.base import (
    DeliveryError,
    DeniedError,
    RefusedError,
    TooLargeError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
)

NOWS = st.floats(-1e9, 1e9)
RANDOMS = st.floats(0, 1, exclude_max=True)
WISHES = st.none() | st.floats(allow_nan=False)


@pytest.mark.parametrize(
    ("fate", "result"),
    [
        (Fate.DELIVERED, Answer(Outcome.NEW, 1)),
        (Fate.KEEP, UnreachableError("refused")),
        (Fate.KEEP, UnavailableError("later", status=429)),
        (Fate.SHRINK, TooLargeError("too large", status=413)),
        (Fate.SPOOL, DeniedError("no key", status=401)),
        (Fate.DROP, RefusedError("wrong", status=400)),
        (Fate.DROP, UnexpectedAnswerError("a redirect", status=307)),
        (Fate.DROP, DeliveryError("no JSON")),
    ],
)
def test_each_result_has_its_fate(fate: Fate, result: Answer | DeliveryError) -> None:
    assert fate is fate_of(result)


def after(failures: int, random: float) -> float:
    state = Backoff()
    for _ in range(failures):
        state = state.after_failure(0.0, None, random)
    return state.left(0.0)


def test_the_longest_pause_doubles_with_each_failure_up_to_a_minute() -> None:
    assert [1, 2, 4, 8, 16, 32, 60, 60] == [after(failures, 1.0) for failures in range(1, 9)]


def test_the_shortest_pause_stays_half_a_second() -> None:
    assert {0.5} == {after(failures, 0.0) for failures in range(1, 1_000)}


def test_nothing_is_waited_for_before_the_first_failure_and_after_a_success() -> None:
    failed = Backoff().after_failure(100.0, 30.0, 0.5)

    assert (0, 30, 0) == (Backoff().left(-1e12), failed.left(100.0), failed.after_success().left(100.0))


@given(st.integers(0, 10**9), NOWS, WISHES, RANDOMS)
def test_a_pause_is_never_under_half_a_second_nor_over_an_hour(
    failures: int, now: float, wish: float | None, random: float
) -> None:
    pause = Backoff(failures).after_failure(now, wish, random).until - now

    assert 0.5 - 1e-6 <= pause <= 3600 + 1e-6
    assert math.isfinite(pause)


@given(st.integers(0, 100), NOWS, st.floats(0, 3600), RANDOMS)
def test_the_collector_is_never_asked_before_it_wishes(failures: int, now: float, wish: float, random: float) -> None:
    assert Backoff(failures).after_failure(now, wish, random).until >= now + wish


@given(st.integers(0, 50), RANDOMS)
def test_another_failure_never_shortens_the_pause(failures: int, random: float) -> None:
    first = Backoff(failures).after_failure(0.0, None, random)

    assert first.left(0.0) <= first.after_failure(0.0, None, random).left(0.0)


@given(NOWS, RANDOMS)
def test_what_is_left_goes_down_to_nothing(now: float, random: float) -> None:
    waiting = Backoff().after_failure(now, None, random)

    assert 0 == waiting.left(waiting.until)
    assert 0 < waiting.left(now)
