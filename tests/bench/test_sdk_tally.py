"""Lost and double: the counts of the SDK's figures."""

import pytest

from arrivals import Arrival
from tally import Tally, dropped, tally


def arrived(*numbers: int, kind: str = "A") -> list[Arrival]:
    return [Arrival(kind, number) for number in numbers]


def test_nothing_is_lost_or_double_when_each_arrives_once() -> None:
    assert Tally(captured=3, delivered=3, lost=0, double=0, resent=0, strangers=0) == tally({"A": 3}, arrived(1, 2, 3))


def test_what_does_not_arrive_is_lost() -> None:
    assert Tally(captured=3, delivered=1, lost=2, double=0, resent=0, strangers=0) == tally({"A": 3}, arrived(2))


def test_a_number_that_comes_again_is_double_and_makes_up_for_no_other() -> None:
    assert Tally(captured=3, delivered=2, lost=1, double=1, resent=0, strangers=0) == tally({"A": 3}, arrived(1, 2, 2))


def test_an_id_that_comes_again_is_resent_and_counts_once() -> None:
    event = Arrival("A", 1, 5, "id")
    assert Tally(captured=5, delivered=5, lost=0, double=0, resent=1, strangers=0) == tally({"A": 5}, [event, event])


def test_a_folded_error_counts_as_often_as_it_stands_for() -> None:
    events = [Arrival("A", 1, 1, "x"), Arrival("A", 2, 9, "y")]
    assert Tally(captured=10, delivered=10, lost=0, double=0, resent=0, strangers=0) == tally({"A": 10}, events)


def test_a_fold_that_counts_too_much_is_double() -> None:
    assert Tally(captured=3, delivered=3, lost=0, double=2, resent=0, strangers=0) == tally(
        {"A": 3}, [Arrival("A", 1, 5)]
    )


def test_too_many_of_one_kind_make_up_for_none_of_another() -> None:
    events = [Arrival("A", 1, 3), *arrived(9, kind="B")]
    assert Tally(captured=4, delivered=3, lost=1, double=1, resent=0, strangers=0) == tally({"A": 2, "B": 2}, events)


def test_what_nobody_captured_is_double() -> None:
    assert 1 == tally({"A": 1}, [*arrived(1), *arrived(2, kind="B")]).double


def test_an_error_without_a_number_is_a_stranger_and_neither_double_nor_a_substitute() -> None:
    events = [*arrived(1), Arrival("A", None), Arrival("RuntimeError", None)]
    assert Tally(captured=2, delivered=1, lost=1, double=0, resent=0, strangers=2) == tally({"A": 2}, events)


@pytest.mark.parametrize(
    ("stats", "count"), [({}, 0), ({"dropped": 4}, 4), ({"dropped": {"full": 3, "sampled": 2}}, 5), ({"sent": 9}, 0)]
)
def test_what_an_sdk_says_it_dropped_is_a_number_or_a_sum_of_reasons(stats: dict[str, object], count: int) -> None:
    assert count == dropped(stats)
