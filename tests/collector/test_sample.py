"""Which occurrences are kept whole."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.sample import LEAST_KEPT, PINNED, Kept, Role, Spread, begin_spread, fits, is_due, thin
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.store.sql import SqlStore

START = datetime(2026, 1, 1, tzinfo=UTC)


def kept(number: int, seconds: float, role: Role = Role.SPREAD) -> Kept:
    return Kept(number, role, START + timedelta(seconds=seconds))


def samples() -> st.SearchStrategy[list[Kept]]:
    """Return samples in the order of arrival, the first occurrence among them."""
    gaps = st.lists(st.tuples(st.floats(0, 100_000), st.sampled_from(Role)), max_size=150)
    return gaps.map(_sample)


def _sample(gaps: list[tuple[float, Role]]) -> list[Kept]:
    rows, seconds = [kept(1, 0, Role.FIRST)], 0.0
    for number, (gap, role) in enumerate(gaps, start=2):
        seconds += gap
        rows.append(kept(number, seconds, Role.SPREAD if role is Role.FIRST else role))
    return rows


@given(samples(), st.integers(LEAST_KEPT, 100), st.integers(10, 10_000))
def test_a_thinned_sample_leaves_room_for_the_latest_and_keeps_the_first(
    rows: list[Kept], limit: int, interval: int
) -> None:
    thinning = thin(rows, interval, limit)

    left = [row for row in rows if row.number not in thinning.dropped]
    assert 1 in {row.number for row in left}
    assert len(left) <= limit - 1


@given(samples(), st.integers(LEAST_KEPT, 100))
def test_of_regressions_and_of_newcomers_the_latest_stays_however_small_the_sample(
    rows: list[Kept], limit: int
) -> None:
    dropped = thin(rows, 10, limit).dropped

    latest = {row.role: row.number for row in rows if row.role in {Role.REGRESSION, Role.NEWCOMER}}
    assert not dropped & set(latest.values())


@pytest.mark.parametrize("store", [MemoryStore, partial(SqlStore, "sqlite:///nowhere.db")])
def test_a_store_refuses_a_sample_that_is_smaller_than_the_least(store: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="at least 4 occurrences of an issue are kept, not 3"):
        store(kept_occurrences=LEAST_KEPT - 1)


@given(samples(), st.integers(LEAST_KEPT, 100))
def test_a_sample_that_fits_gives_nothing_up(rows: list[Kept], limit: int) -> None:
    if fits(len(rows), limit):
        assert frozenset() == thin(rows, 10, limit).dropped


@given(samples())
def test_thinning_twice_drops_nothing_more(rows: list[Kept]) -> None:
    thinning = thin(rows, 10)

    left = [row for row in rows if row.number not in thinning.dropped]

    assert frozenset() == thin(left, thinning.interval_seconds).dropped


def test_the_latest_regressions_and_newcomers_stay_and_older_ones_give_way() -> None:
    rows = [kept(1, 0, Role.FIRST), *(kept(number, number, Role.REGRESSION) for number in range(2, 62))]

    thinning = thin(rows, 10)

    assert frozenset(range(2, 42)) == thinning.dropped
    assert {Role.FIRST, Role.REGRESSION} == PINNED


def test_what_is_left_of_a_full_sample_spreads_over_the_whole_time() -> None:
    rows = [kept(1, 0, Role.FIRST), *(kept(number, number * 10) for number in range(2, 200))]

    thinning = thin(rows, 10)

    left = [row for row in rows if row.number not in thinning.dropped and row.role is Role.SPREAD]
    gaps = {(later.arrived_at - earlier.arrived_at).total_seconds() for earlier, later in pairwise(left)}
    assert {thinning.interval_seconds} == gaps
    assert (left[0].number, True) == (2, left[-1].number > 190)


def test_the_first_ten_are_kept_and_then_one_in_each_interval() -> None:
    spread = begin_spread(START)

    assert [True, False] == [is_due(spread, number, START) for number in (10, 11)]
    assert [False, True] == [is_due(spread, 11, START + timedelta(seconds=seconds)) for seconds in (9, 10)]


def test_a_storm_of_a_million_in_an_hour_keeps_a_hundred_and_writes_few_more() -> None:
    """As recording does it, with the clock of the reports: 278 a second."""
    rows, spread, written = [kept(1, 0, Role.FIRST)], begin_spread(START), 1
    for number in range(2, 1_000_001, 97):  # most of a storm is not looked at: no step is due twice in 10 s
        at = START + timedelta(seconds=number * 3_600 / 1_000_000)
        if is_due(spread, number, at):
            rows.append(Kept(number, Role.SPREAD, at))
            spread, written = Spread(spread.interval_seconds, at), written + 1
            thinning = thin(rows, spread.interval_seconds)
            rows = [row for row in rows if row.number not in thinning.dropped]
            spread = Spread(thinning.interval_seconds, spread.sampled_at)

    assert 40 < len(rows) <= 99
    assert written < 300
    assert rows[-1].arrived_at - START > timedelta(minutes=55)
