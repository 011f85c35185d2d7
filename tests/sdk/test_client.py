import asyncio
import gc
import math
import sys
import threading
import weakref
from typing import Any

import pytest

import logcenter_sdk
from logcenter_sdk import boundary, client
from logcenter_sdk.marks import is_error, mark
from logcenter_sdk.settings import present_settings
from logcenter_sdk.transports.http import HttpTransport
from sdk.fake_collector import FakeCollector, hang, reply


def missing() -> None:
    raise KeyError("missing")


def test_an_exception_in_hand_is_reported_with_its_context(installed: FakeCollector) -> None:
    try:
        missing()
    except KeyError as error:
        event_id = logcenter_sdk.capture_exception(error, context={"user_id": "u1"})

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("KeyError", "ERROR", {"user_id": "u1"}, event_id, {"name": "logcenter-sdk", "version": "0.1.0"}) == (
        report["error"]["type"],
        report["level"],
        report["context"],
        report["event_id"],
        report["sdk"],
    )


def test_without_an_exception_in_hand_the_one_being_handled_is_reported(installed: FakeCollector) -> None:
    try:
        missing()
    except KeyError:
        logcenter_sdk.capture_exception()
    assert logcenter_sdk.capture_exception() is None

    assert logcenter_sdk.flush(10)
    assert ["KeyError"] == [report["error"]["type"] for report in installed.reports]


def test_an_exception_is_reported_once_and_keeps_its_first_id(installed: FakeCollector) -> None:
    error = ValueError("twice")

    assert logcenter_sdk.capture_exception(error) == logcenter_sdk.capture_exception(error)

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


def test_a_message_is_reported_from_the_line_that_sent_it(installed: FakeCollector) -> None:
    logcenter_sdk.capture_message("disk nearly full", level="critical", context={"free": 3})
    line = sys._getframe().f_lineno - 1

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("Message", "disk nearly full", line, "CRITICAL", {"free": 3}) == (
        report["error"]["type"],
        report["error"]["message"],
        report["error"]["line_number"],
        report["level"],
        report["context"],
    )


@pytest.mark.parametrize(
    ("expected", "level"),
    [("ERROR", "error"), ("WARNING", "warn"), ("CRITICAL", "FATAL"), ("WARNING", "info"), ("WARNING", None)],
)
def test_any_level_is_read_as_one_of_the_contracts(installed: FakeCollector, expected: str, level: Any) -> None:
    logcenter_sdk.capture_message("m", level=level)

    assert logcenter_sdk.flush(10)
    assert [expected] == [report["level"] for report in installed.reports]


def test_nothing_is_kept_alive_by_a_report(installed: FakeCollector) -> None:
    class Heavy:
        pass

    def fail() -> "weakref.ref[Heavy]":
        heavy = Heavy()
        try:
            missing()
        except KeyError as error:
            logcenter_sdk.capture_exception(error)
        return weakref.ref(heavy)

    gc.disable()
    try:
        reference = fail()
        assert logcenter_sdk.flush(10)
        assert reference() is None
    finally:
        gc.enable()
    assert 1 == len(installed.reports)


def test_without_install_hook_nothing_happens() -> None:
    assert logcenter_sdk.capture_exception(ValueError()) is None
    assert logcenter_sdk.capture_message("m") is None
    assert logcenter_sdk.flush()
    assert logcenter_sdk.close()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), GeneratorExit(), "text", 3])
def test_what_is_no_error_is_not_reported(installed: FakeCollector, error: Any) -> None:
    assert logcenter_sdk.capture_exception(error) is None

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


@pytest.mark.parametrize(("leaf", "expected"), [(KeyError("inner"), 1), (asyncio.CancelledError(), 0)])
def test_groups_in_groups_beyond_the_end_of_the_stack_are_told_by_their_leaves(
    installed: FakeCollector, leaf: BaseException, expected: int
) -> None:
    group = leaf
    for _ in range(2_000):
        group = BaseExceptionGroup("deep", [group])

    logcenter_sdk.capture_exception(group)

    assert logcenter_sdk.flush(10)
    assert expected == len(installed.reports) == logcenter_sdk.stats().captured


def test_groups_that_share_their_members_are_looked_through_once() -> None:
    group: BaseException = asyncio.CancelledError()
    for _ in range(100):  # 2^100 ways to the leaf
        group = BaseExceptionGroup("shared", [group, group])

    assert not is_error(group)


