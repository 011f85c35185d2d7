"""The end of a process: bounded, silent, with nothing lost that was captured."""

import os
import time

import pytest

from sdk.conftest import Run
from sdk.fake_collector import FakeCollector, hang, reply
from sdk.test_hostile import both, ended, occurrences

DELIVERED_BY_THE_NEXT = """
import logcenter_sdk, time
logcenter_sdk.install_hook(project_id="shop", url="{url}")
logcenter_sdk.capture_exception(LookupError("next"))
assert logcenter_sdk.flush(20)
until = time.monotonic() + 20
while logcenter_sdk.stats().recovered < {expected} and time.monotonic() < until: time.sleep(0.01)
print(logcenter_sdk.stats().recovered)
"""
FAILS = """
{first}
capture(ValueError("first"))
import sys, threading
def work(): sys.exit(3)
thread = threading.Thread(target=work); thread.start(); thread.join()
raise KeyError("last")
"""


def recovered(run: Run, collector: FakeCollector, expected: int) -> str:
    """What the next process finds in the spool."""
    collector.always = None
    finished = run(DELIVERED_BY_THE_NEXT, url=collector.url, expected=expected)
    assert "" == finished.stderr
    return finished.stdout.strip()


def test_a_collector_that_hangs_holds_nobody_up_and_the_next_process_delivers(
    run: Run, collector: FakeCollector
) -> None:
    collector.always = hang

    started = time.monotonic()
    both(run, collector, FAILS)

    assert 8 > time.monotonic() - started  # two starts of Python on a busy machine, and 2 s
    assert "2" == recovered(run, collector, 2)


@pytest.mark.parametrize("spool", ["", "spool=False, "])
def test_a_collector_that_refuses_holds_nobody_up(run: Run, spool: str) -> None:
    program = FAILS.replace("{first}", "{first}; import os")
    without = run(program, first="capture = lambda *_: None")
    started = time.monotonic()
    install = (
        f"import logcenter_sdk; logcenter_sdk.install_hook({spool}project_id='shop', url='http://127.0.0.1:9');"
        "capture = logcenter_sdk.capture_exception"
    )
    finished = run(program, first=install)

    assert ended(without) == ended(finished)
    assert 1.7 + 4 > time.monotonic() - started


def test_names_that_are_never_resolved_hold_nobody_up(run: Run) -> None:
    blocking = "import socket, threading; socket.getaddrinfo = lambda *_, **__: threading.Event().wait(); "
    without = run(FAILS, first=blocking + "capture = lambda *_: None")
    started = time.monotonic()
    install = (
        "import logcenter_sdk; logcenter_sdk.install_hook(project_id='shop', url='http://collector.invalid');"
        "capture = logcenter_sdk.capture_exception"
    )
    finished = run(FAILS, first=blocking + install)

    assert ended(without) == ended(finished)
    assert 8 > time.monotonic() - started


MANY = """
{first}
for number in range(3_000):
    capture(type(f"Kind{number}Error", (Exception,), {})(number))
"""


def test_many_errors_and_a_collector_that_hangs_hold_nobody_up_and_none_is_lost(
    run: Run, collector: FakeCollector
) -> None:
    collector.always = hang
    started = time.monotonic()
    finished = run(
        MANY,
        first=f"import logcenter_sdk; logcenter_sdk.install_hook(project_id='shop', url={collector.url!r});"
        "capture = logcenter_sdk.capture_exception",
    )

    assert (0, "", "") == ended(finished)
    assert 8 > time.monotonic() - started
    assert "3000" == recovered(run, collector, 3_000)


@pytest.mark.parametrize("waits", ["threading.Event().wait()", "time.sleep(0.5)"], ids=["for ever", "a while"])
def test_a_before_send_that_hangs_holds_nobody_up(run: Run, collector: FakeCollector, waits: str) -> None:
    started = time.monotonic()
    finished = run(
        """
        import logcenter_sdk, threading, time
        def before(report):
            {waits}
            return report
        logcenter_sdk.install_hook(project_id="shop", url="{url}", before_send=before)
        for number in range(30):
            logcenter_sdk.capture_exception(type(f"Kind{number}Error", (Exception,), {})(number), context={"secret": 1})
        time.sleep(0.5)
        """,
        url=collector.url,
        waits=waits,
    )

    assert (0, "", "") == ended(finished)
    assert 10 > time.monotonic() - started
    assert "30" == recovered(run, collector, 30)
    seen = [report for report in collector.reports if report["error"]["type"] != "LookupError"]
    if "Event" in waits:  # nobody has approved of what is in them
        assert {None} == {report.get("context") or report.get("frames") for report in seen}


def test_what_memory_alone_keeps_is_tried_once_more_at_the_end(run: Run, collector: FakeCollector) -> None:
    collector.behaviours = [reply(503, {}, Retry_After="3600")]
    finished = run(
        """
        import logcenter_sdk
        logcenter_sdk.install_hook(project_id="shop", url="{url}", spool=False)
        logcenter_sdk.capture_exception(KeyError("kept"))
        assert not logcenter_sdk.flush(1.5)
        """,
        url=collector.url,
    )

    assert (0, "", "") == ended(finished)
    assert ["'kept'"] * 2 == [report["error"]["message"] for report in collector.reports]
    assert 1 == len({report["event_id"] for report in collector.reports})


AT_EXIT = """
import atexit, threading
def late(): capture(ValueError("registered before"))
atexit.register(late)
{first}
def later(): capture(KeyError("registered after"))
atexit.register(later)
"""


def test_what_is_captured_while_python_ends_is_delivered(run: Run, collector: FakeCollector) -> None:
    """No thread can be started then."""
    assert 0 == both(run, collector, AT_EXIT).returncode
    assert ["'registered after'", "registered before"] == [each["error"]["message"] for each in collector.reports]


@pytest.mark.skipif(not hasattr(os, "_exit"), reason="needs _exit")
def test_what_was_flushed_outlives_the_hardest_end(run: Run, collector: FakeCollector) -> None:
    finished = both(
        run,
        collector,
        """
{first}
import os
for _ in range(100): capture(ValueError("x"))
if "logcenter_sdk" in globals(): assert logcenter_sdk.flush(20)
os._exit(4)
""",
    )

    assert 4 == finished.returncode
    assert 100 == occurrences(collector)


def test_where_no_thread_can_be_started_for_a_while_nothing_is_lost_and_nobody_waits(
    run: Run, collector: FakeCollector
) -> None:
    collector.always = hang
    finished = run(
        """
        import logcenter_sdk, threading, time
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        start = threading.Thread.start
        def refuse(thread): raise RuntimeError("can't start new thread")
        threading.Thread.start = refuse
        started = time.monotonic()
        for _ in range(100): logcenter_sdk.capture_exception(ValueError("x"))
        print(time.monotonic() - started < 1.5)
        threading.Thread.start = start
        for _ in range(100): logcenter_sdk.capture_exception(ValueError("x"))
        """,
        url=collector.url,
    )

    assert (0, "True\n", "") == ended(finished)
    assert "200" == recovered(run, collector, 200)


@pytest.mark.parametrize("early", ["", "logcenter_sdk.capture_message('early'); logcenter_sdk.flush(20)"])
def test_a_del_that_reports_when_nothing_can_be_imported_any_more_neither_fails_nor_hangs(
    run: Run, collector: FakeCollector, early: str
) -> None:
    program = """
        import logcenter_sdk
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        {early}
        class Owner:
            def __del__(self):
                logcenter_sdk.capture_message("the very end")
                logcenter_sdk.tag("a", "b")
                print("went on")
        owner = Owner()
        """

    finished = run(program, url=collector.url, early=early)

    assert (0, "went on\n", "") == ended(finished)
