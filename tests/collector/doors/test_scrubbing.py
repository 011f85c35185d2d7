"""What a project's rules do to a report, as laws: nothing that they match is left, and what they do not match stays."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.scrubbing import InvalidRulesError, Scrubber, folded, scrubber_of
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.report import Frame, Report, ReportedError, normalise
from support.reports import json_values, reports

MARK = "[scrubbed]"
# Each is the same to Python's re, by which the laws are checked, and to RE2.
PATTERNS = (
    "secret", "sec", "ret", r"tok_[a-z]+", r"[0-9]{3,}", "^a", "a$", r"\bb", "[s-u]", "b.c", r"\[s", "d]", "x*", "a|ab",
    r"BEGIN[a-z\n]*END", "(?i)BEARER [^ ]+", ".", "(a)(b)",
)  # fmt: skip
pattern_lists = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=4)
texts = st.lists(
    st.sampled_from([*"abcdstux \n", "secret", "tok_", "1234", "BEGIN", "END", "Bearer ", MARK, "é", "\ud800", "\x00"]),
    max_size=12,
).map("".join)


def left_in(text: str, patterns: list[str]) -> list[str]:
    """Return what patterns match in a text, but for what lies in one mark."""
    marks = [match.span() for match in re.finditer(re.escape(MARK), text)]
    return [
        match[0]
        for pattern in patterns
        for match in re.finditer(f"(?m){pattern}" if not pattern.startswith("(?i)") else f"(?im){pattern[4:]}", text)
        if match[0] and not any(begin <= match.start() and match.end() <= end for begin, end in marks)
    ]


@given(texts, pattern_lists)
def test_nothing_that_a_pattern_matches_is_left_but_the_marks(text: str, patterns: list[str]) -> None:
    assert [] == left_in(scrubber_of([], patterns).text(text), patterns)


@given(st.lists(texts, max_size=5), pattern_lists)
def test_to_scrub_twice_is_to_scrub_once(lines: list[str], patterns: list[str]) -> None:
    scrubber = scrubber_of([], patterns)
    once = scrubber.texts(lines)

    assert once == scrubber.texts(once)
    assert len(lines) == len(once)


@given(texts, pattern_lists)
def test_a_text_that_no_pattern_matches_stays_as_it_is(text: str, patterns: list[str]) -> None:
    clean = re.sub("[\x00\ud800-\udfff]", "\ufffd", text)
    if not left_in(clean, patterns):
        assert clean == scrubber_of([], patterns).text(text)


@given(json_values(), st.sampled_from(["apiKey", "API-KEY", "api_key"]), json_values())
def test_no_value_is_left_under_a_name_at_any_depth(around: Any, name: str, value: Any) -> None:
    scrubber = scrubber_of(["api_key"], [])

    found = scrubber.value({"outer": [around, {"inner": {name: value}}], "pairs": [[name, value]]})

    expected = None if value is None else MARK
    assert {name: expected} == found["outer"][1]["inner"]
    assert [[name, expected]] == found["pairs"]
    assert {MARK, None} >= set(values_under("apikey", found))


def values_under(name: str, value: Any) -> Iterator[Any]:
    """Yield what stands under a name in a JSON value."""
    if isinstance(value, dict):
        for key, item in value.items():
            if folded(key) == name:
                yield item
            else:
                yield from values_under(name, item)
    elif isinstance(value, list):
        for item in value:
            yield from values_under(name, item)


@given(reports(), pattern_lists)
def test_what_says_which_error_it_is_stays_as_it_came(report: Report, patterns: list[str]) -> None:
    scrubbed = scrubber_of(["password"], patterns).report(report)

    assert identity(report) == identity(scrubbed)


def identity(report: Report) -> tuple[object, ...]:
    """Return what no rule may touch."""
    error = report.error
    frames = tuple((frame.file_path, frame.line_number, frame.function) for frame in report.frames or ())
    build = (report.project_id, report.environment, report.version, report.commit_hash, report.event_id)
    return error.type, error.file_path, error.line_number, frames, build


@given(reports(), pattern_lists)
def test_a_scrubbed_report_scrubs_to_itself_and_can_be_stored(report: Report, patterns: list[str]) -> None:
    scrubber = scrubber_of(["job_name"], patterns)
    once = scrubber.report(report)

    assert once == scrubber.report(once)
    assert normalise(once) == normalise(normalise(once))


def test_the_rules_reach_the_message_the_trace_the_context_the_locals_and_the_lines_of_source() -> None:
    report = Report(
        project_id="p",
        environment="production",
        level="ERROR",
        error=ReportedError(
            type="tok_type",
            message="no tok_message",
            stack_trace="a tok_line\nb",
            file_path="tok_file.py",
            line_number=3,
        ),
        context={"deep": [{"tok_key": "tok_value"}], "card": 4_111_111_111_111_111, "password": {"a": 1}},
        fingerprint=("{{default}}", "tok_part"),
        frames=(
            Frame(
                file_path="tok_file.py",
                context_line="x = tok_here",
                pre_context=("tok_before", "-"),
                post_context=("tok_after",),
                locals={"passWord": "a", "it": "tok_local"},
            ),
        ),
    )

    scrubbed = scrubber_of(["password"], [r"tok_\w+", r"\d{16}"]).report(report)

    assert (
        ReportedError(
            type="tok_type",
            message=f"no {MARK}",
            stack_trace=(f"a {MARK}", "b"),
            file_path="tok_file.py",
            line_number=3,
        )
        == scrubbed.error
    )
    assert {"deep": [{MARK: MARK}], "card": MARK, "password": MARK} == scrubbed.context
    assert ("{{default}}", MARK) == scrubbed.fingerprint
    assert (
        Frame(
            file_path="tok_file.py",
            context_line=f"x = {MARK}",
            pre_context=(MARK, "-"),
            post_context=(MARK,),
            locals={"passWord": MARK, "it": MARK},
        ),
    ) == scrubbed.frames
    assert fingerprint_of(report) != fingerprint_of(scrubbed)  # so it has to be taken before


def test_a_secret_over_several_lines_is_scrubbed_in_each_of_them() -> None:
    lines = ["key:", "-----BEGIN KEY-----", "abc", "-----END KEY----- tail", "rest"]

    assert ["key:", MARK, MARK, f"{MARK} tail", "rest"] == scrubber_of([], [r"-+BEGIN KEY(?s:.*)END KEY-+"]).texts(
        lines
    )


def test_a_text_in_which_every_look_finds_something_new_is_scrubbed_altogether() -> None:
    assert MARK == scrubber_of([], [r"\bb"]).text("b" * 30)


@pytest.mark.parametrize(
    ("names", "patterns", "wrong"),
    [
        ([], ["fine", "("], {"scrub_patterns[1]": "is no RE2 pattern: missing ): ("}),
        ([], [r"(?=ahead)"], {"scrub_patterns[0]": "is no RE2 pattern: invalid perl operator: (?="}),
        ([], ["a)(b"], {"scrub_patterns[0]": "is no RE2 pattern: unexpected ): a)(b"}),
        ([], [r"\Qopen"], {"scrub_patterns[0]": r"is no RE2 pattern: missing ): (?:\Qopen)"}),
        ([], ["\ud800"], {"scrub_patterns[0]": "is no RE2 pattern: it holds half a character"}),
        ([], ["", "x" * 501], {f"scrub_patterns[{n}]": "must have 1 to 500 characters" for n in (0, 1)}),
        ([], ["x"] * 51, {"scrub_patterns": "must have at most 50 entries, not 51"}),
        (["-"], [], {"scrub_names[0]": "must be a name of at most 500 characters, with a letter or a digit in it"}),
        (["x"] * 51, [], {"scrub_names": "must have at most 50 entries, not 51"}),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_followed_are_named(names: list[str], patterns: list[str], wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidRulesError) as refused:
        scrubber_of(names, patterns)

    assert wrong == {error.field: error.message for error in refused.value.errors}


def test_patterns_that_would_take_too_long_together_are_refused_though_each_of_them_is_fine() -> None:
    pattern = r"x{1000}"
    scrubber_of([], [pattern])

    with pytest.raises(InvalidRulesError, match="scrub_patterns are too large together: "):
        scrubber_of([], [pattern] * 11)


def test_without_rules_nothing_changes() -> None:
    assert "secret" == Scrubber(frozenset()).text("secret")
