"""The fixture for pytest. The only module of the SDK that imports pytest."""

from collections.abc import Iterator

import pytest

from logcenter_sdk.testing.captured import CapturedReports, captured_reports


@pytest.fixture
def logcenter_reports() -> Iterator[CapturedReports]:
    """Keep what the test reports, instead of sending it: ``logcenter_reports.all()``."""
    with captured_reports() as reports:
        yield reports
