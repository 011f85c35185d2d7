"""Processes that split: no child hangs, each delivers its own, and what waited in the parent is sent once."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sdk.conftest import Run
from sdk.fake_collector import FakeCollector
from sdk.test_hostile import ended, occurrences
from support.faults import FULL_SIZE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

CHILDREN = 200 if FULL_SIZE else 6

FORKS = """
import logcenter_sdk, os, sys, threading, time
logcenter_sdk.install_hook(project_id="shop", url="{url}")
capture = logcenter_sdk.capture_exception
class ParentError(Exception): pass
{before}
children = []
for number in range({children}):
    {each}
    if len(children) == 20: os.waitpid(children.pop(0), 0)
    child = os.fork()
    if not child:
        for _ in range(3): capture(KeyError(f"child {number}"))
        {ending}
    children.append(child)
{after}
until = time.monotonic() + 40
hung = set(children)
while hung and time.monotonic() < until:
    hung -= {child for child in hung if os.waitpid(child, os.WNOHANG)[0]}
    time.sleep(0.01)
for child in hung: os.kill(child, 9)
assert logcenter_sdk.flush(20)
print(len(hung), logcenter_sdk.stats().captured - logcenter_sdk.stats().sent)
"""
LEFT_OVER = """
import logcenter_sdk, logcenter_sdk.client, time
logcenter_sdk.install_hook(project_id="shop", url="{url}")
logcenter_sdk.capture_message("wakes")
assert logcenter_sdk.flush(20)
delivery = logcenter_sdk.client.present_client().outbox._delivery
until = time.monotonic() + 20
while delivery._has_spooled() and time.monotonic() < until: time.sleep(0.01)
"""
"""Delivers what a child had to leave in the spool, where a busy machine gave it no answer in time."""
WHILE = {
    "nothing has happened yet": ("", "", ""),
    "reports wait": ("for _ in range(50): capture(ParentError())", "capture(ParentError())", ""),
    "the worker imports": ("capture(ParentError())", "", ""),
    "another thread captures": (
        """ended = threading.Event()
def busy():
    while not ended.is_set(): capture(ParentError()); time.sleep(0.0002)
