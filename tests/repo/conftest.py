"""What the tests of the repository's own texts share."""

from collections.abc import Iterator

import pytest

from support.recorder import Recorder, recording


@pytest.fixture
def collector() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder
