"""How the file of an error is named: the contract's section 7. Every issue hangs on this, so the rule is frozen.

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
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class Place(NamedTuple):
    """One frame: the code's file as Python names it, the line, the module."""

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
    own = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - the SDK is no application, wherever it lies
    libraries = dict.fromkeys((folder(library), folder(os.path.realpath(library)), folder(own)))
    return Layout(
        tuple(map(folder, app_roots)), tuple(dict.fromkeys(map(folder, entries))), tuple(filter(None, libraries))
    )


def standing(files: Sequence[str], is_own: Callable[[str], bool]) -> tuple[int, bool]:
    """Return which of a stack's code files (outermost first, at least one) stands for it, and whether ``is_own`` it is.

    The innermost of the application, else the innermost without a file, else the innermost.
    """
    for index in range(len(files) - 1, -1, -1):
        if is_own(files[index]):
            return index, True
    generated = (index for index in range(len(files) - 1, -1, -1) if _is_generated(files[index]))
    return next(generated, len(files) - 1), False


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


def relative_path(place: Place, layout: Layout) -> str:
    """Return a frame's file as reports name it."""
    if place.file.startswith("<"):
        return place.file
    path = folder(place.file)
    root = _longest(path, layout.app_roots + layout.search_path)
    if root is not None:
        return path[len(root) :].lstrip("/")
    return _named_by_module(path, place.module) or path


def folder(path: str) -> str:
    """Return a path with ``/`` only, without ``.``, ``..`` and a slash at its end (so the root is empty)."""
    cleaned = _cleaned(path)
    return cleaned if cleaned == path else folder(cleaned)  # what is left may be one of Windows


def _cleaned(path: str) -> str:
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
    return layout_of(app_roots, sys.path, working_directory())


def working_directory() -> str:
    """Return the working directory, nothing where it is gone."""
    try:
        return os.getcwd()  # noqa: PTH109 - see above
    except OSError:
        return ""
