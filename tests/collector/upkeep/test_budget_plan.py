"""What is dropped first, next and last when the database outgrows its budget."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.budget import Ceiling, Shelf, Tier, excess_over, passes, plan, room_in, score
from logcenter_collector.domain.pace import SLICE_SECONDS, Pace

HOURS = st.timedeltas(timedelta(0), timedelta(days=1_000))
SHELVES = st.builds(Shelf, st.sampled_from(Tier), st.integers(0, 21))
STOCK = st.dictionaries(SHELVES, st.integers(1, 1_000_000), max_size=40)
EXCESS = st.integers(0, 30_000_000)


@given(STOCK, EXCESS)
def test_a_plan_frees_enough_or_says_that_everything_is_not_enough(stock: dict[Shelf, int], excess: int) -> None:
    planned = plan(stock, excess)

    assert planned.is_enough is (sum(stock[shelf] for shelf in planned.shelves) >= excess)
    assert planned.is_enough or set(planned.shelves) == set(stock)


@given(STOCK, EXCESS)
def test_a_plan_clears_no_shelf_that_it_need_not(stock: dict[Shelf, int], excess: int) -> None:
    shelves = plan(stock, excess).shelves

    assert not shelves or sum(stock[shelf] for shelf in shelves[:-1]) < excess


@given(STOCK, EXCESS)
def test_nothing_pinned_goes_before_all_that_is_only_sampled_and_no_latest_before_all_that_is_pinned(
    stock: dict[Shelf, int], excess: int
) -> None:
    shelves = plan(stock, excess).shelves

    for shelf in shelves:
        assert {each for each in stock if each.tier < shelf.tier} <= set(shelves)


@given(STOCK, EXCESS)
def test_within_a_tier_the_more_dispensable_goes_first(stock: dict[Shelf, int], excess: int) -> None:
    shelves = plan(stock, excess).shelves

    for shelf in shelves:
        assert {each for each in stock if each.tier == shelf.tier and each.score > shelf.score} <= set(shelves)


@given(STOCK, EXCESS)
def test_the_passes_clear_the_shelves_of_the_plan_and_no_others(stock: dict[Shelf, int], excess: int) -> None:
    shelves = plan(stock, excess).shelves
    cleared = [
        shelf for step in passes(shelves) for shelf in stock if (step.tier, step.score) <= (shelf.tier, shelf.score)
        and step.tier == shelf.tier
    ]  # fmt: skip

    assert set(shelves) == set(cleared)
    assert len(passes(shelves)) <= len(Tier) + 1


@given(st.integers(0, 200), st.integers(0, 200), HOURS, HOURS)
def test_what_is_older_and_more_redundant_is_never_less_dispensable(
    one: int, other: int, young: timedelta, old: timedelta
) -> None:
    assert score(min(one, other), min(young, old)) <= score(max(one, other), max(young, old))


def test_twice_the_age_weighs_as_much_as_twice_the_newer_ones() -> None:
    hour = timedelta(hours=1)

    assert score(newer=8, age=4 * hour) == score(newer=4, age=8 * hour)
    assert score(newer=8, age=4 * hour) + 1 == score(newer=8, age=8 * hour)
    assert 0 == score(newer=0, age=-hour)


@given(st.integers(1, 10**12), st.integers(0, 2 * 10**12))
def test_nothing_is_dropped_while_there_is_room_and_otherwise_enough_for_a_while(room: int, used: int) -> None:
    excess = excess_over(room, used)

    assert (excess == 0) is (used <= room * 0.9)
    assert 0 == excess_over(room, used - excess)


def test_a_log_beside_the_database_takes_a_tenth_of_the_budget_at_most() -> None:
    assert 1_000 - 16 == room_in(1_000, 16)
    assert 90 == room_in(100, 16)


@given(st.integers(1, 1_000), st.lists(st.floats(0, 10), max_size=30))
def test_a_slice_is_never_beyond_its_bounds(size: int, seconds: list[float]) -> None:
    pace = Pace(size=size, most=1_000, least=1)

    for took in seconds:
        before = pace.size
        pace.took(took)
        assert 1 <= pace.size <= min(1_000, 2 * before)


def test_a_slice_that_took_too_long_is_followed_by_a_shorter_one() -> None:
    pace = Pace(size=100, most=1_000)

    pace.took(2 * SLICE_SECONDS)

    assert 50 == pace.size


@given(st.integers(100, 10**12), st.lists(st.floats(0, 3), min_size=1))
def test_nothing_is_taken_beyond_the_room_except_where_it_was_more_from_the_start(
    room: int, shares: list[float]
) -> None:
    ceiling = Ceiling(room)

    most = max(room, int(room * shares[0]))
    for used in [int(room * share) for share in shares]:
        reached = ceiling.is_reached(used)
        assert not (reached and used <= room * 0.99)
        assert reached or used <= most * 1.06


def test_a_database_that_is_brought_down_takes_reports_while_it_does_not_grow() -> None:
    ceiling = Ceiling(1_000)

    assert [False, False, False, True, False] == [
        ceiling.is_reached(used) for used in (2_000, 2_040, 1_500, 1_551, 900)
    ]
    assert [False, True] == [ceiling.is_reached(used) for used in (1_000, 1_001)]
