"""When a database that grows reaches its limit: nothing is said that is not known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.growth import Forecast, Outlook, Size, forecast

NOW = datetime(2026, 3, 2, 10, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def days(*sizes: int) -> list[Size]:
    """Return the sizes of the last days, the last of which is now."""
    return [Size(NOW - back * DAY, size) for back, size in enumerate(reversed(sizes))]


@pytest.mark.parametrize("sizes", [[], days(5), days(5, 9), [*days(9), Size(NOW - 8 * DAY, 1)]])
def test_less_than_two_days_within_the_last_week_say_nothing(sizes: list[Size]) -> None:
    assert Forecast(outlook=Outlook.TOO_EARLY) == forecast(sizes, 100, NOW)


def test_what_grows_by_as_much_each_day_reaches_its_limit_when_that_is_used_up() -> None:
    said = forecast(days(10, 20, 30), 100, NOW)

    assert Forecast(outlook=Outlook.AHEAD, per_day=10, within=7 * DAY) == said


def test_only_the_last_week_counts() -> None:
    assert 10 == forecast(days(0, 5_000, *range(10, 90, 10)), 100, NOW).per_day


@pytest.mark.parametrize("sizes", [days(9, 9, 9), days(20, 50, 10)])
def test_what_does_not_grow_over_the_week_has_no_end_in_sight(sizes: list[Size]) -> None:
    assert Outlook.STEADY is forecast(sizes, 100, NOW).outlook


def test_an_end_that_is_years_away_is_not_foretold_and_neither_is_one_without_a_limit() -> None:
    for limit in (1_000_000, None):
        assert Forecast(outlook=Outlook.FAR, per_day=1) == forecast(days(1, 2, 3), limit, NOW)


def test_a_limit_that_is_reached_is_said_to_be_however_it_grows() -> None:
    for sizes in (days(80, 90, 100), days(300, 200, 100)):
        assert Outlook.REACHED is forecast(sizes, 100, NOW).outlook


@given(st.integers(1, 10**9), st.integers(1, 10**12), st.integers(1, 600))
def test_steady_growth_reaches_the_limit_when_it_says(per_day: int, begin: int, left_days: int) -> None:
    sizes = days(*(begin + day * per_day for day in range(8)))
    limit = sizes[0].used + left_days * per_day

    said = forecast(sizes, limit, NOW)

    assert (Outlook.AHEAD, per_day) == (said.outlook, said.per_day)
    assert said.within is not None
    assert timedelta(0) <= said.within - left_days * DAY < timedelta(seconds=1)
