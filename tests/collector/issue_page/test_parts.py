"""Parts of the page of an issue: values in, values out."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.store.base import Per
from logcenter_collector.store.kept_line import KeptLine
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.web.ui.issue.asked import Asked, asked_for
from logcenter_collector.web.ui.issue.context import read_context
from logcenter_collector.web.ui.issue.frames import fold_frames, is_own_line, source_of_frame
from logcenter_collector.web.ui.issue.frequency import BARS, WIDTH, By, Frequency, span_of, usual_per
from logcenter_collector.web.ui.issue.grouping import grouping_of
from logcenter_collector.web.ui.issue.markdown import fenced, in_code
from logcenter_collector.web.ui.issue.pipeline import Reach, pipeline_of
from logcenter_collector.web.ui.issue.steps import steps_from
from logcenter_sdk.contract.issue import Issue, StatsBucket
from logcenter_sdk.contract.report import Frame, Level
from logcenter_sdk.contract.status import Status
from support.reports import json_values
from support.stores import START, Reporter, reporter_of

NOW = datetime(2026, 2, 20, 10, 30, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it wants


def frame(name: str, *, in_app: bool | None = None, **fields: Any) -> Frame:
    return Frame(file_path=f"{name}.py", in_app=in_app, **fields)


@pytest.fixture
def reporter() -> Reporter:
    return reporter_of(MemoryStore())


def reported(reporter: Reporter, **fields: Any) -> Issue:
    return reporter.issue(reporter.report(**fields).issue_id)


def test_frames_are_folded_to_the_applications_own_innermost_first() -> None:
    own, library = {"in_app": True}, {"in_app": False}
    frames = [frame("main", **own), frame("a", **library), frame("b", **library), frame("cart", **own)]

    groups = fold_frames([*frames, frame("json", **library)])

    assert [
        (False, False, ["json.py"]),
        (True, True, ["cart.py"]),
        (False, False, ["b.py", "a.py"]),
        (True, False, ["main.py"]),
    ] == [(group.is_own, group.is_first, [f"{each.file_path}" for each in group.frames]) for group in groups]


def test_where_nobody_says_which_frames_are_the_applications_all_are() -> None:
    groups = fold_frames([frame("a"), frame("b", in_app=False)])

    assert [(True, True), (True, False)] == [(group.is_own, group.is_first) for group in groups]


@given(st.lists(st.sampled_from([True, False, None])))
def test_folding_loses_no_frame(owned: list[bool | None]) -> None:
    frames = [frame(f"{number}", in_app=own) for number, own in enumerate(owned)]

    folded = [each for group in fold_frames(frames) for each in group.frames]

    assert frames[::-1] == folded


def test_source_has_the_numbers_of_its_lines() -> None:
    lines = source_of_frame(
        frame("a", line_number=12, pre_context=("one", "two"), context_line="three", post_context=("four",))
    )

    assert [(10, "one", False), (11, "two", False), (12, "three", True), (13, "four", False)] == [
        (line.number, line.text, line.is_here) for line in lines
    ]


def test_a_frame_without_source_has_no_lines() -> None:
    assert () == source_of_frame(frame("a", line_number=12, pre_context=("one",)))


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        (True, '  File "shop/cart.py", line 12, in total'),
        (True, "    at total (src/cart.ts:12:7)"),
        (True, "    at https://shop.example/app.js:12:7"),
        (False, '  File "/usr/lib/python3.12/json/decoder.py", line 3, in decode'),
        (False, '  File "/venv/lib/python3.12/site-packages/django/x.py", line 3, in view'),
        (False, '  File "<frozen importlib._bootstrap>", line 3, in f'),
        (False, "    at f (node_modules/react/index.js:1:2)"),
        (False, "    at node:internal/main:1:2"),
        (False, "ValueError: no"),
        (False, "    return total(lines)"),
    ],
)
def test_the_applications_lines_of_a_plain_trace_are_known_by_their_file(expected: bool, line: str) -> None:
    assert expected is is_own_line(line)


@pytest.mark.parametrize(
    ("by", "parts", "fields"),
    [
        (
            "runtime",
            {"type": "KeyError", "file": "cart.py", "line": "12"},
            {"error": {"type": "KeyError", "file_path": "cart.py", "line_number": 12}},
        ),
        (
            "cicd",
            {"type": "CICDFailure", "job": "build", "step": "lint"},
            {
                "source": "cicd",
                "error": {"type": "CICDFailure"},
                "context": {"job_name": "build", "step_name": "lint"},
            },
        ),
        (
            "deployment",
            {"type": "OOMKilled", "namespace": "live", "deployment": "web"},
            {
                "source": "deployment",
                "error": {"type": "OOMKilled"},
                "context": {"namespace": "live", "deployment_name": "web"},
            },
        ),
    ],
)
def test_why_occurrences_are_one_issue_is_said_by_the_recipe_of_their_source(
    reporter: Reporter, by: str, parts: dict[str, str], fields: dict[str, Any]
) -> None:
    error: dict[str, Any] = {"message": "no", "stack_trace": [], "type": "x", "file_path": None, "line_number": None}

    grouping = grouping_of(reported(reporter, **{**fields, "error": error | fields["error"]}))

    assert by == grouping.by
    assert {"project": reporter.project, **parts} == dict(grouping.parts)


def test_a_grouping_of_the_reporter_is_told_as_such(reporter: Reporter) -> None:
    grouping = grouping_of(reported(reporter, fingerprint=["payment", "{{default}}"]))

    assert ("reporter", ()) == (grouping.by, grouping.parts)


def test_a_context_is_read_in_tables() -> None:
    context = {
        "url": "/checkout",
        "method": "POST",
        "user_id": "4711",
        "user": {"plan": "gold"},
        "tags": {"region": "eu"},
        "breadcrumbs": [{"timestamp": "2026-02-20T10:00:00Z", "message": "hi", "category": "http", "data": {"a": 1}}],
        "cart": [1, 2],
    }

    read = read_context(context)

    assert [
        ("request", (("method", "POST"), ("url", "/checkout"))),
        ("user", (("user_id", "4711"), ("plan", "gold"))),
        ("tags", (("region", "eu"),)),
    ] == [(section.name, section.rows) for section in read.sections]
    assert [("2026-02-20T10:00:00Z", "http", "", "hi", {"a": 1})] == [
        (crumb.timestamp, crumb.category, crumb.level, crumb.message, crumb.data) for crumb in read.breadcrumbs
    ]
    assert (("cart", [1, 2]),) == read.rest


def test_a_branch_alone_is_no_pipeline() -> None:
    read = read_context({"branch": "main"})

    assert ((), (("branch", "main"),)) == (read.sections, read.rest)


@pytest.mark.parametrize("trail", ["text", [1], {"a": 1}, [], [{}, 7]])
def test_breadcrumbs_of_another_shape_stay_what_they_are(trail: object) -> None:
    assert (("breadcrumbs", trail),) == read_context({"breadcrumbs": trail}).rest


_KEYS = st.sampled_from(
    ["tags", "user", "user_id", "url", "request", "job_name", "branch", "namespace", "x", "exit_code"]
)


@given(st.dictionaries(_KEYS, json_values(), max_size=8))
def test_nothing_of_a_context_is_lost_and_nothing_stands_twice(context: dict[str, Any]) -> None:
    read = read_context(context)
    titled = {section.name for section in read.sections}
    taken_apart = {key for key, value in context.items() if key in titled and value and isinstance(value, dict)}

    shown = [row for section in read.sections for row in section.rows] + list(read.rest)

    expected = [(key, value) for key, value in context.items() if key not in taken_apart]
    expected += [row for key in taken_apart for row in context[key].items()]
    assert sorted(map(repr, expected)) == sorted(map(repr, shown))


def reaches(reporter: Reporter, issue_id: int) -> dict[str, Reach]:
    stations = pipeline_of(reporter.issue(issue_id), reporter.store.history(issue_id))
    return {station.status.value: station.reach for station in stations if station.reach is not Reach.AHEAD}


def test_the_path_shows_all_nine_statuses_and_where_a_new_issue_is(reporter: Reporter) -> None:
    issue = reported(reporter)

    stations = pipeline_of(issue, ())

    assert set(Status) == {station.status for station in stations}
    assert {"NEW": Reach.HERE} == reaches(reporter, issue.id)


def test_the_path_shows_who_moved_an_issue_last_to_each_status(reporter: Reporter) -> None:
    issue_id = reported(reporter).id
    reporter.move(issue_id, "VERIFYING", actor="Ada")
    reporter.move(issue_id, "CANNOT_REPRODUCE", actor="Bob")
    reporter.move(issue_id, "VERIFYING", actor="Cleo")
    reporter.move(issue_id, "PENDING_FIX")

    stations = pipeline_of(reporter.issue(issue_id), reporter.store.history(issue_id))

    assert {
        "NEW": Reach.DONE,
        "VERIFYING": Reach.DONE,
        "CANNOT_REPRODUCE": Reach.DONE,
        "PENDING_FIX": Reach.HERE,
    } == reaches(reporter, issue_id)
    assert ["Cleo", "Bob"] == [station.change.actor for station in stations if station.change and station.change.actor]


def test_what_an_override_leapt_over_was_passed(reporter: Reporter) -> None:
    issue_id = reported(reporter).id
    reporter.move(issue_id, "FIXED", force=True, reason="by hand")

    assert {
        "NEW": Reach.DONE,
        "VERIFYING": Reach.PASSED,
        "PENDING_FIX": Reach.PASSED,
        "FIXING": Reach.PASSED,
        "FIXED": Reach.HERE,
    } == reaches(reporter, issue_id)


def test_an_issue_that_came_back_begins_the_path_again(reporter: Reporter) -> None:
    issue_id = reported(reporter).id
    reporter.fix(issue_id)
    reporter.report()

    assert {"NEW": Reach.HERE} == reaches(reporter, issue_id)


def test_a_failed_fix_hangs_below_fixing(reporter: Reporter) -> None:
    issue_id = reported(reporter).id
    reporter.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIX_FAILED")

    assert {
        "NEW": Reach.DONE,
        "VERIFYING": Reach.DONE,
        "PENDING_FIX": Reach.DONE,
        "FIXING": Reach.DONE,
        "FIX_FAILED": Reach.HERE,
    } == reaches(reporter, issue_id)


@given(st.sampled_from(Per), INSTANTS, INSTANTS)
def test_bars_end_now_or_when_the_issue_was_last_seen(per: Per, seen: datetime, now: datetime) -> None:
    issue = evolve(reported(reporter_of(MemoryStore())), first_seen=seen, last_seen=seen)

    span = span_of(issue, per, now)

    assert BARS[per] == len(span.starts)
    assert span.until == span.starts[-1] + WIDTH[per]
    assert span.since <= min(seen, now) < span.until
    assert span.since <= now


def test_an_issue_of_two_days_is_shown_by_the_hour(reporter: Reporter) -> None:
    issue = reported(reporter)

    assert Per.HOUR is usual_per(issue)
    assert Per.DAY is usual_per(evolve(issue, last_seen=issue.first_seen + timedelta(days=2)))


def test_a_bar_leads_to_its_hour_and_counts_what_named_no_release(reporter: Reporter) -> None:
    issue = evolve(reported(reporter), last_seen=NOW)
    span = span_of(issue, Per.HOUR, NOW)
    bucket = StatsBucket(start=span.starts[-1], count=5, environments={"a": 5}, versions={"1.0": 3})
    asked = Asked(issue_id=7)
    frequency = Frequency(
        span=span,
        by=By.RELEASE,
        buckets=(bucket,),
        href=lambda since, until: asked.url("occurrences", since=since, until=until),
    )

    last = frequency.chart(title="", description="", unit="", other="other", nameless="none").bars[-1]

    assert {"1.0": 3, "none": 2} == dict(last.counts)
    assert "/issues/7?from=2026-02-20T10%3A00%3A00Z&until=2026-02-20T11%3A00%3A00Z#occurrences" == last.href


@given(
    st.none() | st.integers(1, 2**62),
    st.none() | st.sampled_from(Per),
    st.sampled_from(By),
    st.none() | INSTANTS,
    st.none() | INSTANTS,
)
def test_what_an_address_asks_for_is_read_as_it_was_written(
    occurrence: int | None, per: Per | None, by: By, since: datetime | None, until: datetime | None
) -> None:
    asked = Asked(issue_id=7, occurrence=occurrence, per=per, by=by, since=since, until=until)

    found = re.findall(r"(\w+)=([^&#]*)", asked.url("x"))

    assert asked == asked_for(7, {name: value.replace("%3A", ":") for name, value in found})


@given(st.dictionaries(st.sampled_from(["occurrence", "per", "by", "from", "until"]), st.text(max_size=30)))
def test_any_address_asks_for_something(params: dict[str, str]) -> None:
    assert 7 == asked_for(7, params).issue_id


def a_line(number: int) -> KeptLine:
    return KeptLine(
        id=number,
        timestamp=START,
        level=Level.ERROR,
        environment="production",
        version=None,
        commit_hash=None,
        occurrences=1,
        regression=False,
    )


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        ((1, None, None, 4, 9), 1),
        ((2, 1, 1, 9, 9), 4),
        ((3, 1, 4, None, None), 9),
    ],
)
def test_one_goes_from_one_kept_occurrence_to_the_next(expected: tuple[int | None, ...], number: int) -> None:
    steps = steps_from([a_line(9), a_line(4), a_line(1)], number)

    assert steps is not None
    assert expected == (steps.position, steps.first, steps.previous, steps.next, steps.last)


def test_there_are_no_steps_from_an_occurrence_that_is_not_kept() -> None:
    assert steps_from([a_line(9)], 5) is None


@given(st.text("`a\n ", max_size=30))
def test_no_text_breaks_out_of_its_block_of_code(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")

    assert first == last
    assert text == "\n".join(inside)
    assert all(len(run) < len(first) for run in re.findall("`+", text))


@given(st.text("`a\n ", min_size=1, max_size=30))
def test_code_within_a_line_stays_on_it(text: str) -> None:
    assert "\n" not in in_code(text)
