"""What other processes may do to a SQLite database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the database's write lock, as another process would."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def wait_until_upkeep_rests(database: Path) -> None:
    """Wait until a collector has done what it does at its start: its writers queue before ours otherwise."""
    deadline = monotonic() + 20
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        last = "SELECT count(*) FROM leases WHERE name = 'give space back' AND holder = ''"
        while not connection.execute(last).fetchone()[0]:
            assert monotonic() < deadline
            sleep(0.02)
