import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest

import logcenter_sdk
from logcenter_sdk.integrations.logging import LogCenterHandler
from sdk.fake_collector import FakeCollector

CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"log_center": {"class": "logcenter_sdk.integrations.logging.LogCenterHandler"}},
    "loggers": {
        name: {"handlers": ["log_center"], "level": "DEBUG", "propagate": False}
        for name in ("shop", "httpx", "httpcore.http11", "urllib3.connectionpool", "logcenter_sdk")
    },
}


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    logging.config.dictConfig(CONFIGURATION)
    yield
    for name in CONFIGURATION["loggers"]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


def log_failure(name: str, level: int) -> None:
    try:
        int("three")
    except ValueError:
        logging.getLogger(name).log(level, "cannot buy %s", "milk", exc_info=True)


@pytest.mark.parametrize(("level", "expected"), [(logging.ERROR, "ERROR"), (logging.CRITICAL, "CRITICAL")])
def test_an_entry_with_an_exception_is_one_report(installed: FakeCollector, level: int, expected: str) -> None:
    log_failure("shop", level)

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("ValueError", expected) == (report["error"]["type"], report["level"])
    assert {"hook": "logging", "logger": "shop", "message": "cannot buy milk"} == report["context"]


def test_an_entry_below_error_or_without_an_exception_is_none(installed: FakeCollector) -> None:
    log_failure("shop", logging.WARNING)
    logging.getLogger("shop").error("no exception")
    logging.getLogger("shop").error("no exception", exc_info=True)  # noqa: LOG014 - that is the test

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "urllib3.connectionpool", "logcenter_sdk"])
def test_those_who_deliver_reports_are_never_reported(installed: FakeCollector, name: str) -> None:
    log_failure(name, logging.ERROR)

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


def test_an_exception_that_is_logged_and_raised_is_one_report(installed: FakeCollector) -> None:
    try:
        int("three")
    except ValueError as error:
        logging.getLogger("shop").exception("failed")
        logcenter_sdk.capture_exception(error)

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


def test_an_entry_whose_text_cannot_be_made_is_reported_without_it(
    installed: FakeCollector, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ValueError("x")
    entry = logging.LogRecord("shop", logging.ERROR, "shop.py", 1, "%d and %d", ("one",), (ValueError, error, None))

    LogCenterHandler().handle(entry)

    assert logcenter_sdk.flush(10)
    assert [{"hook": "logging", "logger": "shop"}] == [report["context"] for report in installed.reports]
    assert "" == capsys.readouterr().err