thread = threading.Thread(target=busy); thread.start()""",
        "time.sleep(0.003)",
        "ended.set(); thread.join()",
    ),
    "the worker is in a request": (
        "capture(ParentError()); logcenter_sdk.flush(10)",
        "capture(ParentError()); time.sleep(0.005)",
        "",
    ),
}
ENDINGS = {"flush and _exit": "os._exit(0 if logcenter_sdk.flush(20) else 9)", "sys.exit": "sys.exit()"}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("happens", WHILE.values(), ids=WHILE)
def test_forked_children_deliver_their_own(
    run: Run, collector: FakeCollector, happens: tuple[str, str, str], ending: str
) -> None:
    before, each, after = happens
    children = CHILDREN if "_exit" in ending else 3
    finished = run(
        FORKS,
        *(
            "-W",
            "ignore::DeprecationWarning",
        ),  # of Python 3.12 and later: the process has threads, the worker among them
        url=collector.url,
        before=before,
        each=each,
        after=after,
        ending=ending,
        children=children,
    )

    assert (0, "0 0\n", "") == ended(finished)
    run(LEFT_OVER, url=collector.url)
    own = {report["error"]["message"]: report for report in collector.reports if report["error"]["type"] == "KeyError"}
    assert {f"'child {number}'" for number in range(children)} == own.keys()
    by_event = {report["event_id"]: report for report in collector.reports if report["error"]["type"] == "KeyError"}
    assert 3 * children == sum(report.get("occurrences") or 1 for report in by_event.values())


def test_a_process_that_forks_after_a_quiet_time_has_no_thread_of_ours(run: Run, collector: FakeCollector) -> None:
    finished = run(
        """
        import logcenter_sdk, logcenter_sdk.worker, os, threading, time
        logcenter_sdk.worker._IDLE_SECONDS = 0.01
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        logcenter_sdk.capture_exception(KeyError("parent"))
        assert logcenter_sdk.flush(20)
        until = time.monotonic() + 20
        while threading.active_count() > 1 and time.monotonic() < until: time.sleep(0.01)
        print(threading.active_count())
        child = os.fork()
        if not child:
            logcenter_sdk.capture_exception(KeyError("child"))
            os._exit(0 if logcenter_sdk.flush(20) else 9)
        print(os.waitpid(child, 0)[1])
        logcenter_sdk.capture_exception(KeyError("again"))
        """,
        *("-W", "error"),
        url=collector.url,
    )

    assert (0, "1\n0\n", "") == ended(finished)
    assert ["'parent'", "'child'", "'again'"] == [report["error"]["message"] for report in collector.reports]


def test_a_fork_while_the_configuration_is_read_stops_no_child(run: Run, collector: FakeCollector) -> None:
    finished = run(
        """
        import logcenter_sdk, logcenter_sdk.client, logcenter_sdk.config, os, threading
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        read = logcenter_sdk.config.Config.from_env
        is_reading, has_forked = threading.Event(), threading.Event()
        def read_slowly(*args, **overrides):
            is_reading.set()
            has_forked.wait(20)
            return read(*args, **overrides)
        logcenter_sdk.config.Config.from_env = read_slowly
        reader = threading.Thread(target=logcenter_sdk.client.present_client().config)
        reader.start()
        is_reading.wait(20)
        child = os.fork()
        has_forked.set()
        if not child:
            threading.Thread(target=lambda: threading.Event().wait(20) or os._exit(9), daemon=True).start()
            logcenter_sdk.capture_exception(KeyError("child"))
            os._exit(0 if logcenter_sdk.flush(20) else 8)
        print(os.waitpid(child, 0)[1])
        reader.join()
        """,
        *("-W", "ignore::DeprecationWarning"),  # the process has two threads
        url=collector.url,
    )

    assert (0, "0\n", "") == ended(finished)
    assert ["'child'"] == [report["error"]["message"] for report in collector.reports]


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_the_children_of_multiprocessing_deliver_their_own(run: Run, collector: FakeCollector, method: str) -> None:
    finished = run(
        """
        import logcenter_sdk, multiprocessing
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        def work(number):
            logcenter_sdk.capture_exception(KeyError(f"child {number}"))
        if __name__ == "__main__":
            logcenter_sdk.capture_message("parent")
            context = multiprocessing.get_context("{method}")
            children = [context.Process(target=work, args=(number,)) for number in range(4)]
            for child in children: child.start()
            for child in children: child.join(30)
            print([child.exitcode for child in children])
            with context.Pool(2) as pool:
                try: pool.map(int, ["x"])
                except ValueError as error: logcenter_sdk.capture_exception(error)
                pool.close(); pool.join()
        """,
        url=collector.url,
        method=method,
    )

    assert (0, "[0, 0, 0, 0]\n", "") == ended(finished)
    assert sorted([*(f"'child {number}'" for number in range(4)), "parent"]) == sorted(
        report["error"]["message"] for report in collector.reports if report["error"]["type"] != "ValueError"
    )
    assert 1 == sum(report["error"]["type"] == "ValueError" for report in collector.reports)


def test_once_prepared_the_worker_imports_nothing_that_a_fork_could_interrupt(
    run: Run, collector: FakeCollector
) -> None:
    finished = run(
        """
        import logcenter_sdk, logcenter_sdk.client, sys
        logcenter_sdk.install_hook(project_id="shop", url="{url}", capture_locals=True)
        logcenter_sdk.client.present_client().outbox.prepare()
        before = set(sys.modules)
        def fail():
            local = {"a": [1, 2.5, b"x"]}
            raise ValueError(local)
        for kind in (ValueError, KeyError, OSError):
            try: fail()
            except ValueError as error:
                logcenter_sdk.capture_exception(kind("x").with_traceback(error.__traceback__), context={"token": "x"})
        try: compile("(", "x", "exec")
        except SyntaxError as error: logcenter_sdk.capture_exception(error)
        logcenter_sdk.capture_message("m" * 10_000)
        assert logcenter_sdk.flush(20)
        print(sorted(set(sys.modules) - before))
        """,
        url=collector.url,
    )

    assert (0, "[]\n", "") == ended(finished)


APPLICATION = """
import logcenter_sdk, os
logcenter_sdk.install_hook(project_id="shop", url="{url}")
class BootError(Exception): pass
logcenter_sdk.capture_exception(BootError("before the fork"))
def application(environ, start_response):
    try:
        raise KeyError(environ["PATH_INFO"])
    except KeyError as error:
        logcenter_sdk.capture_exception(error)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""


@pytest.mark.parametrize("worker", ["sync", "gthread", "gevent"])
def test_the_workers_of_a_prefork_server_deliver_their_own(
    collector: FakeCollector, tmp_path: Path, worker: str
) -> None:
    (tmp_path / "shop.py").write_text(APPLICATION.replace("{url}", collector.url))
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "--preload", "--workers=3", f"--worker-class={worker}"),
        *("--log-level=critical", f"--bind=127.0.0.1:{port}", "--graceful-timeout=5", "--no-control-socket"),
        "shop:application",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as server:
        try:
            pids = {answer(port, f"/{number}") for number in range(60)}
            until = time.monotonic() + 20
            while occurrences(collector) < 61 and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            server.send_signal(signal.SIGTERM)
            _, stderr = server.communicate(timeout=30)

    assert pids
    assert "" == stderr
    reported = [report for report in collector.reports if report["error"]["type"] == "KeyError"]
    assert 60 == sum(report.get("occurrences") or 1 for report in reported)
    assert 1 == sum(report["error"]["type"] == "BootError" for report in collector.reports)


def answer(port: int, path: str, seconds: float = 20) -> str:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
                return str(response.read().decode())
        except ConnectionError:
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_children_say_nothing_of_the_connection_that_they_inherit(run: Run, collector: FakeCollector) -> None:
    program = """
        import logcenter_sdk, os
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        for number in range(8):
            logcenter_sdk.capture_message("the parent's, whose connection stays")
            assert logcenter_sdk.flush(20)
            child = os.fork()
            if not child:
                logcenter_sdk.capture_message("a child's")
                raise SystemExit(0 if logcenter_sdk.flush(20) else 9)
            assert os.waitpid(child, 0)[1] == 0
        """

    ended = run(program, "-X", "dev", "-W", "ignore::DeprecationWarning", url=collector.url)

    assert (0, "") == (ended.returncode, ended.stderr)
    assert 16 == occurrences(collector)
