"""What the tests of the repository's own texts share."""

from collections.abc import Iterator

import pytest

from support.recorder import Recorder, recording


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as running:
        yield running
