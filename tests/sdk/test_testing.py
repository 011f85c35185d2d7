"""``logcenter_sdk.testing``, used as the tests of an application use it."""

import logging
import sys
import threading
from pathlib import Path

import pytest

import logcenter_sdk
from logcenter_sdk.contract.report import Report
from logcenter_sdk.testing import captured_reports
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector

pytest_plugins = ["pytester"]


def charge(amount: int) -> None:
    """An application: it reports what it handles."""
    try:
        amount / 0
    except ZeroDivisionError as error:
        logcenter_sdk.capture_exception(error, context={"amount": amount})


def types_of(reports: list[Report]) -> list[str]:
    return [report.error.type for report in reports]


def test_what_a_block_reports_is_there_without_waiting_for_it() -> None:
    with captured_reports() as reports:
        charge(12)

        report = reports.only()

    assert ("test", "ZeroDivisionError", {"amount": 12}) == (report.project_id, report.error.type, report.context)


def test_equal_errors_are_counted_as_in_production() -> None:
    with captured_reports() as reports:
        for amount in range(5):
            charge(amount)

        assert 5 == sum(report.occurrences or 1 for report in reports.all())


def test_another_number_of_reports_than_one_says_what_there_is() -> None:
    with captured_reports() as reports:
        with pytest.raises(AssertionError, match="got 0"):
            reports.only()
        charge(1)
        logcenter_sdk.capture_message("empty")
        with pytest.raises(AssertionError, match=r"got 2: \['ZeroDivisionError', 'Message'\]"):
            reports.only()


def test_what_was_reported_can_be_forgotten() -> None:
    with captured_reports() as reports:
        charge(1)
        logcenter_sdk.register_project(name="Shop")
        reports.clear()
        logcenter_sdk.capture_message("empty")

        assert (["Message"], []) == (types_of(reports.all()), reports.projects())


def test_a_registered_project_stays_here() -> None:
    with captured_reports(project_id="shop") as reports:
        assert logcenter_sdk.register_project(name="Shop")
        logcenter_sdk.close()
        assert logcenter_sdk.register_project(name="Shop 2")

        assert [("shop", {"name": "Shop"}), ("test", {"name": "Shop 2"})] == reports.projects()


def test_settings_are_those_of_install_hook() -> None:
    with captured_reports(project_id="shop", environment="staging", ignore=[ZeroDivisionError]) as reports:
        charge(1)
        logcenter_sdk.capture_message("empty")

        assert ("shop", "staging", "Message") == (
            (report := reports.only()).project_id,
            report.environment,
            report.error.type,
        )


def test_an_application_that_installs_itself_still_sends_nothing(collector: FakeCollector, tmp_path: Path) -> None:
    with captured_reports() as reports:
        charge(1)
        logcenter_sdk.install_hook(project_id="shop", url=collector.url, spool_directory=str(tmp_path / "spool"))
        logging.getLogger("shop").error("failed", exc_info=ValueError("logged"))

        assert [("test", "ZeroDivisionError"), ("shop", "ValueError")] == [
            (report.project_id, report.error.type) for report in reports.all()
        ]
    assert ([], False) == (collector.requests, (tmp_path / "spool").exists())


def test_nothing_is_left_behind() -> None:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook, logging.Logger.callHandlers
    threads = set(threading.enumerate())
    with captured_reports():
        logcenter_sdk.install_hook(project_id="shop", debug=True)
        logcenter_sdk.tag("region", "eu")
        charge(1)
    for thread in set(threading.enumerate()) - threads:
        thread.join(10)

    assert hooks == (sys.excepthook, threading.excepthook, sys.unraisablehook, logging.Logger.callHandlers)
    assert threads == set(threading.enumerate())
    assert logcenter_sdk.capture_message("nobody hears this") is None
    with captured_reports() as reports:
        logcenter_sdk.capture_message("heard")
        assert {} == reports.only().context


def test_an_application_that_reported_before_reports_again_afterwards(collector: FakeCollector) -> None:
    logcenter_sdk.install_hook(project_id="shop", url=collector.url)
    with logcenter_sdk.context(region="eu"):
        with captured_reports() as reports:
            logcenter_sdk.capture_message("here")
            logcenter_sdk.uninstall_hook()
            assert {} == reports.only().context
        logcenter_sdk.capture_message("there")

    assert logcenter_sdk.flush(10)
    assert [("shop", "there", {"region": "eu"})] == [
        (each["project_id"], each["error"]["message"], each["context"]) for each in collector.reports
    ]
    assert sys.excepthook is not sys.__excepthook__


def test_blocks_may_stand_in_each_other() -> None:
    with captured_reports() as outer:
        with captured_reports() as inner:
            logcenter_sdk.capture_message("in")
            assert 1 == len(inner.all())
        logcenter_sdk.capture_message("out")

        assert "out" == outer.only().error.message


def test_an_error_of_the_block_is_the_block_s() -> None:
    with pytest.raises(KeyError), captured_reports():
        raise KeyError

    assert logcenter_sdk.capture_message("nobody hears this") is None


def test_without_pytest_it_needs_no_pytest(run: Run) -> None:
    finished = run("import logcenter_sdk.testing, sys; print('pytest' in sys.modules)")

    assert ("False\n", "") == (finished.stdout, finished.stderr)


USERS_TESTS = """
    import logcenter_sdk
    import pytest

    @pytest.mark.parametrize("region", ["eu", "us"])
    def test_reports(logcenter_reports, region):
        logcenter_sdk.tag("region", region)
        logcenter_sdk.capture_message("the stock is empty")
        report = logcenter_reports.only()
        assert report.error.message == "the stock is empty"
        assert report.context == {"tags": {"region": region}}

    def test_sees_nothing_of_the_others(logcenter_reports):
        assert logcenter_reports.all() == []

    def test_without_the_fixture_nothing_is_reported():
        assert logcenter_sdk.capture_message("nobody hears this") is None
"""


def test_the_fixture_gives_each_test_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["logcenter_sdk.testing.fixtures"]')
    pytester.makepyfile(USERS_TESTS)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error")

    result.assert_outcomes(passed=4)


def test_a_failing_test_says_what_was_reported(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["logcenter_sdk.testing.fixtures"]')
    pytester.makepyfile("""
        import logcenter_sdk

        def test_reports(logcenter_reports):
            logcenter_sdk.capture_message("a")
            logcenter_sdk.capture_message("b")
            logcenter_reports.only()
    """)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*expected one report, got 2*"])


def test_async_tests_may_use_it(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    pytester.makeconftest('pytest_plugins = ["logcenter_sdk.testing.fixtures"]')
    pytester.makepyfile("""
        import asyncio
        import logcenter_sdk

        async def job():
            with logcenter_sdk.context(job="nightly"):
                logcenter_sdk.capture_message("started")

        async def test_reports(logcenter_reports):
            await asyncio.gather(job(), asyncio.to_thread(logcenter_sdk.capture_message, "beside"))
            found = {each.error.message: each.context for each in logcenter_reports.all()}
            assert found == {"started": {"job": "nightly"}, "beside": {}}
    """)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")

    result.assert_outcomes(passed=1)
