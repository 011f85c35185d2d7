"""What of a large report a page shows: what readers look at first, as far as there is room. Pure.

A report may have a megabyte; a page with all of it would take seconds on a phone. All of it stands in the text for
copying, which whoever wants it asks for.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Final, TypeVar

from attrs import evolve, frozen

from logcenter_collector.web.ui.excerpts import TraceLine, as_text
from logcenter_collector.web.ui.issue.context import Crumb, ReadableContext, Section
from logcenter_sdk.contract.limits import cut_characters
from logcenter_sdk.contract.report import Frame

FRAMES_ROOM: Final = 50_000
"""Characters of source and variables."""
TRACE_ROOM: Final = 50_000
CONTEXT_ROOM: Final = 15_000
CRUMBS_ROOM: Final = 15_000
VALUE_ROOM: Final = 2_000
"""Of one value, however much room there is: others are worth reading as well."""

Item = TypeVar("Item")
Pair = tuple[str, object]


@frozen(kw_only=True)
class Fitted:
    """The parts of an occurrence that may be large."""

    frames: tuple[Frame, ...]
    trace: tuple[TraceLine, ...]
    context: ReadableContext


def fit(whole: Fitted) -> Fitted:
    """Return what a page shows; of what is not too large, everything."""
    return Fitted(frames=fit_frames(whole.frames), trace=fit_trace(whole.trace), context=fit_context(whole.context))


def fit_frames(frames: Sequence[Frame], room: int = FRAMES_ROOM) -> tuple[Frame, ...]:
    """Return all frames; source and variables first of the application's own, and of the innermost before others."""
    all_own = not any(frame.in_app for frame in frames)
    ranked = sorted(range(len(frames)), key=lambda number: (not (all_own or frames[number].in_app), -number))
    fitted = {}
    for number in ranked:
        frame = _with_short_values(frames[number])
        size = _size(frame)
        if size > room:
            frame, size = _bare(frame), 0
        fitted[number], room = frame, room - size
    return tuple(fitted[number] for number in range(len(frames)))


def _with_short_values(frame: Frame) -> Frame:
    return (
        evolve(frame, locals={name: _short(value) for name, value in frame.locals.items()}) if frame.locals else frame
    )


def _bare(frame: Frame) -> Frame:
    return evolve(frame, context_line=None, pre_context=None, post_context=None, locals=None)


def _size(frame: Frame) -> int:
    source = (*(frame.pre_context or ()), frame.context_line or "", *(frame.post_context or ()))
    return sum(map(len, source)) + sum(_length(pair) for pair in (frame.locals or {}).items())


def fit_trace(lines: Sequence[TraceLine], room: int = TRACE_ROOM) -> tuple[TraceLine, ...]:
    """Return the lines; of too many the first and, for the most part, the last, with a mark between them."""
    if sum(len(line.text) for line in lines) <= room:
        return tuple(lines)
    last = _as_many_as_fit(reversed(lines), _length_of_line, room - room // 5)[::-1]
    first = _as_many_as_fit(lines[: len(lines) - len(last)], _length_of_line, room // 5)
    mark = TraceLine(f"… [{len(lines) - len(first) - len(last)} lines cut]", is_place=False)
    return (*first, mark, *last)


def fit_context(context: ReadableContext, room: int = CONTEXT_ROOM) -> ReadableContext:
    """Return a context with short values, as many as fit, and the latest breadcrumbs."""
    sections, used = [], 0
    for section in (*context.sections, Section(name="", rows=context.rest)):
        rows = [(name, _short(value)) for name, value in section.rows]
        sections.append(evolve(section, rows=_as_many_as_fit(rows, _length, room - used)))
        used += sum(map(_length, sections[-1].rows))
    crumbs = map(_short_crumb, reversed(context.breadcrumbs))
    return ReadableContext(
        sections=tuple(section for section in sections[:-1] if section.rows),
        breadcrumbs=_as_many_as_fit(crumbs, _length_of_crumb, CRUMBS_ROOM)[::-1],
        rest=sections[-1].rows,
    )


def _as_many_as_fit(items: Iterable[Item], length: Callable[[Item], int], room: int) -> tuple[Item, ...]:
    """Return the first items that have room together."""
    several = tuple(items)
    used = accumulate(map(length, several))
    return several[: sum(1 for _ in takewhile(lambda so_far: so_far <= room, used))]


def _short(value: object) -> object:
    text = as_text(value)
    return value if len(text) <= VALUE_ROOM else cut_characters(text, VALUE_ROOM)


def _short_crumb(crumb: Crumb) -> Crumb:
    return evolve(crumb, message=cut_characters(crumb.message, VALUE_ROOM), data=crumb.data and _short(crumb.data))


def _length(pair: Pair) -> int:
    return len(pair[0]) + len(as_text(pair[1]))


def _length_of_line(line: TraceLine) -> int:
    return len(line.text)


def _length_of_crumb(crumb: Crumb) -> int:
    return len(crumb.category) + len(crumb.message) + (0 if crumb.data is None else len(as_text(crumb.data)))
