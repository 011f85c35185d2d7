"""Edits of a search, as chips and quick filters make them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.query_editing import chips, chosen, set_once, toggled, with_property, without
from logcenter_collector.domain.query_language import parse

NOW = datetime(2026, 2, 20, tzinfo=UTC)
SEARCHES = st.lists(
    st.sampled_from(
        [
            "word",
            '"two words"',
            "status:NEW",
            "status:FIXED,FIXING",
            "-level:WARNING",
            "env:live",
            'env:"a, b"',
            "since:7d",
        ]
    ),
    max_size=5,
).map(" ".join)


@pytest.mark.parametrize(
    ("expected", "text", "value"),
    [
        ("status:NEW", "", "NEW"),
        ("word status:NEW,FIXED", "status:NEW word", "FIXED"),
        ("word", "word status:new", "NEW"),
        ("-status:NEW status:NEW", "-status:NEW", "NEW"),
        ('env:live status:"a b"', "env:live", "a b"),
    ],
)
def test_a_value_is_added_to_its_filter_or_taken_from_it(expected: str, text: str, value: str) -> None:
    assert expected == toggled(text, "status", value)


def test_a_filter_that_takes_one_value_is_replaced_and_chosen_again_removed() -> None:
    assert "word since:24h" == set_once("since:7d word", "since", "24h")
    assert "word" == set_once("word since:7d", "since", "7d")


def test_what_is_said_of_a_property_is_replaced() -> None:
    assert "is:regressed with:muted" == with_property("is:muted,regressed", "with", "muted")
    assert "word" == with_property("word with:muted", "with", "muted")


def test_a_chip_leads_to_the_search_without_it_and_the_order_has_none() -> None:
    assert [("a", "b sort:rising"), ("b", "a sort:rising")] == [
        (chip.term.written, chip.rest) for chip in chips("a b sort:rising")
    ]


@given(SEARCHES, st.sampled_from(["NEW", "FIXED", "VERIFYING"]))
def test_a_value_that_is_toggled_twice_is_as_before_and_nothing_else_changes(text: str, value: str) -> None:
    def meaning(of: str) -> Any:
        query = parse(of, NOW)
        return evolve(query, status=tuple(sorted(query.status)))

    once = toggled(text, "status", value)

    assert meaning(text) == meaning(toggled(once, "status", value))
    assert (value.lower() in chosen(text, "status")) is not (value.lower() in chosen(once, "status"))
    assert without(text, "status") == without(once, "status")
