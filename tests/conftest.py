"""What many tests need: a real collector, started as a process, on free ports and a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.collector import Collector, start
from support.postgres import Postgres, running_postgres

# The machines that run this are shared: a slow example says nothing.
settings.register_profile("shared", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture
def start_collector(tmp_path: Path) -> Iterator[Callable[..., Collector]]:
    """Start collectors by hand: ``start_collector(*flags, database=FILE_OR_URL)``. All are stopped at the end."""
    started: list[Collector] = []

    def start_one(*flags: str, database: Path | str | None = None) -> Collector:
        collector = start(database or tmp_path / f"logcenter-{len(started)}.db", *flags, folder=tmp_path)
        started.append(collector)
        return collector

    yield start_one
    for collector in started:
        collector.stop()


@pytest.fixture
def collector(start_collector: Callable[..., Collector]) -> Collector:
    """A collector with an empty database."""
    return start_collector()


@pytest.fixture(scope="session")
def shared_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for all tests that look only at projects of their own (use a fresh project id)."""
    collector = start(tmp_path_factory.mktemp("shared") / "logcenter.db")
    yield collector
    assert collector.stop() == 0


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test process, started for the first test that asks for it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of a database on PostgreSQL that has the newest schema and nothing in it."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'logcenter.db'}"
    return str(request.getfixturevalue("postgres_url"))
