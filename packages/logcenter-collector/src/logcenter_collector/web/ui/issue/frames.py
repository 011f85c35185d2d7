"""Structured frames as a page shows them: the application's own open, runs of library frames folded between them."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from attrs import frozen

from logcenter_sdk.contract.report import Frame

_PLACE: Final = re.compile(r'\bFile "([^"]+)", line \d+|\(([^()\s]+):\d+(?::\d+)?\)|\bat ([^()\s]+):\d+:\d+$')
"""As Python, then as JavaScript and Java write it."""
_LIBRARIES: Final = re.compile(
    r"site-packages|dist-packages|[\\/]lib(?:64)?[\\/]python\d|node_modules|^node:|^internal[\\/]|^<|^[A-Z]\w*\.java$"
)


@frozen(kw_only=True)
class SourceLine:
    """One line of source beside a frame."""

    number: int | None
    text: str
    is_here: bool


@frozen(kw_only=True)
class Group:
    """One frame of the application, or several of libraries that follow each other."""

    frames: tuple[Frame, ...]
    is_own: bool
    is_first: bool
    """Whether it is the application's innermost frame: what a reader wants to see at once."""


def fold_frames(frames: Sequence[Frame]) -> tuple[Group, ...]:
    """Return frames, which are reported outermost first, folded and innermost first.

    Where a reporter does not say which are the application's own, all are.
    """
    all_own = not any(frame.in_app for frame in frames)
    groups: list[Group] = []
    for own, run in groupby(reversed(frames), key=lambda frame: all_own or bool(frame.in_app)):
        several = tuple(run)
        for part in [(frame,) for frame in several] if own else [several]:
            is_first = own and not any(group.is_own for group in groups)
            groups.append(Group(frames=part, is_own=own, is_first=is_first))
    return tuple(groups)


def source_of_frame(frame: Frame) -> tuple[SourceLine, ...]:
    """Return the source that was reported around a frame, with the numbers of its lines."""
    if frame.context_line is None:
        return ()
    before, after = frame.pre_context or (), frame.post_context or ()
    texts = (*before, frame.context_line, *after)
    begin = None if frame.line_number is None else frame.line_number - len(before)
    return tuple(
        SourceLine(number=None if begin is None else begin + offset, text=text, is_here=offset == len(before))
        for offset, text in enumerate(texts)
    )


def is_own_line(line: str) -> bool:
    """Whether a line of a plain trace names a place in the application: not in what was installed."""
    found = _PLACE.search(line)
    place = next((group for group in found.groups() if group), "") if found else ""
    return bool(place) and not _LIBRARIES.search(place)
