"""Whatever happens, in whatever order: every store shows the same."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logcenter_collector.domain import recent
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.store.sql import SqlStore
from support.faults import FULL_SIZE
from support.histories import Step, Told, histories, seen_of
from support.postgres import Postgres
from support.stores import empty

KEPT = 6
"""So few kept occurrences, and so few environments, that short histories leave some behind."""


@pytest.fixture(scope="module", autouse=True)
def _few_are_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recent, "SEEN_WITH", 3)
        yield


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path_factory.mktemp('store') / 'logcenter.db'}", kept_occurrences=KEPT)
    yield store
    store.close()


@pytest.fixture(scope="module")
def postgres_store(postgres: Postgres) -> Iterator[SqlStore]:
    store = SqlStore(url := postgres.new_database(), kept_occurrences=KEPT)
    yield store
    store.close()
    postgres.drop_database(url)


def compare(store: SqlStore, steps: list[Step]) -> None:
    empty(store)
    told, reference = Told(store), Told(MemoryStore(kept_occurrences=KEPT))
    for step in steps:
        assert step.happen(reference) == step.happen(told)
    expected, found = seen_of(reference), seen_of(told)
    for what in expected:
        assert expected[what] == found[what], what


@settings(max_examples=2_000 if FULL_SIZE else 100, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_sqlite_shows_what_memory_shows(sqlite_store: SqlStore, data: st.DataObject) -> None:
    compare(sqlite_store, data.draw(histories(12)))


@settings(max_examples=500 if FULL_SIZE else 25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_postgresql_shows_what_memory_shows(postgres_store: SqlStore, data: st.DataObject) -> None:
    compare(postgres_store, data.draw(histories(12)))
