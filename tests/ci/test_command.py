"""The command as a pipeline runs it: real processes, a recording collector."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from support.collector import Collector
from support.recorder import recording

GITEA = {
    "GITEA_ACTIONS": "true",
    "GITHUB_JOB": "test",
    "GITHUB_WORKFLOW": "ci.yaml",
    "GITHUB_REF_NAME": "main",
    "GITHUB_RUN_NUMBER": "36",
    "GITHUB_SERVER_URL": "https://git.example.org",
    "GITHUB_REPOSITORY": "team/shop",
}
NOBODY = "http://127.0.0.1:9"


def environment(url: str, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOG_CENTER_", "GITHUB_", "CI"))}
    return clean | GITEA | {"LOG_CENTER_URL": url} | more


def logcenter_ci(*arguments: str, url: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "logcenter_ci", *arguments]
    return subprocess.run(command, env=environment(url, **more), capture_output=True, timeout=60, check=False)


def run_script(script: str, url: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return logcenter_ci("run", "--project", "shop", "--step", "unit", "--", "sh", "-c", script, url=url, **more)


def test_a_failing_step_is_reported_with_its_output_and_its_build() -> None:
    with recording() as recorder:
        done = run_script("echo collecting; echo 'E  assert 1 == 2' >&2; exit 3", recorder.url)

    (report,) = recorder.reports
    assert 3 == done.returncode
    assert {"collecting", "E  assert 1 == 2"} == set(report["error"]["stack_trace"])
    assert ("cicd", "main", "CICDFailure") == (report["source"], report["environment"], report["error"]["type"])
    assert ("test", "unit", "36") == tuple(report["context"][name] for name in ("job_name", "step_name", "run_id"))
    assert "sh -c 'echo collecting; echo '\"'\"'E  assert 1 == 2'\"'\"' >&2; exit 3'" == report["context"]["command"]
    assert b"logcenter-ci: Log reported (issue 1)" == done.stderr.splitlines()[-1]


def test_a_passing_step_is_not_reported() -> None:
    with recording() as recorder:
        done = run_script("echo fine", recorder.url)

    assert (0, b"fine\n", b"") == (done.returncode, done.stdout, done.stderr)
    assert [] == recorder.bodies


def test_a_passing_step_imports_no_http_client_and_no_attrs() -> None:
    code = (
        "import sys; from logcenter_ci.__main__ import main;"
        "assert main(['run', '--project', 'p', '--step', 's', '--', sys.executable, '-c', '']) == 0;"
        "print({'httpx', 'attr', 'cattrs', 'urllib.request'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)

    assert b"set()\n" == done.stdout


def test_both_streams_pass_through_unchanged() -> None:
    script = "printf 'a\\0\\377\\033[1mb'; printf 'no newline' >&2; exit 1"

    done = run_script(script, NOBODY)

    assert b"a\0\xff\x1b[1mb" == done.stdout
    assert done.stderr.startswith(b"no newline")


def test_megabytes_pass_through_whole() -> None:
    done = run_script("head -c 5000000 /dev/zero; exit 1", NOBODY)

    assert b"\0" * 5_000_000 == done.stdout


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 1", 1), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143)],
)
def test_the_exit_status_is_the_one_of_a_shell(script: str, code: int) -> None:
    assert code == run_script(script, NOBODY).returncode


def test_a_command_that_is_not_there_ends_with_127_and_is_reported() -> None:
    with recording() as recorder:
        done = logcenter_ci("run", "--project", "shop", "--step", "unit", "--", "no-such-tool", url=recorder.url)

    (report,) = recorder.reports
    assert 127 == done.returncode
    assert ["logcenter-ci: no-such-tool: No such file or directory"] == report["error"]["stack_trace"]


def test_the_commands_own_double_dash_stays() -> None:
    done = logcenter_ci("run", "--project", "p", "--step", "s", "--", "echo", "--", "x", url=NOBODY)

    assert b"-- x\n" == done.stdout


def test_a_process_left_in_the_background_does_not_hold_the_step_up() -> None:
    started = time.monotonic()

    done = run_script("sleep 30 & echo started; exit 4", NOBODY)

    assert (4, b"started\n") == (done.returncode, done.stdout)
    assert time.monotonic() - started < 20


def test_a_signal_reaches_the_command_and_the_report_is_still_sent() -> None:
    # Not ``wait``: a shell that is told between its last look and its waiting waits for all of it.
    script = "trap 'echo cleaning up; exit 9' TERM; echo ready; while :; do sleep 0.1; done"
    command = [sys.executable, "-m", "logcenter_ci", "run", "--project", "shop", "--step", "unit", "--", "sh", "-c"]
    with recording() as recorder:
        process = subprocess.Popen([*command, script], env=environment(recorder.url), stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert b"ready\n" == process.stdout.readline()

        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)

    assert (9, b"cleaning up\n") == (process.returncode, output)
    assert 1 == len(recorder.reports)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (NOBODY, b"not reported: cannot reach http://127.0.0.1:9"),
        ("nonsense", b"not reported: url (LOG_CENTER_URL) must be like"),
    ],
)
def test_a_collector_that_cannot_be_reached_costs_one_line_and_nothing_else(url: str, reason: bytes) -> None:
    done = run_script("exit 5", url)

    assert 5 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert reason in done.stderr


def test_a_collector_that_fails_costs_one_line_and_nothing_else() -> None:
    with recording(500) as recorder:
        done = run_script("exit 5", recorder.url)

    assert 5 == done.returncode
    assert b"logcenter-ci: not reported: 500: no reason given\n" == done.stderr


def test_a_collector_that_hangs_does_not_hold_the_build_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        done = run_script("exit 5", f"http://127.0.0.1:{silent.getsockname()[1]}")

    assert 5 == done.returncode
    assert b"within 3 s" in done.stderr
    assert time.monotonic() - started < 15


def test_secrets_of_the_environment_are_not_sent() -> None:
    with recording() as recorder:
        run_script("echo token is $NPM_TOKEN; exit 1", recorder.url, NPM_TOKEN="npm_0123456789")

    assert b"npm_0123456789" not in recorder.bodies[0]
    assert ["token is ***"] == recorder.reports[0]["error"]["stack_trace"]


def test_the_project_may_come_from_the_environment() -> None:
    with recording() as recorder:
        logcenter_ci("run", "--step", "s", "--", "false", url=recorder.url, LOG_CENTER_PROJECT="shop_web")

    assert "shop_web" == recorder.reports[0]["project_id"]


def test_run_without_a_command_is_refused() -> None:
    done = logcenter_ci("run", "--project", "p", "--step", "s", url=NOBODY)

    assert 2 == done.returncode
    assert b"which command?" in done.stderr


def classic(*arguments: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[bytes]]:
    with recording() as recorder:
        done = logcenter_ci(*arguments, url=recorder.url)
    (report,) = recorder.reports
    return report, done


def test_the_classic_call_reports_a_message() -> None:
    report, done = classic("shop", "deploy", 'image "shop:1" not found\nsecond line')

    assert 0 == done.returncode
    assert 'image "shop:1" not found\nsecond line' == report["error"]["message"]
    assert ['image "shop:1" not found', "second line"] == report["error"]["stack_trace"]
    assert "deploy" == report["context"]["step_name"]


def test_the_classic_call_reports_a_log_file(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("compiling\nerror: no such module\n", encoding="utf-8")

    report, done = classic("shop", "build", str(log))

    assert 0 == done.returncode
    assert "[build] ci.yaml failed on branch main" == report["error"]["message"]
    assert ["compiling", "error: no such module"] == report["error"]["stack_trace"]


@pytest.mark.parametrize("arguments", [("shop", "build", "message"), ("shop",), (), ("no spaces", "build", "x")])
def test_the_classic_call_exits_with_0_whatever_happens(arguments: tuple[str, ...]) -> None:
    done = logcenter_ci(*arguments, url=NOBODY)

    assert 0 == done.returncode
    assert b"logcenter-ci: " in done.stderr


def test_a_real_collector_folds_reruns_into_one_issue(shared_collector: Collector) -> None:
    arguments = ("run", "--project", "ci-reruns", "--step", "unit", "--", "sh", "-c", "echo boom; exit 1")

    first = logcenter_ci(*arguments, url=shared_collector.api_url)
    second = logcenter_ci(*arguments, url=shared_collector.api_url, GITHUB_RUN_NUMBER="37")

    (issue,) = shared_collector.issues(project_id="ci-reruns")
    assert f"logcenter-ci: Log reported (issue {issue['id']})" == first.stderr.decode().strip()
    assert f"logcenter-ci: Log deduplicated (issue {issue['id']})" == second.stderr.decode().strip()
    assert 2 == issue["occurrence_count"]
    assert "37" == issue["context"]["run_id"]
