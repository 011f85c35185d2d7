"""Databases of both kinds, and a store on them that tests fill without a server."""

from collections.abc import Iterator

import pytest

from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from support.filling import Filler


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    """A store on an empty database."""
    store = SqlStore(database_url)
    yield store
    store.close()


@pytest.fixture
def database(store: SqlStore) -> Database:
    """The database of the store."""
    return store.database


@pytest.fixture
def filler(store: SqlStore) -> Filler:
    """Whoever fills the store."""
    return Filler(store)


@pytest.fixture
def on_postgresql(postgres_url: str) -> Iterator[Filler]:
    """Whoever fills a store on PostgreSQL."""
    store = SqlStore(postgres_url)
    yield Filler(store)
    store.close()
