"""The parts of the search index that need no database: grams, terms, places, bitmaps and what the indexer plans."""

from datetime import UTC, datetime
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.store.search import blocks
from logcenter_collector.store.search.candidates import spread
from logcenter_collector.store.search.grams import END, contains, grams_in, grams_of
from logcenter_collector.store.search.places import INDEXED, bounds_of, place_in
from logcenter_collector.store.search.queue import GAP, ranges_of
from logcenter_collector.store.search.terms import (
    EXCLUSIVE,
    REGRESSED,
    TERM_BITS,
    beginning_with,
    of_attribute,
    of_gram,
    terms_of,
)
from logcenter_collector.store.search.work import KEYS_AT_ONCE, Queued, plan

LETTERS = "aAbBß超时连か한😀%_\\ "
TEXTS = st.text(LETTERS, max_size=12) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PLACES = st.integers(0, blocks.BLOCK_IDS - 1)
IDS = st.sets(st.integers(1, 3 * blocks.BLOCK_IDS), max_size=300)


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("", set()),
        ("a", {"a"}),
        ("Ab", {"a", "b", f"ab{END}"}),
        ("abcd", {"a", "b", "c", "d", "abc", "bcd", f"cd{END}"}),
        ("超时", {"超", "时", "超时"}),
        ("db超", {"d", "b", "超", f"db{END}", "b超"}),
        ("ÄB", {"ä", "b", f"äb{END}"}),
        ("a😀", {"a", "😀", "a😀"}),
    ],
)
def test_grams_are_three_letters_or_two_characters_of_which_one_is_wide(text: str, grams: set[str]) -> None:
    assert grams == grams_of(text)


@given(before=TEXTS, text=TEXTS.filter(bool), after=TEXTS)
def test_a_text_has_the_grams_of_every_part_of_it(before: str, text: str, after: str) -> None:
    whole = before + text + after

    assert contains(whole, text.casefold())
    assert {*grams_in(text)} <= grams_of(whole)
    if not grams_in(text):
        assert any(of_gram(gram) in beginning_with(text.casefold()) for gram in grams_of(whole) if len(gram) > 2)


@given(grams=st.sets(st.text(LETTERS, min_size=1, max_size=8).flatmap(lambda text: st.sampled_from([*grams_of(text)]))))
def test_each_gram_has_a_term_of_its_own(grams: set[str]) -> None:
    terms = {of_gram(gram) for gram in grams}

    assert len(grams) == len(terms)
    assert all(0 <= term < 1 << TERM_BITS for term in terms)


def test_an_issue_has_terms_of_its_text_its_attributes_and_its_places() -> None:
    row = {
        "project_id": "shop",
        "source": "runtime",
        "status": "NEW",
        "level": "ERROR",
        "error_type": "E",
        "error_message": "超时",
        "file_path": None,
        "last_seen": datetime(2026, 3, 1, tzinfo=UTC),
        "first_seen": 0,
        "occurrence_count": 3,
        "regression_count": 0,
    }

    terms = terms_of(row, [("environment", "production"), ("commit_hash", "abc")])

    named = [("status", "NEW"), ("environment", "production"), ("occurrence_count", "2"), ("first_seen", "0")]
    assert {of_gram("超时"), *(of_attribute(name, value) for name, value in named)} <= terms
    assert of_attribute("commit_hash", "abc") not in terms
    assert {REGRESSED} == terms_of({**row, "regression_count": 2}, [("environment", "production")]) - terms
    assert {of_attribute("status", "NEW"), of_attribute("level", "ERROR")} == terms & EXCLUSIVE


@given(value=st.integers(-(2**62), 2**62), sort=st.sampled_from(INDEXED))
def test_a_value_lies_within_the_bounds_of_its_place_alone(value: int, sort: Sort) -> None:
    place = place_in(sort, value)
    low, high = bounds_of(sort, place)

    assert low <= value <= high
    assert high + 1 == bounds_of(sort, place + 1)[0]


def bits_of(ids: set[int]) -> dict[int, int]:
    return blocks.from_ids(ids)


@given(one=IDS, other=IDS)
def test_sets_of_blocks_do_what_sets_of_ids_do(one: set[int], other: set[int]) -> None:
    sets = bits_of(one), bits_of(other)

    assert sorted(one) == list(blocks.ids_of(sets[0]))
    assert sorted(one | other) == list(blocks.ids_of(blocks.union(*sets)))
    assert sorted(one & other) == list(blocks.ids_of(blocks.intersection(*sets)))
    assert sorted(one - other) == list(blocks.ids_of(blocks.difference(*sets)))
    assert len(one) == blocks.count(sets[0])
    assert sorted(one & other) == blocks.those_in(sets[0], [(0, issue_id) for issue_id in sorted(other)])


