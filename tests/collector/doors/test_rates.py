"""Rates and quotas, as laws: nothing is let through twice, nothing is lost by looking, the time to wait is right."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.rates import COST, Bucket, day_of, seconds_until_tomorrow
from logcenter_collector.store.tables import microseconds

SECOND = 1_000_000
NOON = 1_772_452_800 * SECOND

rates = st.integers(1, 1_000_000_000)
small_rates = st.integers(1, 120)
waits = st.integers(0, 180 * SECOND)


def ask(bucket: Bucket, now: int, per_minute: int) -> bool:
    """Ask for one report at an instant, and take it where there is one."""
    bucket.refill(per_minute, now)
    has_one = bucket.has_one
    if has_one:
        bucket.take()
    return has_one


@given(small_rates, st.lists(waits, max_size=150))
def test_no_span_of_time_sees_more_than_a_minutes_worth_and_what_came_back_in_it(
    per_minute: int, pauses: list[int]
) -> None:
    bucket, now, accepted = Bucket.full(per_minute, NOON), NOON, []
    for pause in pauses:
        now += pause
        accepted += [now] * ask(bucket, now, per_minute)

    for number, begin in enumerate(accepted):
        for count, end in enumerate(accepted[number:], start=1):
            assert count <= per_minute + (end - begin) * per_minute / COST


@given(small_rates, st.integers(0, 130), waits)
def test_whoever_waits_as_long_as_is_said_gets_in_and_a_second_less_is_too_little(
    per_minute: int, reports: int, pause: int
) -> None:
    bucket = Bucket.full(per_minute, NOON)
    for _ in range(reports):
        ask(bucket, NOON, per_minute)
    now = NOON + pause
    if ask(bucket, now, per_minute):
        return

    seconds = bucket.seconds_until_one

    assert not ask(bucket, now + (seconds - 1) * SECOND, per_minute)
    assert ask(bucket, now + seconds * SECOND, per_minute)


@given(rates, st.lists(waits, min_size=1, max_size=20))
def test_to_look_often_brings_as_much_as_to_look_once(per_minute: int, pauses: list[int]) -> None:
    often, once, now = Bucket(per_minute, 0, NOON), Bucket(per_minute, 0, NOON), NOON
    for pause in pauses:
        now += pause
        often.refill(per_minute, now)
    once.refill(per_minute, now)

    assert once == often


@given(rates, st.integers(0, COST))
def test_what_is_given_back_is_as_if_it_had_not_been_taken(per_minute: int, missing: int) -> None:
    bucket = Bucket(per_minute, per_minute * COST - missing, NOON)
    expected = (bucket.level, bucket.is_full)

    bucket.take()
    bucket.give_back()

    assert expected == (bucket.level, bucket.is_full)


@given(rates, waits)
def test_a_clock_that_was_set_back_brings_nothing_and_takes_nothing(per_minute: int, back: int) -> None:
    bucket = Bucket(per_minute, 7, NOON)

    bucket.refill(per_minute, NOON - back)
    level = bucket.level
    bucket.refill(per_minute, NOON - back + SECOND)

    assert (7, min(per_minute * COST, 7 + per_minute * SECOND)) == (level, bucket.level)


@given(rates, rates)
def test_a_bucket_holds_no_more_than_the_rate_that_holds_now(before: int, after: int) -> None:
    bucket = Bucket.full(before, NOON)
    bucket.refill(after, NOON)

    assert min(before, after) * COST == bucket.level


@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants it so
def test_a_day_begins_at_midnight_in_utc_and_its_quota_opens_then_and_not_a_second_earlier(moment: datetime) -> None:
    now = microseconds(moment)
    seconds = seconds_until_tomorrow(now)

    today = (moment.date() - date(1970, 1, 1)) // timedelta(days=1)
    assert [today, today, today + 1] == [day_of(now + wait * SECOND) for wait in (0, seconds - 1, seconds)]
