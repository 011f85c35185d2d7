from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from logcenter_ci.excerpt import HEAD_LINES, TAIL_LINES, Excerpt, excerpt_of_text
from logcenter_ci.logfile import is_log_file, read_log_file
from logcenter_sdk.contract.limits import REPORT_BYTES, cut_lines
from logcenter_sdk.wire import to_bytes


def excerpt_of(*chunks: bytes) -> tuple[str, ...]:
    excerpt = Excerpt()
    for chunk in chunks:
        excerpt.feed(chunk)
    return excerpt.lines()


def test_a_short_log_is_kept_as_it_is() -> None:
    assert ("one", "", "three") == excerpt_of(b"one\n\nth", b"ree\n")


def test_no_output_gives_no_lines() -> None:
    assert () == excerpt_of()


def test_of_a_long_log_both_ends_are_kept_with_a_mark_between_them() -> None:
    lines = excerpt_of(b"".join(f"line {number}\n".encode() for number in range(100_000)))

    assert 500 == len(lines)
    assert ("line 0", "line 99999") == (lines[0], lines[-1])
    assert f"… [only the first {HEAD_LINES} and the last {TAIL_LINES} lines are kept]" == lines[HEAD_LINES]


def test_no_half_line_stands_beside_the_mark() -> None:
    line = b"x" * 1000

    lines = excerpt_of(*[line + b"\n"] * 1000)

    assert {line.decode()} == {each for each in lines if not each.startswith("…")}


def test_one_endless_line_keeps_both_its_ends() -> None:
    lines = excerpt_of(b"begin", *[b"x" * 60_000] * 20, b"end")

    assert 3 == len(lines)
    assert lines[0].startswith("begin")
    assert lines[-1].endswith("end")


def test_terminal_codes_are_taken_out() -> None:
    coloured = b"\x1b[1;31mERROR\x1b[0m see \x1b]8;;https://example.org\x07the docs\x1b]8;;\x07\x1b(B!\x07"

    assert ("ERROR see the docs!",) == excerpt_of(coloured)


def test_of_a_progress_bar_only_its_last_state_is_kept() -> None:
    assert ("done 100 %", "next") == excerpt_of(b"done 1 %\rdone 50 %\rdone 100 %\r\nnext\r\n")


def test_bytes_that_are_no_text_survive_as_replacement_characters() -> None:
    assert ("caf\ufffd", "tab\there") == excerpt_of(b"caf\xe9\n\x00tab\there\x08\n")


def test_the_collector_has_nothing_left_to_cut() -> None:
    lines = excerpt_of(b"".join(f"line {number}\n".encode() for number in range(100_000)))

    assert lines == cut_lines(lines)


@given(st.lists(st.binary(max_size=200_000), max_size=5))
def test_whatever_comes_fits_into_one_report(chunks: list[bytes]) -> None:
    assert REPORT_BYTES > len(to_bytes({"stack_trace": excerpt_of(*chunks)}))


def test_a_file_gives_the_same_excerpt_as_its_stream(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    for size in (0, 10, 5_000, 50_000):
        log.write_bytes(b"".join(f"line {number}\n".encode() for number in range(size)))

        assert excerpt_of(log.read_bytes()) == read_log_file(str(log))


def test_what_is_no_possible_path_is_no_log_file() -> None:
    assert [False] * 4 == [is_log_file(text) for text in ("", "nul\0", "x" * 5000, "no such file")]


def test_a_text_is_cut_like_output() -> None:
    assert ("first", "second") == excerpt_of_text("first\n\x1b[1msecond\x1b[0m\n")
