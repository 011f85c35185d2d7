"""SQLite's write-ahead log, brought to the disk by ourselves.

With ``synchronous=FULL`` every commit waits for the disk. Here the commits of batches do not wait, and one call makes
all of them safe: the log is one file that only grows until a checkpoint, and a checkpoint makes safe what it copies
before it lets the log begin anew. What is answered only after the call has the promise that FULL gives.
"""

import os
from pathlib import Path
from typing import Final

_sync: Final = getattr(os, "fdatasync", os.fsync)


class WriteAheadLog:
    """The log of a database that is open elsewhere in this process. Nobody locks this file, so opening it is safe."""

    def __init__(self, database: Path) -> None:
        """Open the log. Raises OSError."""
        self._file = os.open(f"{database}-wal", os.O_RDWR | os.O_CREAT, 0o644)
        self._sync_folder(database.parent)

    def _sync_folder(self, folder: Path) -> None:
        """Make safe that the file is there; Windows needs no such thing and has no way to."""
        if os.name == "posix":
            entry = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(entry)
            finally:
                os.close(entry)

    def sync(self) -> None:
        """Return when everything written so far is on the disk. Raises OSError."""
        _sync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
