"""Real programs that fail, in processes of their own: what they print and how they end must not change."""

import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from sdk.conftest import Run
from sdk.fake_collector import FakeCollector, hang

if TYPE_CHECKING:
    from subprocess import CompletedProcess

INSTALL = "import logcenter_sdk; logcenter_sdk.install_hook(project_id='shop', url='{url}')"
NOTHING = "pass"

CRASH = """
{first}
import sys
def deep(): raise ValueError("main")
deep()
"""
THREAD = """
{first}
import threading
def work(): raise KeyError("thread")
thread = threading.Thread(target=work, name="worker-1")
thread.start(); thread.join()
"""
TASK = """
{first}
import asyncio
async def fail(): raise OSError("task")
async def main():
    task = asyncio.create_task(fail(), name="job")
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
TASK_WITH_HANDLER = """
{first}
import asyncio, sys
async def fail(): raise OSError("task")
async def main():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: print("own handler", file=sys.stderr))
    task = asyncio.create_task(fail())
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
CALLBACK = """
import asyncio
{first}
async def main():
    asyncio.get_running_loop().call_soon(int, "x")
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
EARLIER_HOOK = """
import sys
def earlier(kind, error, traceback): print("earlier hook:", error, file=sys.stderr)
sys.excepthook = earlier
{first}
raise ValueError("main")
"""
EARLIER_HOOK_FAILS = """
import sys
def earlier(kind, error, traceback): sys.exit(7)
sys.excepthook = earlier
{first}
raise ValueError("main")
"""
UNRAISABLE = """
{first}
class Leaky:
    def __del__(self): raise RuntimeError("in __del__")
