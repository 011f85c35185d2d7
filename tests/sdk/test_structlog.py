import sys
from typing import Any

import pytest
import structlog

import logcenter_sdk
from logcenter_sdk.integrations.structlog import report_errors
from sdk.fake_collector import FakeCollector


def logger_and_entries() -> tuple[Any, list[Any]]:
    entries: list[Any] = []

    def keep(_logger: Any, _method: str, entry: Any) -> Any:
        entries.append(entry)
        raise structlog.DropEvent

    return structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[report_errors, keep],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    ), entries


def test_an_entry_with_an_exception_is_one_report_with_its_values(installed: FakeCollector) -> None:
    logger, _entries = logger_and_entries()

    try:
        int("three")
    except ValueError:
        logger.bind(order_id="o_17", _record="structlog's own").exception("cannot buy")

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("ValueError", "ERROR") == (report["error"]["type"], report["level"])
    assert {"message": "cannot buy", "order_id": "o_17"} == report["context"]


@pytest.mark.parametrize("make", [lambda error: error, lambda _error: sys.exc_info(), lambda _error: True])
def test_an_exception_is_found_in_every_form_that_structlog_takes(installed: FakeCollector, make: Any) -> None:
    logger, _entries = logger_and_entries()

    try:
        int("three")
    except ValueError as error:
        logger.critical("cannot buy", exc_info=make(error))

    assert logcenter_sdk.flush(10)
    assert [("ValueError", "CRITICAL")] == [(each["error"]["type"], each["level"]) for each in installed.reports]


def test_an_entry_below_error_or_without_an_exception_is_none(installed: FakeCollector) -> None:
    logger, _entries = logger_and_entries()

    logger.error("no exception")
    logger.error("no exception", exc_info=True)  # noqa: LOG014 - that is the test
    logger.warning("a warning", exc_info=ValueError("x"))

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


def test_the_entry_goes_on_as_it_came(installed: FakeCollector) -> None:
    logger, entries = logger_and_entries()
    error = ValueError("x")

    logger.error("cannot buy", exc_info=error, order_id="o_17")

    assert logcenter_sdk.flush(10)
    assert [{"event": "cannot buy", "exc_info": error, "order_id": "o_17"}] == entries
    assert 1 == len(installed.reports)


async def test_entries_of_asynchronous_code_are_reported_too(installed: FakeCollector) -> None:
    logger, _entries = logger_and_entries()

    try:
        int("three")
    except ValueError:
        await logger.aexception("cannot buy")

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)
