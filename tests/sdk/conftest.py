import os
from collections.abc import Iterator

import pytest

from sdk.fake_collector import FakeCollector


@pytest.fixture
def collector() -> Iterator[FakeCollector]:
    server = FakeCollector()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own environment configures nothing."""
    for name in list(os.environ):
        if name.startswith("LOG_CENTER_") or name == "ENVIRONMENT" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
