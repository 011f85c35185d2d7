"""The quick way of a report and the slow way store the same."""

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given

from logcenter_collector.ingest.decode import decode_report
from logcenter_collector.ingest.envelope import Envelope, ErrorEnvelope, QuickReader, SdkEnvelope
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.base import Arrival, arrive
from logcenter_sdk.contract.report import Report, ReportedError, Sdk, stack_lines
from support.reports import wire_reports
from support.sending import a_report

NOW = datetime(2026, 2, 20, 10, 30, tzinfo=UTC)


def body_of(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass")


def quickly(payload: object) -> Arrival | None:
    return QuickReader().read(body_of(payload), NOW)


def stored(arrival: Arrival) -> dict[str, Any]:
    """Return everything that recording takes of an arrival, as JSON has it."""
    raw = arrival.raw
    taken = {
        "project_id": raw.project_id,
        "environment": raw.environment,
        "level": raw.level.upper(),
        "named": (raw.version, raw.commit_hash, raw.repo_url),
        "occurrences": raw.occurrences or 1,
        "first": raw.first_timestamp,
        "line": raw.error.line_number,
        "event_id": raw.event_id,
        "event_key": arrival.event_key and arrival.event_key.hex(),
        "fingerprint": arrival.fingerprint,
        "occurred_at": arrival.occurred_at.isoformat(),
        "text": arrival.text,
        "stack_trace": arrival.stack_trace,
        "details": arrival.details(),
        "registration": raw.is_registration,
    }
    return dict(msgspec.json.decode(msgspec.json.encode(taken)))


@pytest.mark.parametrize(("quick", "whole"), [(Envelope, Report), (ErrorEnvelope, ReportedError), (SdkEnvelope, Sdk)])
def test_an_envelope_has_the_fields_of_the_contract(quick: type[msgspec.Struct], whole: type[Any]) -> None:
    assert {field.name for field in attrs.fields(whole)} == set(quick.__struct_fields__)


@given(wire_reports())
def test_what_the_quick_way_takes_the_slow_way_takes_too_and_stores_the_same(payload: dict[str, Any]) -> None:
    quick = quickly(payload)
    if quick is not None:
        assert stored(arrive(decode_report(body_of(payload)), NOW)) == stored(quick)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"context": {"user": {"id": 7, "tags": ["a", None, 1.5]}}, "event_id": "3F2B8C1E-9A4D-4C6B-8F1E-2D7A5B9C0E11"},
        {"stack_trace": "one\r\ntwo\n", "message": "用户不存在", "occurrences": 3, "timestamp": "2026-02-20T10:00:00Z"},
        {"stack_trace": [f"line {number}" for number in range(900)], "sdk": {"name": "curl"}, "version": "1.2"},
        {"stack_trace": ["x" * 9_000], "source": "runtime", "repo_url": "https://git.example.org/a"},
    ],
)
def test_ordinary_reports_take_the_quick_way_and_are_stored_as_the_slow_way_does(changes: dict[str, Any]) -> None:
    report = a_report("p", **changes)

    quick = quickly(report)

    assert quick is not None
    assert stored(arrive(decode_report(body_of(report)), NOW)) == stored(quick)
    assert quick.report.error.stack_trace == tuple(msgspec.json.decode(msgspec.json.encode(quick.stack_trace)))


@pytest.mark.parametrize(
    "changes",
    [
        {"level": "error"},
        {"source": "cicd", "context": {"job_name": "a"}},
        {"environment": "e" * 201},
        {"version": "1\u0000"},
        {"occurrences": 2**40},
        {"occurrences": 0},
        {"context": {"n": 2**63}},
        {"context": {"deep": [[[[[[[[[[1]]]]]]]]]]}},
        {"context": {"text": "a\u0000b"}},
        {"context": {"large": "x" * 70_000}},
        {"context": []},
        {"event_id": "no uuid"},
        {"timestamp": "yesterday"},
        {"first_timestamp": "yesterday"},
        {"stack_trace": [1]},
        {"stack_trace": None},
        {"line_number": 2**64},
        {"fingerprint": ["mine"]},
        {"frames": [{"file_path": "a.py"}]},
    ],
)
def test_what_is_not_plainly_right_is_left_to_the_slow_way(changes: dict[str, Any]) -> None:
    assert quickly(a_report("p", **changes)) is None


def test_a_project_id_that_is_none_is_left_to_the_slow_way_every_time() -> None:
    reader = QuickReader()

    read = [reader.read(body_of(a_report(project)), NOW) for project in ("p", "no/project", "p", "no/project")]

    assert [True, False, True, False] == [arrival is not None for arrival in read]


@given(wire_reports())
def test_the_lines_that_are_stored_are_those_of_the_report(payload: dict[str, Any]) -> None:
    try:
        arrival = arrive(decode_report(body_of(payload)), NOW)
    except RefusedError:
        return
    assert tuple(stack_lines(arrival.report.error)) == arrival.stack_trace
