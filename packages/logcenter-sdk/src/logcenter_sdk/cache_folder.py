"""Where a process may keep files between two runs: a folder of this user's alone.

Reports tell of an application's inside, and what is found in the folder is sent with the project's key. So nobody else
may read it, and none is used that somebody else can write into or has put in our way.
"""

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SHARED: Final = "logcenter"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def folder_for(
    url: str,
    project_id: str,
    env: Mapping[str, str],
    *,
    directory: str | None = None,
    platform: str = sys.platform,
) -> Path | None:
    """Return the folder for what goes to one project of one collector; None where ``env`` names no home.

    It lies in ``directory``, by default the user's cache folder, in a folder ``logcenter``.
    """
    from hashlib import sha256  # noqa: PLC0415 - 3 ms, which who has nothing on disk does not pay

    shared = shared_folder(env, directory=directory, platform=platform)
    return shared and shared / sha256(f"{url} {project_id}".encode("utf-8", "replace")).hexdigest()[:16]


def shared_folder(env: Mapping[str, str], *, directory: str | None = None, platform: str = sys.platform) -> Path | None:
    """Return the folder that those of all projects and collectors lie in."""
    base = Path(directory).absolute() if directory else _cache(env, platform)
    return base / _SHARED if base is not None and base.is_absolute() else None


def _cache(env: Mapping[str, str], platform: str) -> Path | None:
    if platform == "win32":
        return _path(env.get("LOCALAPPDATA"))
    home = _path(env.get("HOME"))
    if platform == "darwin":
        return home and home / "Library" / "Caches"
    # The specification of XDG wants a relative path to be ignored.
    return _path(env.get("XDG_CACHE_HOME")) or (home and home / ".cache")


def _path(value: str | None) -> Path | None:
    path = Path(value or "")
    return path if path.is_absolute() else None


def make_own(folder: Path) -> bool:
    """Make a folder of ``folder_for`` where it is missing, and return whether it is ours. Raises OSError.

    A home is never made: where it is missing, it is missing on purpose.
    """
    try:
        return is_own(folder)
    except FileNotFoundError:
        for path in (folder.parent.parent, folder.parent, folder):
            path.mkdir(0o700, exist_ok=True)
        return is_own(folder)


def is_own(folder: Path) -> bool:
    """Return whether a folder of ``folder_for`` is ours; from now on nobody else may enter it. Raises OSError.

    The folder above is touched only if it is the one that ``folder_for`` puts there: it might be anything else.
    """
    return (folder.parent.name != _SHARED or _is_own(folder.parent)) and _is_own(folder)


def _is_own(path: Path) -> bool:
    found = path.lstat()  # of a link itself: it may lead into somebody else's folder
    if not stat.S_ISDIR(found.st_mode):
        return False
    if sys.platform == "win32":
        return True  # below %LOCALAPPDATA% the system lets nobody else in
    if found.st_uid != os.geteuid():
        return False
    if found.st_mode & _OTHERS:
        path.chmod(0o700)
    return True
