"""Laws of the contract's pure functions, attacked by Hypothesis."""

import json
from typing import Any

import msgspec
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from logcenter_sdk.contract.fingerprint import fingerprint_of, key_fields
from logcenter_sdk.contract.instants import format_instant, parse_instant
from logcenter_sdk.contract.limits import CONTEXT_BYTES, CONTEXT_DEPTH, compact_json, cut_bytes, cut_context
from logcenter_sdk.contract.reading import field_errors, read
from logcenter_sdk.contract.report import Report, normalise
from logcenter_sdk.contract.storable import storable_json, storable_text
from logcenter_sdk.contract.writing import to_wire
from support.reports import json_values, reports, wire_reports

_DECODER = msgspec.json.Decoder(Report)


@given(reports(), reports())
def test_reports_with_equal_key_fields_have_equal_fingerprints(one: Report, other: Report) -> None:
    context = {**(other.context or {}), **{key: (one.context or {}).get(key) for key in _KEYS}}
    error = evolve(other.error, type=one.error.type, file_path=one.error.file_path, line_number=one.error.line_number)
    alike = evolve(
        other,
        project_id=one.project_id,
        source=one.source,
        fingerprint=one.fingerprint,
        error=error,
        context=context,
    )

    assert fingerprint_of(one) == fingerprint_of(alike)


_KEYS = ("job_name", "step_name", "namespace", "deployment_name")


@given(reports(), reports())
def test_default_fingerprints_are_equal_just_when_the_joined_key_fields_are(one: Report, other: Report) -> None:
    one, other = evolve(one, fingerprint=None), evolve(other, fingerprint=None)

    same = storable_text("|".join(key_fields(one))) == storable_text("|".join(key_fields(other)))

    assert same == (fingerprint_of(one) == fingerprint_of(other))


@given(reports())
def test_the_fingerprint_does_not_change_on_the_wire(report: Report) -> None:
    again = read(Report, json.loads(json.dumps(to_wire(report))))

    assert fingerprint_of(report) == fingerprint_of(again)


@given(reports())
def test_a_report_survives_the_wire(report: Report) -> None:
    assert report == read(Report, json.loads(json.dumps(to_wire(report))))


@given(reports())
def test_normalising_twice_is_normalising_once(report: Report) -> None:
    once = normalise(report)

    assert once == normalise(once)


@given(reports())
def test_a_normalised_report_can_be_stored_by_any_database(report: Report) -> None:
    text = json.dumps(to_wire(normalise(report)), ensure_ascii=False)

    assert "\\u0000" not in text
    text.encode()


@given(wire_reports())
def test_the_fast_reader_and_the_explaining_reader_agree(payload: dict[str, Any]) -> None:
    errors = field_errors(Report, payload)

    try:
        fast = _DECODER.decode(json.dumps(payload).encode())
    except msgspec.ValidationError:
        assert errors
    else:
        assert not errors
        assert read(Report, payload) == fast


@given(st.text(), st.integers(min_value=32, max_value=300))
def test_a_cut_text_fits_and_is_marked_just_when_it_was_too_long(text: str, limit: int) -> None:
    text = storable_text(text)

    cut = cut_bytes(text, limit)

    assert len(cut.encode()) <= limit
    assert (cut == text) == (len(text.encode()) <= limit)


@given(
    st.dictionaries(st.text(max_size=20).map(storable_text), json_values().map(storable_json), max_size=8),
    st.sampled_from([1, 100, 5_000]),
)
@settings(max_examples=30)
def test_a_cut_context_fits_into_its_limits(context: dict[str, Any], times: int) -> None:
    large = {key: [value] * times for key, value in context.items()}

    cut = cut_context(large)

    assert len(compact_json(cut).encode()) <= CONTEXT_BYTES
    assert _depth(cut) <= CONTEXT_DEPTH
    assert cut == cut_context(cut)


@given(st.integers(min_value=1, max_value=40_000), st.sampled_from(["k", "长", "\x01", "a long name of a key " * 20]))
@settings(max_examples=30)
def test_a_context_of_many_keys_fits_into_its_limits(count: int, name: str) -> None:
    cut = cut_context({f"{name}{index}": index for index in range(count)})

    assert len(compact_json(cut).encode()) <= CONTEXT_BYTES


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@given(st.datetimes(timezones=st.timezones() | st.none()))
def test_an_instant_is_read_as_it_was_written_to_the_microsecond(instant: Any) -> None:
    try:
        parsed = parse_instant(instant.isoformat())
    except ValueError:  # beyond the years 1 to 9999 in UTC
        return

    assert parsed == parse_instant(format_instant(parsed))
    assert format_instant(parsed).endswith("Z")