Leaky()
"""
GROUP = """
{first}
raise ExceptionGroup("several", [ValueError(1), KeyError(2)])
"""
ATEXIT = """
import atexit
def early(): raise ValueError("registered before")
atexit.register(early)
{first}
"""
INSTALLED_TWICE = """
{first}
{first}
raise ValueError("main")
"""


def outcome(finished: "CompletedProcess[str]") -> tuple[int, str, str]:
    """What a program left, but for the addresses of objects, which differ by themselves."""
    return finished.returncode, finished.stdout, re.sub(r"0x[0-9a-f]+", "0x…", finished.stderr)


@pytest.mark.parametrize(
    ("program", "error", "hook"),
    [
        (CRASH, "ValueError", "sys.excepthook"),
        (THREAD, "KeyError", "threading.excepthook"),
        (TASK, "OSError", "asyncio"),
        (TASK_WITH_HANDLER, "OSError", "asyncio"),
        (CALLBACK, "ValueError", "asyncio"),
        (EARLIER_HOOK, "ValueError", "sys.excepthook"),
        (EARLIER_HOOK_FAILS, "ValueError", "sys.excepthook"),
        (UNRAISABLE, "RuntimeError", "sys.unraisablehook"),
        (GROUP, "ExceptionGroup", "sys.excepthook"),
        (ATEXIT, "ValueError", "sys.unraisablehook"),
        (INSTALLED_TWICE, "ValueError", "sys.excepthook"),
    ],
    ids=[
        "main",
        "thread",
        "task",
        "task with a handler of the application",
        "callback",
        "earlier hook",
        "earlier hook that exits",
        "unraisable",
        "group",
        "atexit",
        "installed twice",
    ],
)
def test_an_uncaught_exception_is_one_report_and_the_program_ends_as_without_us(
    run: Run, collector: FakeCollector, program: str, error: str, hook: str
) -> None:
    # The same lines either way, so that the same line numbers are printed.
    expected = run(program, first=NOTHING)
    actual = run(program, first=INSTALL.replace("{url}", collector.url))

    assert outcome(expected) == outcome(actual)
    assert [(error, hook)] == [(each["error"]["type"], each["context"]["hook"]) for each in collector.reports]


@pytest.mark.parametrize(
    "ending",
    [
        "raise SystemExit(3)",
        "raise KeyboardInterrupt",
        "import threading; threading.Thread(target=exit, args=(3,)).start()",
        "import asyncio; asyncio.run(asyncio.wait_for(asyncio.sleep(0), 1))",
        "import asyncio\nasync def f(): raise asyncio.CancelledError\nasyncio.run(f())",
        "raise BaseExceptionGroup('x', [KeyboardInterrupt()])",
    ],
)
def test_what_is_no_error_is_not_reported(run: Run, collector: FakeCollector, ending: str) -> None:
    expected = run("{first}\n{ending}", first=NOTHING, ending=ending)
    actual = run("{first}\n{ending}", first=INSTALL.replace("{url}", collector.url), ending=ending)

    assert (expected.returncode, expected.stderr) == (actual.returncode, actual.stderr)
    assert [] == collector.reports


def test_an_exception_that_several_hooks_see_is_one_report(run: Run, collector: FakeCollector) -> None:
    run(
        """
        import asyncio, logcenter_sdk
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        async def fail():
            try:
                raise ValueError("seen by all")
            except ValueError as error:
                logcenter_sdk.capture_exception(error, context={"by": "hand"})
                asyncio.get_running_loop().call_exception_handler({"message": "m", "exception": error})
                raise
        asyncio.run(fail())
        """,
        url=collector.url,
    )

    assert [{"by": "hand"}] == [report["context"] for report in collector.reports]


def test_hooks_can_be_taken_out_again_and_leave_no_trace(run: Run, collector: FakeCollector) -> None:
    finished = run(
        """
        import asyncio, sys, threading
        before = sys.excepthook, threading.excepthook, sys.unraisablehook, asyncio.BaseEventLoop.call_exception_handler
        import logcenter_sdk
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        assert sys.excepthook is not before[0]
        logcenter_sdk.uninstall_hook()
        after = sys.excepthook, threading.excepthook, sys.unraisablehook, asyncio.BaseEventLoop.call_exception_handler
        assert before == after
        assert not any("logcenter" in type(finder).__module__ for finder in sys.meta_path)
        1 / 0
        """,
        url=collector.url,
    )

    assert "ZeroDivisionError: division by zero" == finished.stderr.splitlines()[-1]
    assert [] == collector.reports


def test_a_hook_that_somebody_chained_to_falls_silent(run: Run, collector: FakeCollector) -> None:
    finished = run(
        """
        import logcenter_sdk, sys
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        ours = sys.excepthook
        sys.excepthook = lambda *details: ours(*details)
        logcenter_sdk.uninstall_hook()
        1 / 0
        """,
        url=collector.url,
    )

    assert "ZeroDivisionError: division by zero" == finished.stderr.splitlines()[-1]
    assert [] == collector.reports


@pytest.mark.parametrize("url", ["localhost", "ftp://x", "http://127.0.0.1:1"])
def test_a_configuration_that_cannot_work_changes_nothing(run: Run, url: str) -> None:
    expected = run(CRASH, first=NOTHING)
    actual = run(CRASH, first=INSTALL.replace("{url}", url))

    assert (expected.returncode, expected.stderr) == (actual.returncode, actual.stderr)


def test_with_debug_a_wrong_configuration_is_one_line(run: Run) -> None:
    finished = run("import logcenter_sdk; logcenter_sdk.install_hook(url='localhost', project_id='shop', debug=True)")

    assert (0, 1) == (finished.returncode, len(finished.stderr.splitlines()))
    assert "logcenter: not reporting: url (LOG_CENTER_URL) must be like" in finished.stderr


def test_folders_may_be_paths(run: Run, collector: FakeCollector) -> None:
    program = """
        import logcenter_sdk, pathlib
        folders = {"app_roots": [pathlib.Path("src")], "spool_directory": pathlib.Path("spool")}
        logcenter_sdk.install_hook(project_id="shop", url="http://127.0.0.1:9", **folders)
        logcenter_sdk.capture_message("waits")
        logcenter_sdk.flush(1)
        print(len([*pathlib.Path("spool").rglob("*.report")]))
        logcenter_sdk.install_hook(project_id="shop", url="{url}", **folders)
        logcenter_sdk.capture_message("is sent")
        print(logcenter_sdk.flush(20))
        """

    finished = run(program, url=collector.url)

    assert (0, "1\nTrue\n", "") == (finished.returncode, finished.stdout, finished.stderr)


def test_with_debug_an_argument_that_there_is_not_is_one_line(run: Run) -> None:
    finished = run("import logcenter_sdk; logcenter_sdk.install_hook(projekt='shop')", env={"LOG_CENTER_DEBUG": "1"})

    assert (0, 1) == (finished.returncode, len(finished.stderr.splitlines()))
    assert "unexpected keyword argument 'projekt'" in finished.stderr


def test_with_debug_it_says_what_it_did(run: Run, collector: FakeCollector) -> None:
    finished = run(CRASH, first=INSTALL.replace("{url}", collector.url), env={"LOG_CENTER_DEBUG": "1"})

    said = [line for line in finished.stderr.splitlines() if line.startswith("logcenter: ")]
    assert [
        f"logcenter: reporting shop (development) to {collector.url}",
        "logcenter: Log reported: ValueError is issue 7 (NEW)",
    ] == said


def test_the_environment_alone_configures_it(run: Run, collector: FakeCollector) -> None:
    env = {
        "LOG_CENTER_URL": collector.url,
        "LOG_CENTER_PROJECT": "shop",
        "ENVIRONMENT": "staging",
        "CI_COMMIT_SHA": "c",
    }

    run(CRASH, first="import logcenter_sdk; logcenter_sdk.install_hook()", env=env)

    [report] = collector.reports
    assert ("shop", "staging", "c") == (report["project_id"], report["environment"], report["commit_hash"])


def test_the_end_of_a_process_waits_a_bounded_time_for_a_collector_that_hangs(
    run: Run, collector: FakeCollector
) -> None:
    collector.always = hang
    expected = run(CRASH, first=NOTHING)

    started = time.monotonic()
    actual = run(CRASH, first=INSTALL.replace("{url}", collector.url))

    # 2 s of waiting, and time to start Python on a busy machine.
    assert 6 > time.monotonic() - started
    assert (expected.returncode, expected.stderr) == (actual.returncode, actual.stderr)


def test_what_is_queued_at_the_end_is_sent(run: Run, collector: FakeCollector) -> None:
    run(
        """
        import logcenter_sdk
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        for number in range(50):
            logcenter_sdk.capture_exception(type(f"Error{number}", (Exception,), {})(number))
        """,
        url=collector.url,
    )

    assert [str(number) for number in range(50)] == [report["error"]["message"] for report in collector.reports]
    assert 50 == len({report["event_id"] for report in collector.reports})


def test_a_report_after_the_main_thread_ended_is_sent(run: Run, collector: FakeCollector) -> None:
    """Python 3.12 starts no threads any more by then, so the failing thread sends itself."""
    run(
        """
        import logcenter_sdk, threading, time
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        def late():
            threading.main_thread().join()
            time.sleep(0.2)
            raise ValueError("late")
        threading.Thread(target=late).start()
        """,
        url=collector.url,
    )

    assert ["late"] == [report["error"]["message"] for report in collector.reports]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_process_reports_its_own_and_not_what_its_parent_queued(run: Run, collector: FakeCollector) -> None:
    finished = run(
        """
        import logcenter_sdk, os, sys
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        logcenter_sdk.capture_message("first, so that worker and connection are there")
        assert logcenter_sdk.flush(10)
        for number in range(20):
            logcenter_sdk.capture_exception(type(f"Error{number}", (Exception,), {})(f"parent {number}"))
        if not (child := os.fork()):
            raise KeyError("child")
        os.waitpid(child, 0)
        """,
        url=collector.url,
    )

    messages = [report["error"]["message"] for report in collector.reports]
    assert (0, 22, 22) == (finished.returncode, len(messages), len(set(messages)))
    assert "'child'" in messages


def test_children_of_multiprocessing_are_heard_out(run: Run, collector: FakeCollector) -> None:
    run(
        """
        import logcenter_sdk, multiprocessing
        def work():
            logcenter_sdk.capture_exception(KeyError("child"))
        if __name__ == "__main__":
            logcenter_sdk.install_hook(project_id="shop", url="{url}")
            child = multiprocessing.get_context("fork").Process(target=work)
            child.start(); child.join()
        """,
        url=collector.url,
    )

    assert ["'child'"] == [report["error"]["message"] for report in collector.reports]


def test_asyncio_and_uvloop_are_only_watched_never_imported(run: Run) -> None:
    finished = run(
        """
        import logcenter_sdk, sys
        logcenter_sdk.install_hook(project_id="shop")
        assert "asyncio" not in sys.modules
        import asyncio
        import asyncio.base_events as base
        assert base.__spec__.loader.__dict__.get("exec_module") is None
        assert base.BaseEventLoop.call_exception_handler.__module__ == "asyncio.base_events"
        """
    )

    assert (0, "") == (finished.returncode, finished.stderr)


def test_uvloops_tasks_are_reported(run: Run, collector: FakeCollector) -> None:
    pytest.importorskip("uvloop")
    run(
        TASK.replace("asyncio.run(main())", "import uvloop; uvloop.run(main())"),
        first=INSTALL.replace("{url}", collector.url),
    )

    assert ["asyncio"] == [report["context"]["hook"] for report in collector.reports]


def test_recursion_to_the_limit_is_reported(run: Run, collector: FakeCollector) -> None:
    finished = run(
        """
        import logcenter_sdk
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        def down(depth):
            try:
                return down(depth + 1)
            except RecursionError as error:
                logcenter_sdk.capture_exception(error)
                raise
        down(0)
        """,
        url=collector.url,
    )

    assert "RecursionError: maximum recursion depth exceeded" in finished.stderr.splitlines()[-1]
    assert ["RecursionError"] == [report["error"]["type"] for report in collector.reports]
