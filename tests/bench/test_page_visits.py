"""What the bench of pages asks for and sends: understood by the search, and taken by a collector."""

import json
from datetime import UTC, datetime

import pytest

from logcenter_collector.domain.query_language import parse
from logcenter_collector.ingest.decode import read_object
from logcenter_sdk.contract.limits import FRAMES, REPORT_BYTES
from logcenter_sdk.contract.report import Report
from page_reports import largest, never_seen, rich
from page_visits import DEEP, SEARCHES

NOW = datetime(2026, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", sorted({*DEEP, *(text for texts in SEARCHES.values() for text in texts)}))
def test_a_search_is_understood(text: str) -> None:
    parse(text, NOW)


def test_a_report_is_one_that_is_taken() -> None:
    reports = [rich(1), largest(1), never_seen(1)]

    assert [50, FRAMES, 0] == [len(read_object(Report, report).frames or ()) for report in reports]
    assert REPORT_BYTES / 2 < len(json.dumps(largest(1))) < REPORT_BYTES