class LockedError(Exception):
    """Forbids everything that a mark could be set by."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment] # that is the trick

    def __bool__(self) -> bool:
        raise RuntimeError


def test_an_exception_that_forbids_attributes_is_marked_all_the_same() -> None:
    error = LockedError()

    assert "first" == mark(error, "first")
    assert "first" == mark(error, "second")


HOSTILE: list[Any] = [
    {"self": None},
    {1: 2, (3, 4): {5}},
    {"nan": math.nan, "big": 10**30, "bytes": b"\xff", "lone": "\ud800"},
    {"lock": threading.Lock(), "type": type, "module": sys},
    "no mapping at all",
    [1, 2],
]
HOSTILE[0]["self"] = HOSTILE[0]


@pytest.mark.parametrize("context", HOSTILE, ids=range(len(HOSTILE)))
def test_no_context_keeps_an_error_from_the_inbox(installed: FakeCollector, context: Any) -> None:
    logcenter_sdk.capture_exception(LockedError("hostile"), context=context)

    assert logcenter_sdk.flush(10)
    assert ["hostile"] == [report["error"]["message"] for report in installed.reports]


def test_a_report_is_tried_again_with_the_same_id(installed: FakeCollector) -> None:
    installed.behaviours = [reply(503, {"title": "busy"}, Retry_After="0"), reply(429, {}, Retry_After="0")]

    event_id = logcenter_sdk.capture_exception(ValueError("again"))

    assert logcenter_sdk.flush(10)
    assert [event_id] * 3 == [report["event_id"] for report in installed.reports]


def test_a_refused_report_is_dropped_with_one_line(
    installed: FakeCollector, capsys: pytest.CaptureFixture[str]
) -> None:
    boundary.set_debug(True)
    installed.always = reply(400, {"title": "Bad", "detail": "No such thing."})

    logcenter_sdk.capture_exception(ValueError("x"))

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)
    assert "logcenter: dropped ValueError: 400: No such thing.\n" in capsys.readouterr().err


def test_capturing_does_not_wait_for_a_collector_that_hangs(installed: FakeCollector) -> None:
    installed.always = hang

    for number in range(100):
        logcenter_sdk.capture_exception(ValueError(number))

    assert not logcenter_sdk.flush(0.1)


def test_a_bug_in_the_delivery_does_not_end_the_worker(
    installed: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpTransport, "send_bodies", None)
    logcenter_sdk.capture_exception(ValueError("kept as well"))
    assert not logcenter_sdk.flush(0.3)
    monkeypatch.undo()

    logcenter_sdk.capture_exception(KeyError("kept"))

    assert logcenter_sdk.flush(10)
    assert {"kept as well", "'kept'"} == {report["error"]["message"] for report in installed.reports}


def test_many_threads_report_at_once(installed: FakeCollector) -> None:
    def fail(number: int) -> None:
        logcenter_sdk.capture_exception(type(f"Error{number}", (Exception,), {})(number))

    threads = [threading.Thread(target=fail, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert logcenter_sdk.flush(20)
    assert {str(number) for number in range(40)} == {report["error"]["message"] for report in installed.reports}


def test_after_close_nothing_is_reported_until_it_is_configured_again(installed: FakeCollector) -> None:
    logcenter_sdk.capture_message("before")
    assert logcenter_sdk.close(10)
    logcenter_sdk.capture_message("after")
    client.configure(present_settings(project_id="shop", url=installed.url))
    logcenter_sdk.capture_message("again")

    assert logcenter_sdk.flush(10)
    assert ["before", "again"] == [report["error"]["message"] for report in installed.reports]


def test_a_project_is_registered_by_put_alone(installed: FakeCollector) -> None:
    assert logcenter_sdk.register_project(name="Shop", local_path="/srv/shop")

    [request] = installed.requests
    assert ("PUT", "/api/v1/projects/shop", {"name": "Shop", "local_path": "/srv/shop"}) == (
        request.method,
        request.path,
        request.body,
    )


def test_a_project_is_registered_from_the_environment_alone(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_CENTER_URL", collector.url)
    monkeypatch.setenv("LOG_CENTER_PROJECT", "shop")

    assert logcenter_sdk.register_project(description="sells things")

    assert ["/api/v1/projects/shop"] == [request.path for request in collector.requests]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_project_that_is_refused_is_a_no_and_not_an_exception(installed: FakeCollector, status: int) -> None:
    installed.always = reply(status, {"title": "no"})

    assert not logcenter_sdk.register_project(name="Shop")


def test_a_project_without_any_configuration_is_a_no() -> None:
    assert not logcenter_sdk.register_project(name="Shop")


def test_a_bug_of_the_sdk_does_not_reach_the_application(
    installed: FakeCollector, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boundary, "raise_bugs", False)
    monkeypatch.setattr(client, "mark", None)
    boundary.set_debug(True)

    assert logcenter_sdk.capture_exception(ValueError()) is None

    assert "logcenter: capture_exception failed: TypeError" in capsys.readouterr().err
    assert [] == installed.reports


def test_a_bug_of_the_sdk_shows_in_its_own_tests(installed: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "mark", None)

    with pytest.raises(TypeError):
        logcenter_sdk.capture_exception(ValueError())

    assert [] == installed.reports


def test_capturing_inside_of_capturing_does_nothing(installed: FakeCollector) -> None:
    class ReportsItselfError(Exception):
        def __str__(self) -> str:
            logcenter_sdk.capture_exception(ValueError("inner"))
            return "outer"

    logcenter_sdk.capture_exception(ReportsItselfError())

    assert logcenter_sdk.flush(10)
    assert ["outer"] == [report["error"]["message"] for report in installed.reports]
