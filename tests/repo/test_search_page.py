"""The page of the search language names every filter and every value, and its examples are understood."""

import re
from datetime import UTC, datetime

import pytest

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.domain.query_language import ALIASES, CHOICES, KEYS, PROPERTIES, parse, terms_of
from support.pages import PAGES, fences

PAGE_NAMES = ["search.md", "search.zh-CN.md"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def quoted_on(name: str) -> set[str]:
    """Return all that is set as code on a page."""
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", (PAGES / "reference" / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_filter_and_every_value_is_named(name: str) -> None:
    named = quoted_on(name)
    values = {value.value for choices in CHOICES.values() for value in choices} | {sort.value for sort in Sort}

    values.update(f"is:{name}" for name in PROPERTIES)

    assert set() == {*KEYS, *ALIASES} - {code.partition(":")[0] for code in named if ":" in code}
    assert set() == values - named


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_example_is_understood(name: str) -> None:
    codes = [code for code in quoted_on(name) if not code.endswith(":") and "…" not in code]
    examples = [code for code in codes if any(term.key for term in terms_of(code))]
    whole = [fence.text for fence in fences(PAGES / "reference" / name) if fence.language == "text"]

    assert 10 < len(examples)
    for text in (*examples, *whole):
        parse(text, NOW)
