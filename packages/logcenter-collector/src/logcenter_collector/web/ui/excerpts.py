"""What an issue shows of itself in few words: where it happened, its message's first line, the lines of its trace."""

import json
import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from logcenter_sdk.contract.issue import Issue, IssueError
from logcenter_sdk.contract.limits import cut_characters
from logcenter_sdk.contract.report import Source

SUMMARY_CHARACTERS = 240
PLACE_CHARACTERS = 100


def name_of(issue: Issue) -> str:
    """Return what an issue is called: its error's type, or its number where a reporter sent a blank type."""
    return issue.error.type.strip() or f"#{issue.id}"


def place_of(issue: Issue) -> str:
    """Return where it happened: file:line, job / step, or namespace/deployment; empty where nothing is known."""
    match issue.source:
        case Source.CICD:
            return _joined(" / ", issue.context.get("job_name"), issue.context.get("step_name"))
        case Source.DEPLOYMENT:
            return _joined("/", issue.context.get("namespace"), issue.context.get("deployment_name"))
        case Source.RUNTIME:
            return _joined(":", issue.error.file_path, issue.error.line_number)


def ending_of(place: str) -> str:
    """Return the end of a place that is too long for a list: file and line say more than the folders above."""
    return place if len(place) <= PLACE_CHARACTERS else "…" + place[1 - PLACE_CHARACTERS :]


def _joined(separator: str, *parts: object) -> str:
    return separator.join(as_text(part) for part in parts if part not in (None, ""))


def summary_of(message: str) -> str:
    """Return the first line of a message that says something, cut to what a list has room for."""
    lines = (line.strip() for line in message.splitlines())
    return cut_characters(next((line for line in lines if line), ""), SUMMARY_CHARACTERS)


def as_text(value: object) -> str:
    """Return a value of the context for reading: a string as it is, all else as indented JSON."""
    if isinstance(value, str):
        return value
    indent = 2 if isinstance(value, Mapping | Sequence) else None  # with one, it is not written in C
    return json.dumps(value, ensure_ascii=False, indent=indent)


@frozen
class TraceLine:
    """One line of a stack trace."""

    text: str
    is_place: bool
    """Whether it names the file and line that the error was raised in."""


def trace_lines(error: IssueError) -> tuple[TraceLine, ...]:
    """Return the lines of the stack trace; a reporter may have put several into one string."""
    lines = [line for entry in error.stack_trace for line in entry.rstrip("\n").split("\n")]
    return _marked(lines, error)


def _marked(lines: Sequence[str], error: IssueError) -> tuple[TraceLine, ...]:
    if not error.file_path or error.line_number is None:
        return tuple(TraceLine(line, is_place=False) for line in lines)
    # `File "app.py", line 12, in f` and `at f (app.ts:12:7)`, but not line 120.
    # Two searches, each of linear time: in one pattern a line that repeats the path takes quadratic time.
    path = re.compile(rf"{re.escape(error.file_path)}\b")
    number = re.compile(rf"(?:line |:){error.line_number}(?!\d)")
    return tuple(TraceLine(line, is_place=_names(line, path, number)) for line in lines)


def _names(line: str, path: re.Pattern[str], number: re.Pattern[str]) -> bool:
    found = path.search(line)
    return found is not None and number.search(line, found.end()) is not None
