"""What a report may look like, and what is stored of it: section 1 of the contract."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.collector import Collector
from support.sending import a_report, another_error, fresh_project

REPLACED = "\ufffd"


def stored(collector: Collector, **changes: Any) -> dict[str, Any]:
    """Report once and return the issue."""
    return collector.issue(collector.report(a_report(fresh_project(), **changes))["id"])


def instant(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("level", ["ERROR", "error", "Warning", "cRiTiCaL"])
def test_a_level_is_read_in_any_case_and_stored_in_capitals(shared_collector: Collector, level: str) -> None:
    assert level.upper() == stored(shared_collector, level=level)["level"]


def test_every_optional_field_may_be_null(shared_collector: Collector) -> None:
    names = ["source", "timestamp", "version", "commit_hash", "repo_url", "context", "event_id", "occurrences"]
    names += ["first_timestamp", "fingerprint", "frames", "sdk", "file_path", "line_number"]

    issue = stored(shared_collector, **dict.fromkeys(names))

    assert ("runtime", {}, 1) == (issue["source"], issue["context"], issue["occurrence_count"])
    assert (None, None) == (issue["error"]["file_path"], issue["error"]["line_number"])


def test_a_report_of_needed_fields_only_is_taken_with_the_defaults(shared_collector: Collector) -> None:
    before = datetime.now(UTC)

    report: dict[str, Any] = {"project_id": fresh_project(), "environment": "e", "level": "ERROR"}
    report |= {"error": {"type": "T", "message": "", "stack_trace": []}}
    issue = shared_collector.issue(shared_collector.report(report)["id"])

    assert ("runtime", None, None, {}, 1) == tuple(
        issue[name] for name in ("source", "version", "commit_hash", "context", "occurrence_count")
    )
    assert before <= instant(issue["last_seen"]) <= datetime.now(UTC)
    assert issue["first_seen"] == issue["last_seen"]


@pytest.mark.parametrize(
    ("timestamp", "seen"),
    [
        ("2026-02-20T10:30:00Z", "2026-02-20T10:30:00Z"),
        ("2026-02-20t10:30:00z", "2026-02-20T10:30:00Z"),
        ("2026-02-20T10:30:00", "2026-02-20T10:30:00Z"),
        ("2026-02-20T18:30:00+08:00", "2026-02-20T10:30:00Z"),
        ("2026-02-20T10:30:00.123456789Z", "2026-02-20T10:30:00.123456Z"),
        ("2026-02-20 10:30:00.5", "2026-02-20T10:30:00.500000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_a_timestamp_is_stored_in_utc_and_without_an_offset_is_utc(
    shared_collector: Collector, timestamp: str, seen: str
) -> None:
    issue = stored(shared_collector, timestamp=timestamp)

    assert (seen, seen) == (issue["first_seen"], issue["last_seen"])


@pytest.mark.parametrize(("ahead", "is_taken"), [(timedelta(minutes=4), True), (timedelta(minutes=6), False)])
def test_a_timestamp_too_far_ahead_is_replaced_by_the_servers_time(
    shared_collector: Collector, ahead: timedelta, is_taken: bool
) -> None:
    claimed = datetime.now(UTC) + ahead

    issue = stored(shared_collector, timestamp=claimed.isoformat())

    assert is_taken == (instant(issue["last_seen"]) == claimed)
    assert is_taken or instant(issue["last_seen"]) <= datetime.now(UTC)


@pytest.mark.parametrize("timestamp", ["yesterday", "", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+05:00"])
@pytest.mark.parametrize("name", ["timestamp", "first_timestamp"])
def test_an_instant_that_cannot_be_read_is_a_named_wrong_field(
    shared_collector: Collector, name: str, timestamp: str
) -> None:
    response = shared_collector.post_report(a_report("p", **{name: timestamp}))

    assert (400, [name]) == (response.status_code, [error["field"] for error in response.json()["errors"]])


def test_a_folded_report_counts_as_many_as_it_stands_for_from_the_first_of_them(shared_collector: Collector) -> None:
    times = {"timestamp": "2026-02-20T10:30:00Z", "first_timestamp": "2026-02-20T09:00:00Z"}

    issue = stored(shared_collector, occurrences=7, **times)

    assert 7 == issue["occurrence_count"]
    assert ("2026-02-20T09:00:00Z", "2026-02-20T10:30:00Z") == (issue["first_seen"], issue["last_seen"])


@pytest.mark.parametrize(
    ("occurrences", "first"), [(1, "2026-02-20T09:00:00Z"), (None, "2026-02-20T09:00:00Z"), (3, "2026-02-20T11:00:00Z")]
)
def test_a_first_timestamp_means_nothing_for_one_error_or_after_the_last(
    shared_collector: Collector, occurrences: int | None, first: str
) -> None:
    times = {"timestamp": "2026-02-20T10:30:00Z", "first_timestamp": first}

    assert "2026-02-20T10:30:00Z" == stored(shared_collector, occurrences=occurrences, **times)["first_seen"]


@pytest.mark.parametrize("occurrences", [0, -1, "2", 1.5, True])
def test_occurrences_must_be_a_positive_integer(shared_collector: Collector, occurrences: object) -> None:
    response = shared_collector.post_report(a_report("p", occurrences=occurrences))

    assert 400 == response.status_code
    assert ["occurrences"] == [error["field"] for error in response.json()["errors"]]


def test_the_largest_counts_of_all_are_taken_and_never_overflow(shared_collector: Collector) -> None:
    report = a_report(fresh_project(), occurrences=2**63 - 1)

    answers = [shared_collector.report(report) for _ in range(3)]

    assert isinstance(shared_collector.issue(answers[-1]["id"])["occurrence_count"], int)


def test_unknown_fields_are_ignored_at_every_level(shared_collector: Collector) -> None:
    report = a_report(fresh_project(), colour="red", sdk={"name": "curl", "more": [1]}, frames=[{"shape": "round"}])
    report["error"]["severity"] = {"deep": None}

    assert "Log reported" == shared_collector.report(report)["message"]


def test_every_wrong_field_is_named_and_not_only_the_first(shared_collector: Collector) -> None:
    report = a_report("no blanks", level="FATAL", source="moon", line_number="12", context=[], version=3)
    del report["environment"], report["error"]["message"]

    response = shared_collector.post_report(report)

    named = {"project_id", "environment", "level", "source", "error.message", "error.line_number", "context", "version"}
    assert 400 == response.status_code
    assert named == {error["field"] for error in response.json()["errors"]}


def test_a_stack_trace_in_one_string_is_split_at_its_newlines(shared_collector: Collector) -> None:
    assert ["a", "", "b"] == stored(shared_collector, stack_trace="a\n\nb\n")["error"]["stack_trace"]
    assert ["a", "b"] == stored(shared_collector, stack_trace="a\r\nb\r\n")["error"]["stack_trace"]


def test_lines_that_hold_newlines_are_not_mixed_up_with_lines_without(shared_collector: Collector) -> None:
    assert ["a", "b"] == stored(shared_collector, stack_trace=["a", "b"])["error"]["stack_trace"]
    assert ["a\nb"] == stored(shared_collector, stack_trace=["a\nb"])["error"]["stack_trace"]


def test_nul_and_lone_surrogates_are_replaced_everywhere_in_context_keys_too(shared_collector: Collector) -> None:
    bad = "a\x00b\ud800c"
    good = f"a{REPLACED}b{REPLACED}c"

    issue = stored(
        shared_collector,
        environment=bad,
        version=bad,
        message=bad,
        type=bad,
        file_path=bad,
        stack_trace=[bad],
        context={bad: {bad: [bad]}},
    )

    assert (good, good) == (issue["environment"], issue["version"])
    assert {"type": good, "message": good, "file_path": good, "line_number": 12, "stack_trace": [good]} == issue[
        "error"
    ]
    assert {good: {good: [good]}} == issue["context"]


def test_everything_the_wire_knows_of_one_happening_is_kept_with_it(shared_collector: Collector) -> None:
    frame = {"file_path": "a.py", "line_number": 3, "function": "f", "module": "m", "in_app": True}
    frame |= {"context_line": "x()", "pre_context": ["def f():"], "post_context": [], "locals": {"n": [1, None]}}
    report = a_report(fresh_project(), frames=[frame], sdk={"name": "python", "version": "1"}, commit_hash="c0ffee")

    answer = shared_collector.report(report)
    [occurrence] = shared_collector.get(f"/api/v1/issues/{answer['id']}/occurrences")["items"]

    assert ([frame], report["sdk"], "c0ffee") == tuple(occurrence[name] for name in ("frames", "sdk", "commit_hash"))
    assert report["error"] == occurrence["error"]


def test_last_is_by_arrival_and_seen_by_timestamp(shared_collector: Collector) -> None:
    project = fresh_project()
    shared_collector.report(a_report(project, message="new", version="2", timestamp="2026-02-20T10:00:00Z"))

    answer = shared_collector.report(a_report(project, message="old", version="1", timestamp="2026-02-19T10:00:00Z"))

    issue = shared_collector.issue(answer["id"])
    assert ("old", "1") == (issue["error"]["message"], issue["version"])
    assert ("2026-02-19T10:00:00Z", "2026-02-20T10:00:00Z") == (issue["first_seen"], issue["last_seen"])


def test_answers_have_exactly_the_contracts_keys(shared_collector: Collector) -> None:
    report = a_report(fresh_project(), **another_error())

    first, second = shared_collector.report(report), shared_collector.report(report)
    shared_collector.move(first["id"], "VERIFYING", "PENDING_FIX", "FIXING", "FIXED")
    third = shared_collector.report(report)

    assert {"message": "Log reported", "id": first["id"]} == first
    assert {"message": "Log deduplicated", "id": first["id"], "status": "NEW"} == second
    assert {"message": "Regression detected, reopened", "id": first["id"]} == third


def test_the_reporters_own_grouping_replaces_file_and_line(shared_collector: Collector) -> None:
    project = fresh_project()

    ids = [shared_collector.report(a_report(project, fingerprint=["db"], **another_error()))["id"] for _ in range(2)]
    default = shared_collector.report(a_report(project, line_number=1))["id"]
    defaults = [
        shared_collector.report(a_report(project, line_number=1, fingerprint=parts))["id"]
        for parts in ([], ["{{default}}"])
    ]

    assert ids[0] == ids[1] != default
    assert [default, default] == defaults


def test_a_cut_value_still_counts_whole_for_the_fingerprint(shared_collector: Collector) -> None:
    project = fresh_project()

    one, two = (shared_collector.report(a_report(project, type="T" * 300 + tail))["id"] for tail in "ab")

    assert one != two
