"""SQLite's write-ahead log is emptied beside the writers and does not grow without end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import search_queue
from logcenter_collector.store.upkeep.wal import checkpoint

PAGES = 2_000
"""More than a log may have without being worth a new beginning."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logcenter.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    store = SqlStore(f"sqlite:///{file}")
    yield store.database
    store.close()


def write(database: Database, pages: int = PAGES) -> None:
    with database.write() as connection:
        connection.execute(search_queue.insert(), [{"issue_id": number} for number in range(pages * 250)])


def size_of_log(file: Path) -> int:
    return file.with_name(file.name + "-wal").stat().st_size


def test_a_checkpoint_copies_the_whole_log(database: Database, file: Path) -> None:
    write(database)
    before = file.stat().st_size

    log = checkpoint(database)

    assert (0, True) == (log.left, log.pages > 1_000)
    assert before < file.stat().st_size


def test_the_log_begins_anew_after_it_was_copied(database: Database, file: Path) -> None:
    write(database)
    checkpoint(database)
    size = size_of_log(file)

    for _ in range(3):
        write(database, PAGES // 2)
        checkpoint(database)

    assert size == size_of_log(file)


def test_who_reads_is_not_disturbed_and_the_log_is_copied_when_he_is_done(database: Database) -> None:
    write(database, 1)
    with database.read() as connection:
        before = len(connection.execute(search_queue.select()).all())
        write(database)
        assert checkpoint(database).left > 0
        assert before == len(connection.execute(search_queue.select()).all())

    assert 0 == checkpoint(database).left


def test_a_database_without_anything_new_is_left_alone(database: Database) -> None:
    checkpoint(database)

    assert 0 == checkpoint(database).left
