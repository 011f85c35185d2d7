"""What a project wants to have scrubbed out of its reports before they are stored: values by name, texts by pattern.

Patterns are RE2's: the time that they take grows with the text and not faster, so none of them can hang the ingest. A
text is scrubbed again until nothing is left to find, so to scrub twice is to scrub once, and what a pattern matches is
in no text that was scrubbed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import re2  # type: ignore[import-untyped] # it has no types
from attrs import evolve, field, frozen

from logcenter_sdk.contract.limits import CONTEXT_DEPTH
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.report import Frame, Report, ReportedError, stack_lines
from logcenter_sdk.contract.storable import storable_text

MARK: Final = "[scrubbed]"
MOST_RULES: Final = 50
LONGEST_RULE: Final = 500
LARGEST_PROGRAMS: Final = 10_000
"""How large patterns may be together, in RE2's instructions: the time that a text takes grows with it."""

_MARK: Final = MARK.encode()
_ROUNDS: Final = 8
"""After so many, a text in which every look finds something new is scrubbed altogether."""
_PAIR: Final = 2
_NO_LETTERS: Final = re.compile(r"[\W_]")

Span = tuple[int, int]


class InvalidRulesError(ValueError):
    """Some rules cannot be followed; ``errors`` names each, and what is wrong with it."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field} {error.message}" for error in errors))
        self.errors = tuple(errors)


def folded(name: str) -> str:
    """Return a name as names are compared: ``apiKey`` is ``API-KEY`` and ``api_key``."""
    return _NO_LETTERS.sub("", name).casefold()


@frozen
class Scrubber:
    """The rules of one project, ready to be followed. ``scrubber_of`` makes it."""

    names: frozenset[str]
    patterns: tuple[Any, ...] = ()
    any_of_them: Any = field(default=None, eq=False)
    """One pattern for all: most texts have nothing to scrub in them, and are looked at once."""

    def report(self, report: Report) -> Report:
        """Return a report without what the rules name. What says which error it is stays as it came."""
        return evolve(
            report,
            error=self._error(report.error),
            context=None if report.context is None else self.value(report.context),
            frames=None if report.frames is None else tuple(map(self._frame, report.frames)),
            fingerprint=None if report.fingerprint is None else tuple(map(self.text, report.fingerprint)),
        )

    def value(self, value: Any, levels: int = CONTEXT_DEPTH + 1) -> Any:  # noqa: ANN401 - JSON
        """Return a JSON value without what the rules name; what lies too deep to be stored is not looked at."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return value if self.text(str(value)) == str(value) else MARK
        if levels == 0:
            return MARK
        if isinstance(value, Mapping):
            return {self.text(name): self._named(name, item, levels - 1) for name, item in value.items()}
        return [self._item(item, levels - 1) for item in value]

    def text(self, text: str) -> str:
        """Return a text without what the patterns match."""
        return self.texts([text])[0]

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return the lines of one text, as many as they were: what a pattern matches may go over several of them."""
        parts = [storable_text(text).encode() for text in texts]
        for _ in range(_ROUNDS):
            scrubbed = self._scrubbed_once(parts)
            if scrubbed == parts:
                return [part.decode(errors="replace") for part in parts]
            parts = scrubbed
        return [MARK] * len(parts)

    def _scrubbed_once(self, parts: list[bytes]) -> list[bytes]:
        whole = b"\n".join(parts)
        if self.any_of_them is None or self.any_of_them.search(whole) is None:
            return parts
        spans = _merged(chain(_marks_in(whole), *(_matches(pattern, whole) for pattern in self.patterns)))
        return _without(parts, spans)

    def _error(self, error: ReportedError) -> ReportedError:
        lines = tuple(self.texts(stack_lines(error)))
        return evolve(error, message=self.text(error.message), stack_trace=lines)

    def _frame(self, frame: Frame) -> Frame:
        """Return a frame with its locals scrubbed, and the lines of its source, as the one text that they are."""
        before, line, after = frame.pre_context or (), frame.context_line, frame.post_context or ()
        here = () if line is None else (line,)
        lines = tuple(self.texts([*before, *here, *after]))
        begin, end = len(before), len(before) + len(here)
        return evolve(
            frame,
            pre_context=frame.pre_context and lines[:begin],
            context_line=line if line is None else lines[begin],
            post_context=frame.post_context and lines[end:],
            locals=None if frame.locals is None else self.value(frame.locals),
        )

    def _named(self, name: str, value: Any, levels: int) -> Any:  # noqa: ANN401 - JSON
        return MARK if value is not None and folded(name) in self.names else self.value(value, levels)

    def _item(self, item: Any, levels: int) -> Any:  # noqa: ANN401 - JSON
        """Return an item of a list, which may be a name with its value, as headers of requests are often kept."""
        if isinstance(item, list | tuple) and len(item) == _PAIR and isinstance(item[0], str) and levels:
            return [self.text(item[0]), self._named(item[0], item[1], levels - 1)]
        return self.value(item, levels)


def scrubber_of(names: Sequence[str], patterns: Sequence[str]) -> Scrubber:
    """Return what follows the rules. Raises InvalidRulesError with everything that is wrong."""
    errors = [*_wrong_names(names), *_wrong_patterns(patterns)]
    if errors:
        raise InvalidRulesError(errors)
    return Scrubber(
        names=frozenset(map(folded, names)),
        patterns=tuple(map(_compiled, patterns)),
        any_of_them=_compiled("|".join(map(_group, patterns)), most_memory=2**26) if patterns else None,
    )


def _wrong_names(names: Sequence[str]) -> Iterable[FieldError]:
    yield from _too_many("scrub_names", names)
    for number, name in enumerate(names):
        if len(name) > LONGEST_RULE or not folded(name):
            message = f"must be a name of at most {LONGEST_RULE} characters, with a letter or a digit in it"
            yield FieldError(f"scrub_names[{number}]", message)


def _wrong_patterns(patterns: Sequence[str]) -> Iterable[FieldError]:
    yield from _too_many("scrub_patterns", patterns)
    size = 0
    for number, pattern in enumerate(patterns[:MOST_RULES]):
        where = f"scrub_patterns[{number}]"
        if not pattern or len(pattern) > LONGEST_RULE:
            yield FieldError(where, f"must have 1 to {LONGEST_RULE} characters")
            continue
        try:
            size += _compiled(pattern).programsize
            _compiled(_group(pattern))
        except re2.error as error:
            yield FieldError(where, f"is no RE2 pattern: {_said(error)}")
        except UnicodeEncodeError:
            yield FieldError(where, "is no RE2 pattern: it holds half a character")
    if size > LARGEST_PROGRAMS:
        message = (
            f"are too large together: {size} instructions of {LARGEST_PROGRAMS}; use fewer and smaller repetitions"
        )
        yield FieldError("scrub_patterns", message)


def _too_many(field_name: str, rules: Sequence[str]) -> Iterable[FieldError]:
    if len(rules) > MOST_RULES:
        yield FieldError(field_name, f"must have at most {MOST_RULES} entries, not {len(rules)}")


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def _group(pattern: str) -> str:
    return f"(?:{pattern})"


def _compiled(pattern: str, most_memory: int = 2**23) -> Any:  # noqa: ANN401 - it has no types
    """Compile a pattern: ``^`` and ``$`` are ends of lines, and of two ways to match the longer one is taken."""
    options = re2.Options()
    options.longest_match, options.never_capture, options.log_errors = True, True, False
    options.max_mem = most_memory
    re2.compile(pattern, options)  # by itself, so that the message speaks of what was written
    return re2.compile(f"(?m){pattern}", options)


def _matches(pattern: Any, whole: bytes) -> Iterable[Span]:  # noqa: ANN401 - it has no types
    return (match.span() for match in pattern.finditer(whole) if match.end() > match.start())


def _marks_in(whole: bytes) -> Iterable[Span]:
    begin = whole.find(_MARK)
    while begin >= 0:
        yield begin, begin + len(_MARK)
        begin = whole.find(_MARK, begin + len(_MARK))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap made one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _without(parts: Sequence[bytes], spans: Sequence[Span]) -> list[bytes]:
    """Return the parts, which are joined by one byte, with the mark in the place of each span."""
    scrubbed, offset, first = [], 0, 0
    for part in parts:
        pieces, position, end = [], offset, offset + len(part)
        while first < len(spans) and spans[first][1] <= offset:
            first += 1
        for begin_of_span, end_of_span in _until(spans, first, end):
            if begin_of_span > position:
                pieces.append(part[position - offset : begin_of_span - offset])
            if part and end_of_span > position:
                pieces.append(_MARK)
            position = max(position, min(end_of_span, end))
        pieces.append(part[position - offset :])
        scrubbed.append(b"".join(pieces))
        offset = end + 1
    return scrubbed


def _until(spans: Sequence[Span], first: int, end: int) -> Iterable[Span]:
    """Yield spans from the first one on that begin before an end."""
    for number in range(first, len(spans)):
        if spans[number][0] >= end:
            return
        yield spans[number]
