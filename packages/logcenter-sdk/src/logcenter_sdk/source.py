"""Frames with their source: as contract frames, and as the lines that a traceback prints. The worker's.

Both are kept by code object and instruction, so the thousandth error through the same functions costs a look-up.
"""

import linecache
from itertools import islice
from traceback import FrameSummary, StackSummary
from types import CodeType
from typing import Final, NamedTuple

from logcenter_sdk.contract.report import Frame
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.location import Layout, Place, is_application, relative_path
from logcenter_sdk.sighting import Step

CONTEXT_LINES: Final = 5
"""How many source lines stand before and after the line of a frame of the application."""
_MOST_KEPT: Final = 4_000
_LONGEST_LINE: Final = 300


class Drawn(NamedTuple):
    """One frame, made."""

    code: CodeType
    """Kept, so that no other code takes its id."""
    frame: Frame
    printed: str
    """Two to four lines: file, line, function; the source; what of it failed."""
    identity: tuple[str, int | None, str]
    """By which a recursion is recognised."""


class Sources:
    """Draws frames for one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._drawn: dict[tuple[int, int, int | None], Drawn] = {}

    def draw(self, step: Step) -> Drawn:
        """Return a frame without its locals."""
        code, instruction, line, module, _ = step
        key = id(code), instruction, line
        drawn = self._drawn.get(key)
        if drawn is None:
            if len(self._drawn) >= _MOST_KEPT:
                self._drawn.clear()
            name = module if type(module) is str else None
            drawn = self._drawn[key] = _draw(code, instruction, line, name, self._layout)
        return drawn


def _draw(code: CodeType, instruction: int, line: int | None, module: str | None, layout: Layout) -> Drawn:
    file = code.co_filename
    in_app = is_application(file, layout)
    before, here, after = _source(file, line, CONTEXT_LINES if in_app else 0)
    frame = Frame(
        file_path=storable_text(relative_path(Place(file, line, module), layout)),
        line_number=line,
        function=code.co_qualname,
        module=module,
        in_app=in_app,
        context_line=here,
        pre_context=before or None,
        post_context=after or None,
    )
    return Drawn(code, frame, _printed(code, instruction, line), (file, line, code.co_name))


def _source(file: str, line: int | None, around: int) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    lines = linecache.getlines(file) if line else []
    if line is None or not 0 < line <= len(lines):
        return (), None, ()
    texts = [_cut(text) for text in lines[max(line - 1 - around, 0) : line + around]]
    index = min(line - 1, around)
    return tuple(texts[:index]), texts[index], tuple(texts[index + 1 :])


def _cut(text: str) -> str:
    text = storable_text(text.rstrip("\r\n"))
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"


def _printed(code: CodeType, instruction: int, line: int | None) -> str:
    """Return a frame as Python prints it, the marks under the failing part included."""
    positions = (
        next(islice(code.co_positions(), instruction // 2, None), (None,) * 4) if instruction >= 0 else (None,) * 4
    )
    _, end_line, column, end_column = positions
    summary = FrameSummary(
        code.co_filename,
        line,
        code.co_name,
        lookup_line=False,
        end_lineno=end_line,
        colno=column,
        end_colno=end_column,
    )
    return StackSummary.from_list([summary]).format()[0]
