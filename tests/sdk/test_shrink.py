from itertools import count, pairwise, takewhile
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Frame, Report, ReportedError, Sdk
from logcenter_sdk.shrink import shrunk
from logcenter_sdk.wire import to_bytes, to_wire
from support.reports import reports

FACTORS = st.integers(1, 2_000)


def steps(wire: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        smaller
        for smaller in takewhile(lambda found: found is not None, (shrunk(wire, step) for step in count()))
        if smaller is not None
    ]


def inflated(report: Report, factor: int) -> Report:
    """Return a report with large texts, long traces and many frames, where it has any, of the same shape."""
    error = report.error
    trace = error.stack_trace * factor
    context = (
        None
        if report.context is None
        else {**report.context, **{f"more-{index}": report.context for index in range(factor // 20)}}
    )
    return evolve(
        report,
        error=evolve(error, message=error.message * factor, stack_trace=trace),
        frames=None if report.frames is None else report.frames * min(factor, 300),
        context=context,
        environment=report.environment * factor,
    )


@given(reports(), FACTORS)
def test_no_step_is_larger_than_the_one_before(report: Report, factor: int) -> None:
    wire = to_wire(inflated(report, factor))

    sizes = [len(to_bytes(smaller)) for smaller in (wire, *steps(wire))]

    assert all(before >= after for before, after in pairwise(sizes))


@given(reports(), FACTORS)
def test_every_step_is_a_report_of_the_same_error(report: Report, factor: int) -> None:
    large = inflated(report, factor)

    left = [read(Report, smaller) for smaller in steps(to_wire(large))]

    assert {fingerprint_of(large)} == {fingerprint_of(smaller) for smaller in left}


@given(reports(), FACTORS)
def test_what_counts_stays_as_it_is(report: Report, factor: int) -> None:
    left = steps(to_wire(inflated(report, factor)))

    assert [counted(to_wire(report))] * len(left) == [counted(smaller) for smaller in left]


def counted(wire: dict[str, Any]) -> list[object]:
    names = ("project_id", "level", "source", "event_id", "occurrences", "timestamp", "first_timestamp", "fingerprint")
    return [wire.get(name) for name in names]


@given(reports(), FACTORS)
def test_what_is_shrunk_is_left_as_it_was(report: Report, factor: int) -> None:
    wire = to_wire(inflated(report, factor))
    before = to_bytes(wire)

    steps(wire)

    assert before == to_bytes(wire)


def large_report(**changes: Any) -> Report:
    frame = Frame(
        file_path="shop/cart.py",
        line_number=3,
        function="add",
        context_line="x" * 100,
        pre_context=("x" * 100,) * 5,
        post_context=("x" * 100,) * 5,
        locals={"cart": "x" * 1_000},
    )
    report = Report(
        project_id="shop",
        environment="production",
        level="ERROR",
        error=ReportedError(
            type="ValueError",
            message="é" * 100_000,
            stack_trace=tuple(f"line {number}" for number in range(5_000)),
            file_path="shop/cart.py",
            line_number=3,
        ),
        context={"request": {"body": "x" * 50_000}, "user": 7},
        frames=(frame,) * 200,
        version="1.2.3",
        event_id="3f2b8c1e-9a4d-4c6b-8f1e-2d7a5b9c0e11",
        occurrences=12,
        timestamp="2026-02-20T10:30:00Z",
        first_timestamp="2026-02-20T10:29:00Z",
        sdk=Sdk(name="x" * 1_000),
    )
    return evolve(report, **changes)


def test_the_steps_take_away_what_helps_least_first() -> None:
    no_locals, no_source, few_frames, short_trace, small_texts, bare = steps(to_wire(large_report()))

    assert {"locals"} == lost(to_wire(large_report())["frames"][0], no_locals["frames"][0])
    assert {"pre_context", "context_line", "post_context"} == lost(no_locals["frames"][0], no_source["frames"][0])
    assert (200, 25) == (len(no_source["frames"]), len(few_frames["frames"]))
    lines = short_trace["error"]["stack_trace"]
    assert ("line 0", "… [4960 lines cut]", "line 4999", 41) == (lines[0], lines[10], lines[-1], len(lines))
    assert 7 == small_texts["context"]["user"]
    assert 300 > len(small_texts["context"]["request"])
    assert {
        "project_id": "shop",
        "environment": "production",
        "level": "ERROR",
        "error": {
            "type": "ValueError",
            "message": "é" * 100 + "… [cut]",
            "stack_trace": ["line 4999"],
            "file_path": "shop/cart.py",
            "line_number": 3,
        },
        "version": "1.2.3",
        "event_id": "3f2b8c1e-9a4d-4c6b-8f1e-2d7a5b9c0e11",
        "occurrences": 12,
        "timestamp": "2026-02-20T10:30:00Z",
        "first_timestamp": "2026-02-20T10:29:00Z",
    } == bare


def lost(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return before.keys() - after.keys()


def test_every_step_makes_a_large_report_smaller_and_the_last_one_tiny() -> None:
    wire = to_wire(large_report())

    sizes = [len(to_bytes(smaller)) for smaller in (wire, *steps(wire))]

    assert sorted(set(sizes), reverse=True) == sizes
    assert 700 > sizes[-1]


@pytest.mark.parametrize("trace", ["\n".join(["x" * 1_000] * 1_000), ("x" * 100_000,), ("x",) * 100_000])
def test_a_trace_of_any_shape_becomes_small(trace: str | tuple[str, ...]) -> None:
    report = large_report(error=ReportedError(type="E", message="x", stack_trace=trace))

    assert 700 > len(to_bytes(steps(to_wire(report))[-1]))


@pytest.mark.parametrize(
    ("source", "names"), [("cicd", ("job_name", "step_name")), ("deployment", ("namespace", "deployment_name"))]
)
def test_what_the_fingerprint_takes_from_the_context_is_never_cut(source: str, names: tuple[str, str]) -> None:
    named = dict.fromkeys(names, "x" * 5_000)
    report = large_report(source=source, context={"request": "y" * 5_000, **named})

    left = steps(to_wire(report))

    assert named == left[-1]["context"]
    assert {fingerprint_of(report)} == {fingerprint_of(read(Report, smaller)) for smaller in left}


def test_after_the_last_step_there_is_none() -> None:
    wire = to_wire(large_report())

    assert (6, None, None) == (len(steps(wire)), shrunk(wire, 6), shrunk(wire, 60))
