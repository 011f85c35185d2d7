"""Where event ids stand in SQLite's log: the index in memory."""

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.store.event_index import EventIndex


def key(number: int) -> bytes:
    return blake2b(str(number).encode(), digest_size=16).digest()


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 60)))
def test_what_was_added_is_found_at_its_latest_position_and_nothing_else_is(added: list[int], asked: list[int]) -> None:
    index = EventIndex(1_000)
    index.add((key(number), position) for position, number in enumerate(added))
    latest = {number: position for position, number in enumerate(added)}

    assert [latest.get(number) for number in asked] == [next(index.positions(key(number)), None) for number in asked]


def test_at_least_the_latest_are_found_over_generations_and_the_oldest_are_forgotten() -> None:
    index = EventIndex(40_000)
    index.add((key(number), number) for number in range(120_000))

    assert [number for number in range(80_000, 120_000) if number not in index.positions(key(number))] == []
    assert [] == [position for number in range(20_000) for position in index.positions(key(number))]


def test_positions_may_be_as_far_apart_as_they_like() -> None:
    index = EventIndex(20_000)
    index.add((key(number), number * 2**33) for number in range(20_000))  # a generation, and some more

    assert [[number * 2**33] for number in (0, 9_999, 19_999)] == [
        [*index.positions(key(number))] for number in (0, 9_999, 19_999)
    ]


def test_two_keys_that_begin_alike_are_both_possible_positions() -> None:
    index = EventIndex(20_000)
    twin = key(1)[:8] + b"another!"
    index.add([(key(1), 1)])
    index.add((key(number), number) for number in range(2, 16_385))  # the first generation ends
    index.add([(twin, 99_999)])

    assert [99_999, 1] == list(index.positions(key(1)))
