"""The README's first command, as it is run."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from support.repository import ROOT

END = "Ctrl-C ends the demo."


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]


def command(port: int, dashboard_port: int, *more: str) -> list[str]:
    demo = str(ROOT / "examples" / "demo.py")
    return [sys.executable, demo, "--port", str(port), "--dashboard-port", str(dashboard_port), *more]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the demo until it waits for Ctrl-C; yield it and what it has printed."""
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", process_group=0
    )
    assert process.stdout is not None
    printed = ""
    try:
        for line in process.stdout:
            printed += line
            if line.startswith(END):
                break
        else:
            raise AssertionError(f"the demo ended with {process.wait()}:\n{printed}")
        yield process, printed
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def issues_of(port: int) -> dict[str, dict[str, Any]]:
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/issues", timeout=30, trust_env=False).raise_for_status()
    return {issue["source"]: issue for issue in answer.json()["items"]}


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[int, str, dict[str, dict[str, Any]]]]:
    """One demo for the tests that only look: its dashboard's port, what it printed, and the inbox by source."""
    port, dashboard_port = free_ports()
    with running(*command(port, dashboard_port)) as (_process, printed):
        yield dashboard_port, printed, issues_of(port)


Demo = tuple[int, str, dict[str, dict[str, Any]]]


def test_three_errors_of_three_sources_are_in_the_inbox(demo: Demo) -> None:
    _, _, issues = demo

    assert {"runtime": "ValueError", "cicd": "CICDFailure", "deployment": "CrashLoopBackOff"} == {
        source: issue["error"]["type"] for source, issue in issues.items()
    }
    assert {("shop_backend", "NEW", 1)} == {
        (issue["project_id"], issue["status"], issue["occurrence_count"]) for issue in issues.values()
    }


def test_each_reporter_prints_its_answer_and_the_crash_its_traceback(demo: Demo) -> None:
    _, printed, issues = demo

    assert "ValueError: could not convert string to float: '8,90'" in printed
    assert f"logcenter: Log reported: ValueError is issue {issues['runtime']['id']} (NEW)" in printed
    assert f"logcenter-ci: Log reported (issue {issues['cicd']['id']})" in printed
    assert f"shop_backend: Log reported (issue {issues['deployment']['id']})" in printed


def test_each_issue_holds_what_its_source_knows(demo: Demo) -> None:
    _, _, issues = demo

    assert "crashing_app.py" == issues["runtime"]["error"]["file_path"]
    assert "AssertionError: 45.0 != 40.0" in issues["cicd"]["error"]["stack_trace"]
    assert (
        "https://git.example.org/team/shop_backend/actions/runs/24?by_index=1" == issues["cicd"]["context"]["run_url"]
    )
    assert "KeyError: 'DATABASE_URL'" == issues["deployment"]["error"]["stack_trace"][-1]
    assert "shop-backend" == issues["deployment"]["context"]["deployment_name"]


def test_the_dashboard_stands_where_the_demo_says_and_shows_the_errors(demo: Demo) -> None:
    dashboard_port, printed, _ = demo

    page = httpx.get(f"http://127.0.0.1:{dashboard_port}/", timeout=30, trust_env=False, follow_redirects=True).text

    assert f"See them at http://localhost:{dashboard_port}" in printed
    assert {"ValueError", "CICDFailure", "CrashLoopBackOff"} == {
        name for name in ("ValueError", "CICDFailure", "CrashLoopBackOff") if name in page
    }


def test_ctrl_c_ends_the_demo_and_its_collector_without_a_traceback() -> None:
    port, dashboard_port = free_ports()

    with running(*command(port, dashboard_port)) as (process, printed):
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        folder = re.search(r"sqlite:///(\S+)/logcenter\.db", printed)

    assert 0 == process.returncode
    assert "Stopped." in rest
    assert "Traceback" not in rest
    assert folder is not None
    assert not os.path.exists(folder[1])  # noqa: PTH110
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize("option", ["--port", "--dashboard-port"])
def test_a_taken_port_is_one_clear_line_that_names_the_option(option: str) -> None:
    free, _ = free_ports()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = (port, free) if option == "--port" else (free, port)
        done = subprocess.run(
            command(*ports), capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
        )

    assert (1, "") == (done.returncode, done.stdout)
    assert 1 == len(done.stderr.splitlines())
    assert f"port {port} is not free" in done.stderr
    assert f"choose another with {option} PORT" in done.stderr
