"""Rates and quotas, as laws: nothing is let through twice, nothing is lost by looking, the time to wait is right."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.rates import (
    Bucket,
    full_bucket,
    given_back,
    refilled,
    seconds_until_one,
    seconds_until_tomorrow,
    taken,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

rates = st.integers(1, 1_000_000_000)
small_rates = st.integers(1, 120)
waits = st.integers(0, 180_000_000)


def ask(bucket: Bucket, now: datetime, per_minute: int) -> tuple[Bucket, bool]:
    """Ask for one report at an instant."""
    bucket = refilled(bucket, per_minute, now)
    left = taken(bucket)
    return (bucket, False) if left is None else (left, True)


@given(small_rates, st.lists(waits, max_size=150))
def test_no_span_of_time_sees_more_than_a_minutes_worth_and_what_came_back_in_it(
    per_minute: int, pauses: list[int]
) -> None:
    bucket, now, accepted = full_bucket(per_minute, NOON), NOON, []
    for pause in pauses:
        now += pause * MICROSECOND
        bucket, has_room = ask(bucket, now, per_minute)
        accepted += [now] * has_room

    for number, begin in enumerate(accepted):
        for count, end in enumerate(accepted[number:], start=1):
            back = (end - begin) // MICROSECOND * per_minute / 60_000_000
            assert count <= per_minute + back


@given(small_rates, st.integers(0, 130), waits)
def test_whoever_waits_as_long_as_is_said_gets_in_and_a_second_less_is_too_little(
    per_minute: int, reports: int, pause: int
) -> None:
    bucket = full_bucket(per_minute, NOON)
    for _ in range(reports):
        bucket, _ = ask(bucket, NOON, per_minute)
    now = NOON + pause * MICROSECOND
    bucket, has_room = ask(bucket, now, per_minute)
    if has_room:
        return

    seconds = seconds_until_one(bucket)

    assert (False, True) == (
        ask(bucket, now + timedelta(seconds=seconds - 1), per_minute)[1],
        ask(bucket, now + timedelta(seconds=seconds), per_minute)[1],
    )


@given(rates, st.lists(waits, min_size=1, max_size=20))
def test_to_look_often_brings_as_much_as_to_look_once(per_minute: int, pauses: list[int]) -> None:
    emptied = Bucket(per_minute, 0, NOON)
    often, now = emptied, NOON
    for pause in pauses:
        now += pause * MICROSECOND
        often = refilled(often, per_minute, now)

    assert refilled(emptied, per_minute, now) == often


@given(rates, st.integers(0, 60_000_000))
def test_what_is_given_back_is_as_if_it_had_not_been_taken(per_minute: int, missing: int) -> None:
    bucket = Bucket(per_minute, per_minute * 60_000_000 - missing, NOON)

    left = taken(bucket)

    assert left is None or bucket == given_back(left)


@given(rates, waits)
def test_a_clock_that_was_set_back_brings_nothing_and_takes_nothing(per_minute: int, back: int) -> None:
    bucket = Bucket(per_minute, 0, NOON)
    earlier = NOON - back * MICROSECOND

    moved = refilled(bucket, per_minute, earlier)

    assert (0, min(per_minute * 60_000_000, per_minute * 1_000_000)) == (
        moved.level,
        refilled(moved, per_minute, earlier + timedelta(seconds=1)).level,
    )


@given(rates, rates)
def test_a_bucket_holds_no_more_than_the_rate_that_holds_now(before: int, after: int) -> None:
    assert min(before, after) * 60_000_000 == refilled(full_bucket(before, NOON), after, NOON).level


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - hypothesis wants it so
def test_a_quota_opens_again_at_midnight_in_utc_and_not_a_second_earlier(now: datetime) -> None:
    seconds = seconds_until_tomorrow(now)

    days = [(now + timedelta(seconds=wait)).date() for wait in (0, seconds - 1, seconds)]
    assert [0, 1] == [(after - before).days for before, after in pairwise(days)]
