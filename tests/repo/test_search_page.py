"""The page of the search language names every filter, value and limit; its examples are understood, or refused."""

import re
from datetime import UTC, datetime

import pytest

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.domain.query_language import (
    ALIASES,
    CHOICES,
    KEYS,
    PROPERTIES,
    TEXTS,
    UNITS,
    Why,
    WrongQueryError,
    parse,
    terms_of,
)
from logcenter_sdk.contract.teamwork import QUERY_CHARACTERS
from support.pages import PAGES, fences, snippet

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
    assert set(UNITS) == {code[-1] for code in named if re.fullmatch(r"[0-9]+[a-z]", code)}


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_example_is_understood(name: str) -> None:
    codes = [code for code in quoted_on(name) if not code.endswith(":") and "…" not in code]
    examples = [code for code in codes if any(term.key for term in terms_of(code))]
    texts = [fence for fence in fences(PAGES / "reference" / name) if fence.language == "text"]
    whole = [fence.text for fence in texts if fence.name is None]

    assert 10 < len(examples)
    for text in (*examples, *whole):
        parse(text, NOW)


def why_refused(text: str) -> set[Why]:
    with pytest.raises(WrongQueryError) as refusal:
        parse(text, NOW)
    return {wrong.why for wrong in refusal.value.wrong}


def test_what_the_page_calls_refused_is_refused_for_every_reason_that_there_is() -> None:
    refused = snippet("reference/search.md", "refused.txt").splitlines()

    assert set(Why) - {Why.TOO_MANY_TEXTS} == {why for text in refused for why in why_refused(text)}


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_the_limits_are_on_the_page(name: str) -> None:
    page = (PAGES / "reference" / name).read_text(encoding="utf-8")

    assert f" {QUERY_CHARACTERS:,} " in page
    assert f" {TEXTS} " in page
