"""The stores that keep one contract."""

from collections.abc import Iterator

import pytest

from logcenter_collector.store.base import Store
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.store.sql import SqlStore
from support.postgres import Postgres
from support.stores import Reporter, reporter_of


def _postgres_store(postgres: Postgres) -> Iterator[Store]:
    store = SqlStore(url := postgres.new_database())
    yield store
    store.close()
    postgres.drop_database(url)


def _sqlite_store(folder: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqlStore(f"sqlite:///{folder.mktemp('store') / 'logcenter.db'}")
    yield store
    store.close()


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of each kind, for all tests of a module: look only at a project of your own."""
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        yield from _sqlite_store(tmp_path_factory)
    else:
        yield from _postgres_store(request.getfixturevalue("postgres"))


@pytest.fixture
def reporter(store: Store) -> Reporter:
    """Reports for a project of its own."""
    return reporter_of(store)
