"""Whether the collector says that it is ready only when it can store."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.sql import SqlStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/logs.db")
    yield store
    store.close()


def test_a_database_that_can_be_written_is_ready(store: SqlStore) -> None:
    store.ping()


def test_a_database_that_can_only_be_read_is_not_ready(store: SqlStore, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "logs.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailableError):
        store.ping()

    other.close()
    store.ping()
