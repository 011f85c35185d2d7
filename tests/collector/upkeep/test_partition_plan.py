"""Which partitions are made ahead, and which are dropped whole."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.partitions import DAY, WEEK, Partition, expired, oldest, partitions_ahead

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=10)
GB = 10**9


def week(number: int, size: int = 0) -> Partition:
    return Partition(MIDNIGHT + number * WEEK, MIDNIGHT + (number + 1) * WEEK, size)


def test_at_first_there_are_partitions_from_today_on_for_more_than_a_week() -> None:
    assert [week(0), week(1)] == partitions_ahead([], NOW)


def test_nothing_is_made_that_is_there() -> None:
    assert [] == partitions_ahead([week(0), week(1)], NOW)
    assert [week(2)] == partitions_ahead([week(0), week(1)], NOW + WEEK)


def test_after_a_long_stop_partitions_begin_today_again() -> None:
    assert [week(9), week(10)] == partitions_ahead([week(0)], NOW + 9 * WEEK)


def test_where_a_week_would_be_a_large_part_of_the_budget_a_partition_is_a_day() -> None:
    past = week(-1, size=2 * GB)

    assert {WEEK} == {each.end - each.begin for each in partitions_ahead([past], NOW, budget=16 * GB)}
    assert {DAY} == {each.end - each.begin for each in partitions_ahead([past], NOW, budget=15 * GB)}


def test_a_partition_that_filled_quickly_counts_as_the_week_that_it_will_be() -> None:
    begun = Partition(MIDNIGHT, MIDNIGHT + DAY, GB)

    assert {DAY} == {each.end - each.begin for each in partitions_ahead([begun], NOW, budget=80 * GB)}


@given(
    st.lists(st.integers(-3, 3), max_size=3, unique=True),
    st.sets(st.integers(-10, 40).map(lambda day: MIDNIGHT + day * DAY), max_size=10),
    st.none() | st.integers(1, 40 * GB),
    st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_partitions_never_overlap_each_other_or_a_day_that_is_taken(
    weeks: list[int], taken: set[datetime], budget: int | None, later: timedelta
) -> None:
    present = [week(number, GB) for number in weeks]
    now = NOW + later
    made = partitions_ahead(present, now, budget=budget, taken=taken)
    every = sorted([*present, *made], key=lambda each: each.begin)

    assert all(one.end <= other.begin for one, other in pairwise(every))
    assert not [day for day in taken for each in made if each.begin <= day < each.end]
    for day in range(8):
        midnight = MIDNIGHT + (now - MIDNIGHT) // DAY * DAY + day * DAY
        assert midnight in taken or any(each.begin <= midnight < each.end for each in every)


def test_only_what_is_old_as_a_whole_is_expired() -> None:
    assert [week(-2), week(-1)] == expired([week(0), week(-1), week(-2)], NOW)


@given(st.lists(st.integers(0, 10), max_size=8), st.integers(0, 50))
def test_the_oldest_go_first_and_no_more_than_needed(sizes: list[int], excess: int) -> None:
    present = [week(number - len(sizes), size) for number, size in enumerate(sizes)]
    chosen = oldest([*present, week(0, 100)], NOW, excess)

    assert present[: len(chosen)] == chosen
    assert not chosen or sum(each.size for each in chosen[:-1]) < excess
    assert chosen == present or sum(each.size for each in chosen) >= excess
