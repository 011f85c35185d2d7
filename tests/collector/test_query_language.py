"""The language of the search box."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery, Sort
from logcenter_collector.domain.query_language import TEXTS, Why, WrongQueryError, parse, write
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

NOW = datetime(2026, 3, 2, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", {}),
        ("connection refused", {"texts": ("connection", "refused")}),
        ('"connection refused"', {"texts": ("connection refused",)}),
        ('"not closed', {"texts": ("not closed",)}),
        (r'"say \"hi\" to C:\app\main.py"', {"texts": (r'say "hi" to C:\app\main.py',)}),
        ('"" -""', {}),
        ("KeyError: 用户", {"texts": ("KeyError:", "用户")}),
        ("http://shop.example/x main.py:12 c:", {"texts": ("http://shop.example/x", "main.py:12", "c:")}),
        ("status:NEW", {"status": (Status.NEW,)}),
        ("STATUS:new,fixed status:NEW", {"status": (Status.NEW, Status.FIXED)}),
        ("source:cicd level:error", {"source": (Source.CICD,), "level": (Level.ERROR,)}),
        ("env:a environment:b", {"environment": ("a", "b")}),
        ('release:"1,0 beta",2.0', {"version": ("1,0 beta", "2.0")}),
        ("version:1.0", {"version": ("1.0",)}),
        ("project:shop", {"project_id": ("shop",)}),
        ("-level:WARNING", {"without": Filters(level=(Level.WARNING,))}),
        ('-env:a -"some text" -word', {"without": Filters(environment=("a",), texts=("some text", "word"))}),
        ("--", {"without": Filters(texts=("-",))}),
        ("assignee:mei,none", {"assignee": ("mei", NOBODY)}),
        ("-assignee:None", {"without": Filters(assignee=(NOBODY,))}),
        ("is:muted,regressed", {"muted": True, "regressed": True}),
        ("-is:muted", {"muted": False}),
        ("is:regressed", {"regressed": True}),
        ("-is:regressed", {"regressed": False}),
        ("is:registration", {"registration": True}),
        ("with:registration", {"registration": None}),
        ("since:7d", {"since": NOW - timedelta(days=7)}),
        ("since:24h until:30m", {"since": NOW - timedelta(hours=24), "until": NOW - timedelta(minutes=30)}),
        ("first:2w", {"first_since": NOW - timedelta(weeks=2)}),
        ("since:2026-02-20", {"since": datetime(2026, 2, 20, tzinfo=UTC)}),
        ("until:2026-02-20T18:30:00+08:00", {"until": datetime(2026, 2, 20, 10, 30, tzinfo=UTC)}),
        ("sort:occurrence_count", {"sort": Sort.OCCURRENCE_COUNT}),
        ("a\0b", {"texts": ("a\ufffdb",)}),
    ],
    ids=str,
)
def test_a_text_is_read_as_it_is_meant(text: str, asked: dict[str, Any]) -> None:
    assert IssueQuery(asked_at=NOW, **asked) == parse(text, NOW)


@pytest.mark.parametrize(
    ("text", "why", "in_message"),
    [
        ("colour:red", Why.UNKNOWN_FILTER, "release"),
        ("status:DONE", Why.UNKNOWN_VALUE, "CANNOT_REPRODUCE"),
        ("-level:fatal", Why.UNKNOWN_VALUE, "CRITICAL"),
        ("is:new", Why.UNKNOWN_VALUE, "regressed"),
        ("since:soon", Why.UNKNOWN_VALUE, "24h"),
        ("since:999999w", Why.UNKNOWN_VALUE, "24h"),
        ("sort:size", Why.UNKNOWN_VALUE, "first_seen"),
        ("status:", Why.NO_VALUE, "status:NEW"),
        ('env:""', Why.NO_VALUE, "env:"),
        ("since:7d since:8d", Why.ONCE, "since:8d"),
        ("since:7d,8d", Why.ONCE, "since:7d,8d"),
        ("is:regressed -is:regressed", Why.ONCE, "-is:regressed"),
        ("-since:7d", Why.NO_EXCLUSION, "level"),
        (" ".join(str(number) for number in range(TEXTS + 9)), Why.TOO_MANY_TEXTS, str(TEXTS)),
    ],
)
def test_what_is_not_understood_is_named_with_what_would_be_right(text: str, why: Why, in_message: str) -> None:
    with pytest.raises(WrongQueryError) as caught:
        parse(text, NOW)

    assert [why] == [wrong.why for wrong in caught.value.wrong]
    assert in_message in str(caught.value)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(WrongQueryError) as caught:
        parse("colour:red right status:DONE", NOW)

    assert ["colour:red", "status:DONE"] == [wrong.term for wrong in caught.value.wrong]


def test_what_a_text_does_not_say_is_as_in_the_base() -> None:
    base = IssueQuery(regressed=True, registration=None, limit=7)

    expected = IssueQuery(texts=("x",), regressed=False, registration=None, limit=7, asked_at=NOW)
    assert expected == parse("x -is:regressed", NOW, base)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
TEXT |= st.text('ab:,-"\\ is', min_size=1, max_size=6)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=3, unique=True).map(tuple)


FILTERS: dict[str, st.SearchStrategy[Any]] = {
    "project_id": several(TEXT),
    "status": several(st.sampled_from(Status)),
    "source": several(st.sampled_from(Source)),
    "level": several(st.sampled_from(Level)),
    "environment": several(TEXT),
    "version": several(TEXT),
    "texts": several(TEXT),
    "assignee": several(TEXT.filter(lambda name: name.lower() != "none") | st.just(NOBODY)),
}
INSTANTS = st.none() | st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis takes naive bounds
QUERIES = st.builds(
    IssueQuery,
    **FILTERS,
    without=st.builds(Filters, **FILTERS),
    muted=st.sampled_from([None, True, False]),
    asked_at=st.just(NOW),
    regressed=st.sampled_from([None, True, False]),
    registration=st.sampled_from([None, True, False]),
    since=INSTANTS,
    until=INSTANTS,
    first_since=INSTANTS,
    sort=st.sampled_from(Sort),
)


@given(QUERIES)
def test_what_is_written_is_read_as_the_same_query(query: IssueQuery) -> None:
    assert query == parse(write(query), NOW)


@given(st.text(max_size=40) | st.text('status:isenv,-"\\ NEW7d', max_size=30))
def test_every_text_is_a_query_or_says_what_is_wrong(text: str) -> None:
    query = read_or_none(text)

    assert query is None or query == parse(write(query), NOW)


def read_or_none(text: str) -> IssueQuery | None:
    try:
        return parse(text, NOW)
    except WrongQueryError:
        return None
