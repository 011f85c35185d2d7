from typing import Any

import pytest

import logcenter_sdk
from logcenter_sdk.integrations import aws_lambda
from logcenter_sdk.integrations.aws_lambda import report_errors
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector


class Invocation:
    """What the platform gives a handler as its second argument."""

    function_name = "order"
    function_version = "$LATEST"
    aws_request_id = "r-1"

    def __init__(self, milliseconds: int = 3_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@report_errors
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer an order."""
    return {"quantity": int(event["quantity"])}


@report_errors
async def async_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return {"quantity": int(event["quantity"])}


@report_errors
def handling_handler(_event: object, _context: object) -> None:
    logcenter_sdk.capture_message("low stock")


@report_errors
def leaving_handler(_event: object, context: object) -> None:
    raise SystemExit(context)


class Hostile:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


CONTEXT = {"function": "order", "function_version": "$LATEST", "request_id": "r-1"}


def test_an_error_is_delivered_before_the_handler_ends_and_says_nothing_of_the_event(installed: FakeCollector) -> None:
    with pytest.raises(ValueError, match="hush"):
        handler({"quantity": "hush"}, Invocation())

    assert [("ValueError", CONTEXT)] == [(report["error"]["type"], report["context"]) for report in installed.reports]


async def test_an_asynchronous_handler_is_the_same(installed: FakeCollector) -> None:
    with pytest.raises(ValueError, match="hush"):
        await async_handler({"quantity": "hush"}, Invocation())

    assert [CONTEXT] == [report["context"] for report in installed.reports]


async def test_an_answer_is_as_before(installed: FakeCollector) -> None:
    assert {"quantity": 3} == handler({"quantity": "3"}, Invocation()) == await async_handler({"quantity": "3"}, None)
    assert ("handler", "Answer an order.") == (handler.__name__, handler.__doc__)
    assert [] == installed.reports


def test_what_the_handler_reports_itself_is_delivered_too(installed: FakeCollector) -> None:
    handling_handler({}, Invocation())

    assert ["low stock"] == [report["error"]["message"] for report in installed.reports]


def test_the_end_of_the_program_is_no_error(installed: FakeCollector) -> None:
    with pytest.raises(SystemExit):
        leaving_handler({}, Invocation())

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


@pytest.mark.parametrize("make", [lambda: None, Hostile])
def test_an_invocation_that_cannot_be_read_does_not_cost_the_report(installed: FakeCollector, make: Any) -> None:
    with pytest.raises(ValueError, match="x"):
        handler({"quantity": "x"}, make())

    assert [{}] == [report["context"] for report in installed.reports]


@pytest.mark.parametrize(
    ("invocation", "seconds"),
    [
        (Invocation(milliseconds=60_000), 5.0),
        (Invocation(milliseconds=1_500), 1.0),
        (Invocation(milliseconds=400), 0.0),
        (None, 5.0),
    ],
)
def test_a_delivery_never_takes_the_time_that_the_answer_needs(invocation: object, seconds: float) -> None:
    assert seconds == aws_lambda.seconds_for_delivery(invocation)


def test_a_process_that_is_frozen_after_its_answer_has_delivered(run: Run, collector: FakeCollector) -> None:
    run(
        """
        import os
        import cattrs, httpx  # ahead, so that the seconds are the collector's on a busy machine
        import logcenter_sdk
        from logcenter_sdk.integrations.aws_lambda import report_errors

        logcenter_sdk.install_hook(project_id="shop", url="{url}")

        @report_errors
        def handler(event, context):
            raise ValueError("last")

        try:
            handler({}, None)
        finally:
            os._exit(0)
        """,
        url=collector.url,
    )

    assert ["last"] == [report["error"]["message"] for report in collector.reports]