@given(first=st.integers(1, 3 * blocks.BLOCK_IDS), length=st.integers(1, 2 * blocks.BLOCK_IDS))
def test_a_range_has_all_ids_between_its_ends(first: int, length: int) -> None:
    ids = list(blocks.ids_of(blocks.from_range(first, first + length - 1)))

    assert [*range(first, first + length)] == ids


@given(ids=IDS.filter(bool))
def test_sets_become_bits_and_digits_without_gaps(ids: set[int]) -> None:
    first, bits = blocks.bits_of(bits_of(ids))
    last, digits = blocks.digits_of(bits_of(ids))

    number = int.from_bytes(bits, "little")
    assert ids == {first + place for place in range(8 * len(bits)) if number >> place & 1}
    assert ids == {last - place for place, digit in enumerate(digits) if digit == ord("1")}


@given(steps=st.lists(st.tuples(st.sets(PLACES, max_size=400), st.sets(PLACES, max_size=20)), max_size=5))
def test_a_kept_bitmap_remembers_what_was_added_and_not_removed(steps: list[tuple[set[int], set[int]]]) -> None:
    kept, expected = b"", set[int]()
    for add, remove in steps:
        kept = blocks.change(kept, sorted(add), sorted(remove))
        expected = (expected | add) - remove

    assert sum(1 << place for place in expected) == blocks.unpack(kept)


@pytest.mark.parametrize("size", [10, 500, 520, 4_000])
def test_bitmaps_read_together_are_their_union(size: int) -> None:
    one, other = range(0, size * 3, 3), range(0, size * 5, 5)

    both = blocks.unpack(blocks.change(b"", [*one]), blocks.change(b"", [*other]))

    assert sum(1 << place for place in {*one, *other}) == both


@given(ids=st.sets(st.integers(1, 2_000), max_size=50))
def test_the_queue_takes_few_ranges_that_hold_every_id(ids: set[int]) -> None:
    ranges = ranges_of(sorted(ids))

    assert all(any(first <= issue_id <= last for first, last in ranges) for issue_id in ids)
    assert all(one[1] + GAP < other[0] for one, other in pairwise(ranges))
    assert {end for pair in ranges for end in pair} <= ids


@given(
    ranges=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30)), max_size=6),
    limit=st.integers(1, 40),
)
def test_the_plans_for_a_queue_index_every_issue_and_empty_it(ranges: list[tuple[int, int]], limit: int) -> None:
    numbers = count()
    queue: list[Queued] = [(next(numbers), first, first + more) for first, more in ranges]
    indexed: set[int] = set()
    for _ in range(200):
        work = plan(queue, limit, lambda issue_id: {issue_id})
        assert limit >= len(work.issues)
        indexed |= work.issues
        done = {*work.done}
        queue = [row for row in queue if row[0] not in done] + [(next(numbers), *row) for row in work.left]
        if not queue:
            break

    assert {issue_id for first, more in ranges for issue_id in range(first, first + more + 1)} == indexed
    assert [] == queue


def test_an_issue_leaves_the_statuses_and_levels_that_it_does_not_have() -> None:
    present = {of_attribute("status", "FIXED"), of_attribute("level", "ERROR"), of_gram("超时")}

    work = plan([(1, 7, 7)], 10, lambda _: present)

    changes = {blocks.split_key(key): (add, remove) for key, add, remove in work.changes()}
    assert {(0, term): ([7], ()) for term in present} == {key: change for key, change in changes.items() if change[0]}
    assert {(0, term) for term in EXCLUSIVE - present} == {key for key, change in changes.items() if change[1] == [7]}


def test_a_plan_stops_before_it_writes_too_much_at_once() -> None:
    def terms(issue_id: int) -> set[int]:
        return {*range(issue_id * 1_000, issue_id * 1_000 + 1_000)}

    work = plan([(1, 1, 500)], 2_000, terms)

    assert KEYS_AT_ONCE < work.keys <= KEYS_AT_ONCE + 1_000
    assert [(len(work.issues) + 1, 500)] == work.left


@given(items=st.lists(st.integers(), max_size=40, unique=True), most=st.integers(2, 12))
def test_what_is_spread_has_the_first_the_last_and_no_item_twice(items: list[int], most: int) -> None:
    chosen = spread(items, most)

    assert min(len(items), most) == len({*chosen}) == len(chosen)
    assert not items or (items[0], items[-1]) == (chosen[0], chosen[-1])
