"""Which file and line an error is at: the contract's section 7. Every issue hangs on this, so the rule is frozen.

The innermost frame of the raised exception that lies in application code (neither the standard library nor installed
packages), else the innermost frame; of a group, that of its first leaf. The path is relative to the longest
application root or ``sys.path`` entry and has ``/`` in it, so that one error is the same on every host and in every
virtual environment.

What the rule leaves open, and how it is read here:

- Code without a file (``<string>``, ``<attrs generated …>``) counts as application code only where no frame of a real
  file does: the line of a class is of more use than the line of its generated ``__init__``.
- A file below no root (an editable install through an import hook, ``python -P``) is named after its module, and a
  program's main file by its name alone; only where even the module does not fit, the absolute path is left.
- A SyntaxError that was raised before any frame ran is at its own file and line.
"""

import os
import posixpath
import re
import sys
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Final, NamedTuple

_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_MOST_FRAMES: Final = 100_000
_DEEPEST_GROUP: Final = 100


class Spot(NamedTuple):
    """One frame of a traceback: the code's file as Python names it, the line, the module."""

    file: str
    line: int | None
    module: str | None = None


class Layout(NamedTuple):
    """Where code lies on this host: folders as ``folder`` returns them."""

    app_roots: tuple[str, ...]
    search_path: tuple[str, ...]
    standard_library: tuple[str, ...]


def layout_of(app_roots: Sequence[str], search_path: Sequence[object], working_directory: str) -> Layout:
    """Return the layout of the running interpreter; an empty entry of ``sys.path`` is the working directory."""
    entries = [entry or working_directory for entry in search_path if isinstance(entry, str)]
    library = os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib would cost more than all the rest of this module
    libraries = dict.fromkeys((folder(library), folder(os.path.realpath(library))))
    return Layout(
        tuple(map(folder, app_roots)), tuple(dict.fromkeys(map(folder, entries))), tuple(filter(None, libraries))
    )


def leaf_of(error: BaseException) -> BaseException:
    """Return the first leaf of a group, and any other exception itself."""
    for _ in range(_DEEPEST_GROUP):
        if not isinstance(error, BaseExceptionGroup) or error.exceptions[0].__traceback__ is None:
            # A leaf that was put into the group without being raised is nowhere: the group was raised here.
            break
        error = error.exceptions[0]
    return error


def spots_of(traceback: TracebackType | None) -> Iterator[Spot]:
    """Yield the frames of a traceback, outermost first."""
    for _ in range(_MOST_FRAMES):
        if traceback is None:
            return
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__")
        yield Spot(frame.f_code.co_filename, traceback.tb_lineno, module if isinstance(module, str) else None)
        traceback = traceback.tb_next


def location_of(error: BaseException, layout: Layout) -> tuple[str | None, int | None]:
    """Return the file path and line number that a report of ``error`` carries."""
    leaf = leaf_of(error)
    spots = tuple(spots_of(leaf.__traceback__))
    if not spots and isinstance(leaf, SyntaxError) and isinstance(leaf.filename, str):
        spots = (Spot(leaf.filename, leaf.lineno if isinstance(leaf.lineno, int) else None),)
    return locate(spots, layout)


def locate(spots: Sequence[Spot], layout: Layout) -> tuple[str | None, int | None]:
    """Return the path and line of the frame that stands for a stack (outermost first); nothing of an empty one."""
    if not spots:
        return None, None
    inwards = tuple(reversed(spots))
    chosen = next((spot for spot in inwards if is_application(spot.file, layout)), None)
    chosen = chosen or next((spot for spot in inwards if _is_generated(spot.file)), inwards[0])
    return relative_path(chosen, layout), chosen.line


def is_application(file: str, layout: Layout) -> bool:
    """Return whether a code's file is the application's own, not the standard library's or an installed package's."""
    if file.startswith("<"):
        return False
    path = folder(file)
    own = _longest(path, layout.app_roots)
    library = _longest(path, layout.standard_library)
    if library is not None and (own is None or len(library) > len(own)):
        return False
    below = path[len(own) :] if own is not None else path
    return _INSTALLED.isdisjoint(below.split("/"))


def relative_path(spot: Spot, layout: Layout) -> str:
    """Return a frame's file as reports name it."""
    if spot.file.startswith("<"):
        return spot.file
    path = folder(spot.file)
    root = _longest(path, layout.app_roots + layout.search_path)
    if root is not None:
        return path[len(root) :].lstrip("/")
    return _named_by_module(path, spot.module) or path


def folder(path: str) -> str:
    """Return a path with ``/`` only, without ``.``, ``..`` and a slash at its end (so the root is empty)."""
    if os.sep == "\\" or _WINDOWS.match(path):
        path = path.replace("\\", "/").removeprefix("//?/")
        path = path[:1].upper() + path[1:] if path[1:2] == ":" else path
    return posixpath.normpath(path).rstrip("/") if path else ""


def _is_generated(file: str) -> bool:
    return file.startswith("<") and not file.startswith("<frozen ")


def _longest(path: str, roots: Sequence[str]) -> str | None:
    """Return the longest root that ``path`` lies below; on Windows, which ignores capitals, so is done here."""
    compared = path.lower() if path[1:2] == ":" else path
    below = [root for root in roots if compared.startswith((root.lower() if root[1:2] == ":" else root) + "/")]
    return max(below, key=len, default=None)


def _named_by_module(path: str, module: str | None) -> str | None:
    if module == "__main__":
        return posixpath.basename(path)
    if not module:
        return None
    expected = module.replace(".", "/")
    return next((name for name in (f"{expected}.py", f"{expected}/__init__.py") if path.endswith(f"/{name}")), None)


def present_layout(app_roots: Sequence[str]) -> Layout:
    """Return the layout as ``sys.path`` is now."""
    try:
        here = os.getcwd()  # noqa: PTH109 - see above
    except OSError:
        here = ""
    return layout_of(app_roots, sys.path, here)
