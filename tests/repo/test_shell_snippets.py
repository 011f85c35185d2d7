"""docs/how-to/curl.md and gitea-actions.md, run by bash as they stand."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from support.pages import snippet
from support.recorder import Recorder, recording
from support.shell import bash, needs_shell_tools

pytestmark = needs_shell_tools


def test_the_curl_line_is_a_report(recorder: Recorder, tmp_path: Path) -> None:
    done = bash(snippet("how-to/curl.md", "report.sh"), {"LOG_CENTER_URL": recorder.url}, tmp_path)

    assert (0, b"") == (done.returncode, done.stderr)
    assert b'{"message": "Log reported", "id": 1}' == done.stdout
    assert ["/api/v1/logs/report"] == recorder.paths
    assert "nightly_jobs" == read(Report, recorder.reports[0]).project_id


def test_the_curl_line_fails_visibly_when_the_collector_refuses(tmp_path: Path) -> None:
    with recording(status=400) as refusing:
        done = bash(snippet("how-to/curl.md", "report.sh"), {"LOG_CENTER_URL": refusing.url}, tmp_path)

    assert 0 != done.returncode
    assert b"400" in done.stderr


def test_the_registration_puts_the_project(recorder: Recorder, tmp_path: Path) -> None:
    done = bash(snippet("how-to/curl.md", "register.sh"), {"LOG_CENTER_URL": recorder.url}, tmp_path)

    assert 0 == done.returncode
    assert [("PUT", "/api/v1/projects/nightly_jobs")] == list(zip(recorder.methods, recorder.paths, strict=True))
    assert {"name", "repo_url"} == set(recorder.reports[0])


def failing_script(folder: Path) -> Path:
    script = folder / "backup.sh"
    body = 'echo start\ncopy() { cat "/no/such \\"file\\""; }\ncopy\necho "never here"\n'
    script.write_text("#!/usr/bin/env bash\n" + snippet("how-to/curl.md", "trap.sh") + body, encoding="utf-8")
    return script


def test_the_trap_reports_the_failing_command_and_keeps_the_exit_code(recorder: Recorder, tmp_path: Path) -> None:
    script = failing_script(tmp_path)

    done = bash("bash ./backup.sh", {"LOG_CENTER_URL": recorder.url}, tmp_path)

    assert (1, b"start\n") == (done.returncode, done.stdout)
    [report] = recorder.reports
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "./backup.sh" == report["error"]["file_path"]
    assert 'copy() { cat "/no/such \\"file\\""; }' == lines[report["error"]["line_number"] - 1]
    assert 'cat "/no/such \\"file\\"" ended with exit code 1' == report["error"]["message"]
    assert 1 == report["context"]["exit_code"]
    read(Report, report)


def test_the_trap_keeps_the_exit_code_when_nobody_listens(tmp_path: Path) -> None:
    with recording() as gone:
        nobody = gone.url
    failing_script(tmp_path)

    done = bash("bash ./backup.sh", {"LOG_CENTER_URL": nobody}, tmp_path)

    assert (1, b"start\n") == (done.returncode, done.stdout)


WORKFLOW: dict[str, Any] = yaml.safe_load(snippet("how-to/gitea-actions.md", "workflow.yaml"))
BUILD, REPORT_STEP = WORKFLOW["jobs"]["build"]["steps"][1:]
RUNNER = {
    "github.event.repository.name": "shop_backend",
    "github.job": "build",
    "github.workflow": 'Build "all" \\ and deploy',
    "github.head_ref || github.ref_name": "feature/$(touch broken)`'\"",
    "github.sha": "abc1234def5678",
    "github.actor": "dev",
    "github.run_number": "24",
    "github.run_id": "1093",
    "github.server_url": "https://git.example.org/",
    "github.repository": "team/shop_backend",
}
BASH_AS_THE_RUNNER_STARTS_IT = ("--noprofile", "--norc", "-e", "-o", "pipefail")


def run_step(url: str, folder: Path) -> Any:
    """Run the step as a runner does: expressions put into the variables, then the script."""
    values = {"vars.LOG_CENTER_URL": url, **RUNNER}
    variables = {
        name: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: values[match[1]], str(value))
        for name, value in REPORT_STEP["env"].items()
    }
    return bash(REPORT_STEP["run"], variables, folder, *BASH_AS_THE_RUNNER_STARTS_IT)


def test_no_expression_is_pasted_into_the_script() -> None:
    assert "${{" not in REPORT_STEP["run"]
    assert ("failure()", True, "bash") == (
        REPORT_STEP["if"],
        REPORT_STEP["continue-on-error"],
        REPORT_STEP["shell"],
    )


def test_the_step_sends_the_last_hundred_lines_and_the_address_of_the_run(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "build.log").write_text("".join(f"line {n}\n" for n in range(1, 251)))

    done = run_step(recorder.url, tmp_path)

    assert (0, b"") == (done.returncode, done.stderr)
    [report] = recorder.reports
    assert [f"line {n}" for n in range(151, 251)] == report["error"]["stack_trace"]
    assert "https://git.example.org/team/shop_backend/actions/runs/24?by_index=1" == report["context"]["run_url"]
    assert ("24", "1093") == (report["context"]["run_number"], report["context"]["run_id"])
    assert RUNNER["github.head_ref || github.ref_name"] == report["environment"]
    assert not (tmp_path / "broken").exists()
    same = {**report, "environment": "another", "commit_hash": "0" * 40}
    assert fingerprint_of(read(Report, report)) == fingerprint_of(read(Report, same))


LOGS: dict[str, tuple[bytes, list[str]]] = {
    "quotes": (b'say "no"\n', ['say "no"']),
    "backslashes": (b"C:\\new\\table \\u0041\n", ["C:\\new\\table \\u0041"]),
    "controls": (b"\x1b[31mred\x1b[0m \x01\x07\ttab\r\n", ["\x1b[31mred\x1b[0m \x01\x07\ttab\r"]),
    "NUL": (b"a\x00b\n", ["ab"]),
    "invalid UTF-8": (b"\xff caf\xe9 ok\n", ["\ufffd caf\ufffd ok"]),
    "Chinese": ("构建失败 😀\n".encode(), ["构建失败 😀"]),
    "no newline at the end": (b"one\ntwo", ["one", "two"]),
    "a dollar": (b"$HOME `id` $(id) %s\n", ["$HOME `id` $(id) %s"]),
    "empty": (b"", ["no log in build.log"]),
}


@pytest.mark.parametrize("name", LOGS)
def test_any_log_becomes_valid_json(recorder: Recorder, tmp_path: Path, name: str) -> None:
    log, expected = LOGS[name]
    (tmp_path / "build.log").write_bytes(log)

    done = run_step(recorder.url, tmp_path)

    assert 0 == done.returncode, done.stderr
    assert expected == recorder.reports[0]["error"]["stack_trace"]


@pytest.mark.parametrize(
    "log",
    [b"\x01" * 3_000_000, "错".encode() * 1_000_000, b"\xff" * 3_000_000, (b"\x02" * 5000 + b"\n") * 300],
    ids=["controls", "Chinese", "invalid", "long lines"],
)
def test_even_a_huge_log_stays_below_the_limit(recorder: Recorder, tmp_path: Path, log: bytes) -> None:
    (tmp_path / "build.log").write_bytes(log)

    done = run_step(recorder.url, tmp_path)

    assert 0 == done.returncode, done.stderr
    read(Report, recorder.reports[0])
    assert 1024 * 1024 >= len(recorder.bodies[0])


def test_a_missing_log_is_reported_too(recorder: Recorder, tmp_path: Path) -> None:
    assert 0 == run_step(recorder.url, tmp_path).returncode
    assert ["no log in build.log"] == recorder.reports[0]["error"]["stack_trace"]


def test_a_collector_that_is_away_or_refuses_never_fails_the_build(tmp_path: Path) -> None:
    with recording(status=503) as refusing:
        assert 0 == run_step(refusing.url, tmp_path).returncode
        nobody = refusing.url

    for url in (nobody, "", "not an address"):
        assert 0 == run_step(url, tmp_path).returncode


def test_the_build_step_keeps_its_log_and_its_failure(tmp_path: Path) -> None:
    done = bash(
        BUILD["run"].replace("make build", "sh -c 'echo broken >&2; exit 3'"),
        {},
        tmp_path,
        *BASH_AS_THE_RUNNER_STARTS_IT,
    )

    assert 3 == done.returncode
    assert "broken\n" == (tmp_path / "build.log").read_text()
