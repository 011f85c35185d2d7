"""What many tests need: a real collector, started as a process, on free ports and a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.collector import Collector, start

# The machines that run this are shared: a slow example says nothing.
settings.register_profile("shared", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture
def start_collector(tmp_path: Path) -> Iterator[Callable[..., Collector]]:
    """Start collectors by hand: ``start_collector(*flags, database=…)``. All are stopped at the end."""
    started: list[Collector] = []

    def start_one(*flags: str, database: Path | None = None) -> Collector:
        collector = start(database or tmp_path / f"logcenter-{len(started)}.db", *flags)
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
