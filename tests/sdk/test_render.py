import gc
import sys
import traceback
import weakref
from datetime import UTC, datetime
from typing import Any

import pytest

from logcenter_sdk.config import Config
from logcenter_sdk.contract.limits import MESSAGE_BYTES, REPORT_BYTES, STACK_LINES
from logcenter_sdk.contract.reading import field_errors
from logcenter_sdk.contract.report import Report
from logcenter_sdk.location import is_application, present_layout
from logcenter_sdk.printed import printed_trace
from logcenter_sdk.render import Happened, report_of
from logcenter_sdk.sighting import Sighting, place_of, place_of_stack, seen, steps_of_stack
from logcenter_sdk.source import Sources
from logcenter_sdk.wire import to_bytes, to_wire

CONFIG = Config(project_id="shop", environment="production", version="1.2", commit_hash="abc", repo_url="https://x/y")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
ONCE = Happened("12345678-1234-5678-1234-567812345678", 1, AT, AT)
LAYOUT = present_layout(())


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause  # noqa: TRY301 - the place that the tests look for
    except Exception as caught:  # noqa: BLE001 - whatever was passed
        return caught


def is_own(file: str) -> bool:
    return is_application(file, LAYOUT)


def reported(error: Exception, happened: Happened = ONCE) -> Report:
    sighting = Sighting(seen(error), place_of(error, is_own), "ERROR", {"a": 1}, [])
    return report_of(sighting, happened, CONFIG, LAYOUT, Sources(LAYOUT))


def trace_of(error: Exception) -> list[str]:
    return printed_trace(seen(error), Sources(LAYOUT)).removesuffix("\n").split("\n")


def test_a_report_says_what_and_where_and_of_which_build() -> None:
    report = reported(raised(ValueError("no such user")))

    assert ("ValueError", "no such user", raised.__code__.co_firstlineno + 2) == (
        report.error.type,
        report.error.message,
        report.error.line_number,
    )
    assert "test_render.py" == str(report.error.file_path).rpartition("/")[2]
    assert ("2026-01-02T03:04:05Z", "1.2", "abc", "https://x/y", {"a": 1}) == (
        report.timestamp,
        report.version,
        report.commit_hash,
        report.repo_url,
        report.context,
    )


def noted() -> Exception:
    error = raised(ValueError("with a note\nof two lines"), raised(KeyError("cause")))
    error.add_note("first note")
    return error


def in_context() -> Exception:
    try:
        raised_again(KeyError("one"))
    except KeyError:
        return raised(OSError(2, "two"))
    raise AssertionError


def raised_again(error: Exception) -> None:
    raise error


def syntax() -> Exception:
    try:
        compile("a b", "file.py", "exec")
    except SyntaxError as error:
        return error
    raise AssertionError


def group() -> Exception:
    return raised(ExceptionGroup("several", [raised(ValueError(1)), ExceptionGroup("more", [raised(TypeError(2))])]))


@pytest.mark.parametrize("make", [noted, in_context, syntax, group])
def test_the_trace_is_what_python_prints(make: Any) -> None:
    error = make()

    assert "".join(traceback.format_exception(error)).removesuffix("\n").split("\n") == trace_of(error)


