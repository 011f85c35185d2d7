"""Whether the collector says that it is ready only when it can store."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from logcenter_collector.store import sql
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.sql import SqlStore
from support.sqlite import locked
from support.stores import reporter_of


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


def test_a_database_is_not_ready_for_a_while_after_something_could_not_be_written(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(tmp_path / "logs.db"), pytest.raises(StoreUnavailableError):
        reporter_of(store).report()

    with pytest.raises(StoreUnavailableError):
        store.ping()
    monkeypatch.setattr(sql, "READY_AGAIN_SECONDS", 0)
    store.ping()


def test_a_database_is_ready_again_as_soon_as_something_is_written(store: SqlStore, tmp_path: Path) -> None:
    reporter = reporter_of(store)
    with locked(tmp_path / "logs.db"), pytest.raises(StoreUnavailableError):
        reporter.report()

    reporter.report()

    store.ping()
