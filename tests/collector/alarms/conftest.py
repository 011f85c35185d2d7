"""What tests of alarms share: a collector that may tell this machine, and somebody whom it tells."""

from collections.abc import Iterator

import pytest

from support.collector import Collector, start
from support.receiver import Receiver, Reply, receiving


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for the tests of a file, which look only at channels and rules of their own."""
    folder = tmp_path_factory.mktemp("alarms")
    collector = start(folder / "logcenter.db", "--allow-private-webhooks", "127.0.0.0/8")
    yield collector
    assert collector.stop() == 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything; tests set what else it answers."""
    with receiving(lambda _: Reply()) as receiver:
        yield receiver