class HostileError(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")

    @property
    def __notes__(self) -> Any:  # type: ignore[override] # that is the trick
        raise ValueError("no notes")


def test_an_exception_that_resists_is_reported_all_the_same() -> None:
    report = reported(raised(HostileError()))

    assert ("HostileError", "<unprintable HostileError object>") == (report.error.type, report.error.message)
    assert "Traceback (most recent call last):" == report.error.stack_trace[0]
    # Newer Pythons print such an exception themselves, in words of their own.
    assert any("HostileError: <" in line for line in report.error.stack_trace)


def endless_cycle() -> Exception:
    one, two = raised(ValueError("one")), raised(ValueError("two"))
    one.__cause__, two.__cause__ = two, one
    return one


def long_chain() -> Exception:
    error = raised(ValueError("first"))
    for number in range(500):
        error = raised(ValueError(number), error)
    return error


def deep_recursion() -> Exception:
    def down() -> None:
        down()

    try:
        down()
    except RecursionError as error:
        return error
    raise AssertionError


def wide_group() -> Exception:
    return raised(ExceptionGroup("wide", [raised(ValueError(number)) for number in range(2000)]))


def deep_group() -> Exception:
    error: Exception = ValueError("leaf")
    for _ in range(300):
        error = ExceptionGroup("deep", [error])
    return raised(error)


def megabytes() -> Exception:
    return raised(ValueError("x" * 5_000_000))


def many_lines() -> Exception:
    return raised(ValueError(("\x01" * 5_000 + "\n") * 1_000))


def surrogates() -> Exception:
    return raised(ValueError("\ud800\x00"))


def unraised() -> Exception:
    return ValueError("never raised")


@pytest.mark.parametrize(
    "make",
    [endless_cycle, long_chain, deep_recursion, wide_group, deep_group, megabytes, many_lines, surrogates, unraised],
)
def test_every_report_is_one_that_the_collector_takes(make: Any) -> None:
    wire = to_wire(reported(make()))

    assert () == field_errors(Report, wire)
    assert REPORT_BYTES >= len(to_bytes(wire))
    assert STACK_LINES + 2 >= len(wire["error"]["stack_trace"])
    assert MESSAGE_BYTES >= len(wire["error"]["message"].encode())


def test_an_exception_at_the_end_of_the_stack_is_captured_from_its_top() -> None:
    error = deep_recursion()

    assert "RecursionError" == reported(error).error.type
    assert sys.getrecursionlimit() > len(reported(error).error.stack_trace)


def test_a_report_of_several_says_how_many_and_when_the_first_was() -> None:
    report = reported(raised(ValueError()), ONCE._replace(occurrences=300, first_at=AT - 60))

    assert (300, "2026-01-02T03:03:05Z", "2026-01-02T03:04:05Z") == (
        report.occurrences,
        report.first_timestamp,
        report.timestamp,
    )


def test_a_frame_shows_the_source_around_its_line_and_whose_it_is() -> None:
    report = reported(raised(ValueError("x")))

    assert report.frames is not None
    [frame] = report.frames
    assert frame.context_line is not None
    assert ("raised", True, __name__, "raise error from cause") == (
        frame.function,
        frame.in_app,
        frame.module,
        frame.context_line.strip()[:22],
    )
    assert ["def raised(error: Exception, cause: Exception | None = None) -> Exception:", "    try:"] == list(
        frame.pre_context or ()
    )[-2:]
    assert "    except Exception as caught:" in str((frame.post_context or ("",))[0])


def test_a_group_shows_the_frames_of_each_leaf() -> None:
    report = reported(group())

    assert report.frames is not None
    assert ["raised"] * 3 == [frame.function for frame in report.frames]


def test_nothing_that_was_seen_keeps_the_error_alive() -> None:
    class Heavy:
        pass

    def fail() -> tuple[object, "weakref.ref[Heavy]"]:
        heavy = Heavy()
        try:
            int("no number")
        except ValueError as error:
            return seen(error), weakref.ref(heavy)
        raise AssertionError

    gc.disable()
    try:
        sighting, reference = fail()
        assert sighting is not None
        assert reference() is None
    finally:
        gc.enable()


def test_a_message_is_at_the_line_that_sent_it() -> None:
    frame = sys._getframe()

    sighting = Sighting("disk is full", place_of_stack(frame, is_own), "WARNING", {}, steps_of_stack(frame))
    report = report_of(sighting, ONCE, CONFIG, LAYOUT, Sources(LAYOUT))

    assert ("Message", "disk is full", frame.f_lineno - 3) == (
        report.error.type,
        report.error.message,
        report.error.line_number,
    )
    assert any("test_a_message_is_at_the_line_that_sent_it" in line for line in report.error.stack_trace)


def there(depth: int) -> None:
    back(depth)


def back(depth: int) -> None:
    if not depth:
        raise ValueError("deep")
    there(depth - 1)


def test_of_a_recursion_over_two_functions_the_frames_of_both_ends_are_sent() -> None:
    with pytest.raises(ValueError, match="deep") as caught:
        there(100)

    functions = [frame.function for frame in reported(caught.value).frames or ()]
    assert ["there", "back"] * 3 + ["back", "there"] * 3 + ["back"] == functions[1:]


def test_what_waits_weighs_as_much_as_its_texts() -> None:
    error = ValueError("v" * 1_000)
    error.add_note("n" * 1_000)
    error.__cause__ = KeyError("k" * 1_000)
    group = ExceptionGroup("g" * 1_000, [error, OSError("o" * 1_000)])

    weight = Sighting(seen(group), None, "ERROR", {"context": "c" * 1_000}, []).weight()

    assert 6_000 == weight // 1_000 * 1_000
