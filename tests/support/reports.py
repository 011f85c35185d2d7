"""Hypothesis strategies: reports of every shape that the contract allows, and payloads that it may not."""

import uuid
from typing import Any

from hypothesis import strategies as st

from logcenter_sdk.contract.limits import INTEGER_MAX, INTEGER_MIN
from logcenter_sdk.contract.report import Frame, Level, Report, ReportedError, Sdk, Source

_TEXT = st.text(st.characters(), max_size=30)  # with NUL and lone surrogates
_INTEGER = st.integers(INTEGER_MIN, INTEGER_MAX)
_PROJECT_IDS = st.text("abcXYZ019_-.", min_size=1, max_size=64)
_INSTANTS = st.datetimes(timezones=st.just(None) | st.timezones()).map(lambda instant: instant.isoformat())


def json_values() -> st.SearchStrategy[Any]:
    """Return any JSON value within 64 bits."""
    scalars = st.none() | st.booleans() | _INTEGER | st.floats(allow_nan=False, allow_infinity=False) | _TEXT
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3))


def _safe_instants() -> st.SearchStrategy[str]:
    return st.datetimes().filter(lambda instant: 1 < instant.year < 9999).map(lambda instant: instant.isoformat())


def _contexts() -> st.SearchStrategy[dict[str, Any]]:
    keys = st.sampled_from(["job_name", "step_name", "namespace", "deployment_name"]) | _TEXT
    return st.dictionaries(keys, json_values(), max_size=4)


def reports() -> st.SearchStrategy[Report]:
    """Return reports as they may come over the wire, not yet normalised."""
    optional = st.none() | _TEXT
    lines = st.lists(_TEXT, max_size=4).map(tuple)
    error = st.builds(
        ReportedError,
        type=st.sampled_from(["ValueError", "A|B"]) | _TEXT,
        message=_TEXT,
        stack_trace=lines | _TEXT,
        file_path=optional,
        line_number=st.none() | _INTEGER,
    )
    frame = st.builds(
        Frame,
        file_path=optional,
        line_number=st.none() | _INTEGER,
        function=optional,
        in_app=st.none() | st.booleans(),
        pre_context=st.none() | lines,
        locals=st.none() | _contexts(),
    )
    return st.builds(
        Report,
        project_id=st.sampled_from(["a", "b"]) | _PROJECT_IDS,
        environment=_TEXT,
        level=st.sampled_from([*Level, *(level.lower() for level in Level)]),
        error=error,
        source=st.none() | st.sampled_from([source.value for source in Source]),
        timestamp=st.none() | _safe_instants(),
        version=optional,
        commit_hash=optional,
        repo_url=optional,
        context=st.none() | _contexts(),
        event_id=st.none() | st.uuids().map(str) | st.uuids().map(lambda value: uuid.UUID(str(value)).hex),
        occurrences=st.none() | st.integers(1, 1_000),
        first_timestamp=st.none() | _safe_instants(),
        fingerprint=st.none() | st.lists(st.sampled_from(["{{default}}"]) | _TEXT, max_size=3).map(tuple),
        frames=st.none() | st.lists(frame, max_size=2).map(tuple),
        sdk=st.none() | st.builds(Sdk, name=optional, version=optional),
    )


def wire_reports() -> st.SearchStrategy[dict[str, Any]]:
    """Return JSON objects that are reports but for some fields, which are absent or hold anything at all."""
    # Lone surrogates and NUL-free keys: the fast reader leaves surrogates to the slow one.
    text = st.text(max_size=10)
    good: dict[str, Any] = {
        "project_id": _PROJECT_IDS,
        "environment": text,
        "level": st.sampled_from(["ERROR", "warning", "Critical"]),
        "error": st.fixed_dictionaries(
            {"type": text, "message": text, "stack_trace": text | st.lists(text, max_size=3)},
            optional={"file_path": st.none() | text, "line_number": _clean_json()},
        ),
        "source": st.none() | st.sampled_from(["runtime", "cicd", "deployment"]),
        "timestamp": st.none() | _INSTANTS,
        "context": st.none() | st.dictionaries(text, _clean_json(), max_size=3),
        "event_id": st.none() | st.uuids().map(str),
        "occurrences": st.none() | st.integers(-1, 5),
        "fingerprint": st.none() | st.lists(text, max_size=2),
        "frames": st.none() | st.lists(st.fixed_dictionaries({}, optional={"line_number": _clean_json()}), max_size=2),
        "sdk": st.none() | st.fixed_dictionaries({}, optional={"name": _clean_json()}),
        "unknown": _clean_json(),
    }
    return st.fixed_dictionaries({}, optional={name: value | _clean_json() for name, value in good.items()})


def _clean_json() -> st.SearchStrategy[Any]:
    text = st.text(max_size=10)
    scalars = st.none() | st.booleans() | _INTEGER | st.floats(allow_nan=False, allow_infinity=False) | text
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2))
