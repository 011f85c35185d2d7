"""What is merely too long is cut and marked, not refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_sdk.contract import limits
from logcenter_sdk.contract.limits import compact_json, cut_bytes, cut_characters, cut_context, cut_lines
from logcenter_sdk.contract.report import Frame, Report, ReportedError, normalise

MARK = "… [cut]"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=20,
)


def depth_of(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def a_report(**changes: Any) -> Report:
    error = {"type": "T", "message": "m", "stack_trace": ("a",)}
    error |= {name: changes.pop(name) for name in ("type", "message", "file_path", "stack_trace") if name in changes}
    fields = {"project_id": "p", "environment": "e", "level": "ERROR", **changes}
    return Report(**fields, error=ReportedError(**error))  # type: ignore[arg-type] # fields by name


@given(st.text(), st.integers(min_value=20, max_value=60))
def test_a_cut_text_is_within_its_limit_and_a_short_one_is_untouched(text: str, limit: int) -> None:
    by_bytes, by_characters = cut_bytes(text, limit), cut_characters(text, limit)

    assert len(by_bytes.encode("utf-8", "replace")) <= limit
    assert len(by_characters) <= limit
    assert (by_bytes == text) == (len(text.encode("utf-8", "replace")) <= limit)
    assert (by_characters == text) == (len(text) <= limit)


@pytest.mark.parametrize("character", ["x", "é", "错", "🔥"])
def test_a_long_message_is_cut_between_characters_and_marked(character: str) -> None:
    message = normalise(a_report(message=character * 9000)).error.message

    assert message.endswith(MARK)
    assert set(message.removesuffix(MARK)) == {character}
    assert limits.MESSAGE_BYTES - 4 < len(message.encode()) <= limits.MESSAGE_BYTES


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("type", 256),
        ("file_path", 1024),
        ("environment", 200),
        ("version", 200),
        ("commit_hash", 200),
        ("repo_url", 200),
    ],
)
def test_a_long_field_is_cut_to_its_limit_and_marked(field: str, limit: int) -> None:
    fits, too_long = normalise(a_report(**{field: "x" * limit})), normalise(a_report(**{field: "x" * (limit + 1)}))

    def of(report: Report) -> str:
        return str(getattr(report if hasattr(report, field) else report.error, field))

    assert "x" * limit == of(fits)
    assert "x" * (limit - len(MARK)) + MARK == of(too_long)


def test_five_hundred_lines_are_kept_whole() -> None:
    lines = [str(number) for number in range(500)]

    assert tuple(lines) == cut_lines(lines)


def test_of_more_lines_the_first_hundred_and_the_last_four_hundred_are_kept_with_a_mark_between() -> None:
    lines = [str(number) for number in range(1234)]

    cut = cut_lines(lines)

    assert (*lines[:100], "… [734 lines cut]", *lines[-400:]) == cut
    assert cut == cut_lines(cut)


def test_a_long_line_is_cut_and_marked() -> None:
    [line] = cut_lines(["x" * 5000])

    assert (4096, MARK) == (len(line.encode()), line[-len(MARK) :])


def test_of_many_frames_the_outermost_and_the_innermost_hundred_are_kept() -> None:
    frames = tuple(Frame(line_number=number) for number in range(250))

    kept = normalise(a_report(frames=frames)).frames

    assert kept is not None
    assert [*range(100), *range(150, 250)] == [frame.line_number for frame in kept]


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=8))
def test_a_small_context_is_cut_only_in_depth(context: dict[str, Any]) -> None:
    cut = cut_context(context)

    assert depth_of(cut) <= 10
    assert depth_of(context) > 10 or context == cut


def test_a_context_of_ten_levels_is_kept_and_of_more_is_cut_and_marked() -> None:
    ten: Any = {"a": 1}
    for _ in range(9):
        ten = {"a": ten}

    assert ten == cut_context(ten)
    assert 10 == depth_of(cut := cut_context({"a": ten}))
    assert "nested too deeply" in compact_json(cut)


@pytest.mark.parametrize(
    "context",
    [
        pytest.param({"big": "x" * 900_000}, id="one long text"),
        pytest.param({"big": "\x01" * 90_000}, id="control characters"),
        pytest.param({"a": "x" * 60_000, "b": "y" * 60_000}, id="two long texts"),
        pytest.param({str(number): number for number in range(60_000)}, id="many entries"),
        pytest.param({f"{number:04}" + "k" * 150: 1 for number in range(1024)}, id="many long names"),
        pytest.param({"k" * 5000 + str(number): "v" for number in range(100)}, id="names alike in the beginning"),
        pytest.param({"k" * 900_000: 1}, id="one long name"),
        pytest.param({"tree": [[["x" * 100] * 30] * 30]}, id="one large tree"),
    ],
)
def test_a_large_context_is_cut_to_64_kib_and_marked(context: dict[str, Any]) -> None:
    text = compact_json(cut_context(context))

    assert len(text.encode()) <= limits.CONTEXT_BYTES
    assert MARK in text


def test_small_values_survive_beside_a_large_one() -> None:
    cut = cut_context({"request": "x" * 900_000, "job_name": "build", "user": {"id": 7}})

    assert ("build", {"id": 7}) == (cut["job_name"], cut["user"])
