"""A sighting as Python prints a traceback: causes, contexts, notes, groups, recursion. The worker's.

The standard library's own ``TracebackException`` does the printing; it is only not given an exception, which is gone
by then, but what was seen of it.
"""

from collections.abc import Generator
from traceback import TracebackException
from typing import Any, Final

from logcenter_sdk.sighting import Thrown
from logcenter_sdk.source import Sources

_SHOWN_REPEATS: Final = 3
"""How many equal frames in a row are printed, as in Python."""


def printed_trace(thrown: Thrown, sources: Sources) -> str:
    """Return the traceback as Python prints it, newlines included."""
    return "".join(_Seen(thrown, sources).format())


class _Stack:
    """The frames of one exception, as ``TracebackException.format`` asks for them."""

    def __init__(self, thrown: Thrown, sources: Sources) -> None:
        self._thrown = thrown
        self._sources = sources

    def __bool__(self) -> bool:
        return bool(self._thrown.steps)

    def format(self, **_options: object) -> list[str]:
        drawn = [self._sources.draw(step) for step in self._thrown.steps]
        lines: list[str] = []
        repeats, last = 0, None
        middle = len(drawn) // 2 if self._thrown.left_out else -1
        for index, each in enumerate(drawn):
            if index == middle:
                lines += [*_repeated(repeats), f"  … [{self._thrown.left_out} frames left out]\n"]
                repeats, last = 0, None
            if each.identity != last:
                lines += _repeated(repeats)
                repeats, last = 0, each.identity
            repeats += 1
            if repeats <= _SHOWN_REPEATS:
                lines.append(each.printed)
        return lines + _repeated(repeats)


def _repeated(repeats: int) -> list[str]:
    more = repeats - _SHOWN_REPEATS
    return [f"  [Previous line repeated {more} more time{'s' if more > 1 else ''}]\n"] if more > 0 else []


class _Seen(TracebackException):
    """Has the attributes that ``format`` reads; which ones is documented."""

    def __init__(self, thrown: Thrown, sources: Sources) -> None:  # an exception for the base class there is not
        self._thrown = thrown
        self.max_group_width = 15
        self.max_group_depth = 10
        self.stack: Any = _Stack(thrown, sources)
        self.__cause__ = thrown.cause and _Seen(thrown.cause, sources)
        self.__context__ = thrown.context and _Seen(thrown.context, sources)
        self.__suppress_context__ = False
        self.exceptions: Any = None
        if thrown.leaves is not None:
            self.exceptions = [_Seen(leaf, sources) for leaf in thrown.leaves]

    def format_exception_only(self, **_options: Any) -> Generator[str, None, None]:  # noqa: ANN401 - newer Pythons have more of them
        """Yield the lines below the stack."""
        thrown = self._thrown
        if thrown.printed is not None:
            yield from thrown.printed
        else:
            yield f"{thrown.title}: {thrown.message}\n" if thrown.message else f"{thrown.title}\n"
        for note in thrown.notes:
            yield from (f"{line}\n" for line in note.split("\n"))
