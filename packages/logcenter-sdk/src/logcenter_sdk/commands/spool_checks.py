"""What waits on disk, and whether more can be put there. Reads only: no folder is made, no file is touched."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from logcenter_sdk.cache_folder import folder_for
from logcenter_sdk.commands.finding import Finding, Level
from logcenter_sdk.config import Config
from logcenter_sdk.spool_file import SpoolFile, read_name


class Contents(NamedTuple):
    """What is in a spool."""

    reports: int = 0
    bytes: int = 0
    held: int = 0
    """Of the reports, those that a process has claimed to send."""
    oldest_ns: int | None = None


def folder_of(config: Config, env: Mapping[str, str]) -> Path | None:
    """Return the folder of a configuration's spool; None where there is no place for one."""
    return folder_for(config.url, config.project, env, directory=config.spool_directory)


def contents_of(folder: Path) -> Contents:
    """Return what is in a folder. Raises OSError where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            names = [each.name for each in found]
    except FileNotFoundError:
        return Contents()
    return sum_up(file for name in names if (file := read_name(name)) is not None and file.is_whole)


def sum_up(files: Iterable[SpoolFile]) -> Contents:
    """Return the sums over files."""
    all_files = tuple(files)
    return Contents(
        sum(file.reports for file in all_files),
        sum(file.bytes for file in all_files),
        sum(file.reports for file in all_files if file.claim is not None),
        min((file.created_ns for file in all_files), default=None),
    )


def check_spool(config: Config, env: Mapping[str, str]) -> Finding:
    """Return what there is to say about a configuration's spool."""
    if not config.spool:
        return Finding(Level.NOTE, "spool", "switched off: what cannot be delivered is lost with the process")
    folder = folder_of(config, env)
    advice = "name a folder of this user in LOG_CENTER_SPOOL_DIRECTORY"
    if folder is None:
        return Finding(Level.NOTE, "spool", "this user has no home: undelivered reports stay in memory", advice)
    try:
        found = contents_of(folder)
    except OSError as error:
        return Finding(Level.NOTE, "spool", f"{folder} cannot be read ({error.strerror})", advice)
    if not is_writable(folder):
        return Finding(Level.NOTE, "spool", f"{folder} cannot be written: undelivered reports stay in memory", advice)
    return _described(folder, found)


def _described(folder: Path, found: Contents) -> Finding:
    if not found.reports:
        return Finding(Level.OK, "spool", f"nothing waits in {folder}")
    hours = (time.time_ns() - (found.oldest_ns or 0)) / 3600e9
    text = f"{found.reports} reports ({found.bytes / 1024:.0f} KiB) wait in {folder}, the oldest for {hours:.1f} h"
    return Finding(Level.NOTE, "spool", text, "python -m logcenter_sdk send-spool delivers them now")


def is_writable(folder: Path) -> bool:
    """Return whether files can be put into a folder, or the folder be made."""
    for path in (folder, *folder.parents):
        if path.exists():
            return path.is_dir() and os.access(path, os.W_OK | os.X_OK)
    return False
