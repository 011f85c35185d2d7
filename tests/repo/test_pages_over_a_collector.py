"""The shell pages and the tutorial, run as they stand against a collector that was started as a process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import yaml

from support.collector import Collector
from support.pages import PAGES, fences, snippet
from support.repository import ROOT
from support.shell import bash, needs_shell_tools

README_ADDRESS = "http://localhost:8002"


@needs_shell_tools
def test_the_curl_page_says_what_a_collector_answers(shared_collector: Collector, tmp_path: Path) -> None:
    variables = {"LOG_CENTER_URL": shared_collector.api_url}

    first = bash(snippet("how-to/curl.md", "report.sh"), variables, tmp_path)
    second = bash(snippet("how-to/curl.md", "report.sh"), variables, tmp_path)
    named = bash(snippet("how-to/curl.md", "register.sh"), variables, tmp_path)

    assert (0, 0, 0) == (first.returncode, second.returncode, named.returncode)
    assert re.fullmatch(rb'\{"message": ?"Log reported", ?"id": ?\d+\}', first.stdout.strip())
    assert b"Log deduplicated" in second.stdout
    assert "Nightly jobs" == shared_collector.client.get("/api/v1/projects/nightly_jobs").json()["name"]


@needs_shell_tools
def test_the_page_about_keys_leads_to_a_project_that_takes_reports_with_its_key_only(
    collector: Collector, tmp_path: Path
) -> None:
    variables = {"LOG_CENTER_URL": collector.api_url}

    made = bash(snippet("how-to/ingest-keys.md", "make-key.sh"), variables, tmp_path)
    demanded = bash(snippet("how-to/ingest-keys.md", "demand-key.sh"), variables, tmp_path)
    key = json.loads(made.stdout)["key"]
    good, wrong = (
        bash(snippet("how-to/ingest-keys.md", "report-with-key.sh"), variables | {"LOG_CENTER_KEY": shown}, tmp_path)
        for shown in (key, "lck_x")
    )

    assert (0, 0, 0) == (made.returncode, demanded.returncode, good.returncode)
    assert b"Log reported" in good.stdout
    assert "Key wrong" == json.loads(wrong.stdout)["title"]


@needs_shell_tools
def test_the_page_about_connecting_makes_a_project_that_has_the_page_it_names(
    shared_collector: Collector, tmp_path: Path
) -> None:
    made = bash(snippet("how-to/connect.md", "make-project.sh"), {"LOG_CENTER_URL": shared_collector.api_url}, tmp_path)
    [address] = re.findall(r"`(/projects/\S+)`", (PAGES / "how-to" / "connect.md").read_text(encoding="utf-8"))
    page = httpx.get(f"{shared_collector.dashboard_url}{address}")

    assert 0 == made.returncode, made.stderr
    assert 200 == page.status_code
    for title in ("Python", "Django", "FastAPI", "JavaScript", "Flutter", "Gitea Actions", "Kubernetes", "curl"):
        assert f">{title}</a>" in page.text


@needs_shell_tools
def test_the_page_about_limits_sets_what_it_says(collector: Collector, tmp_path: Path) -> None:
    done = bash(snippet("how-to/limits-and-scrubbing.md", "doors.sh"), {"LOG_CENTER_URL": collector.api_url}, tmp_path)

    assert 0 == done.returncode, done.stderr
    doors = collector.get("/api/v1/projects/shop_backend/doors")
    assert (600, 100_000, ["password", "card_number"]) == (doors["per_minute"], doors["per_day"], doors["scrub_names"])
    assert [r"\b[0-9]{13,19}\b", "(?i)bearer [^ ]+"] == doors["scrub_patterns"]


@needs_shell_tools
def test_the_step_of_the_pipeline_becomes_an_issue(shared_collector: Collector, tmp_path: Path) -> None:
    workflow = yaml.safe_load(snippet("how-to/gitea-actions.md", "workflow.yaml"))
    step = workflow["jobs"]["build"]["steps"][-1]
    variables = {name: re.sub(r"\$\{\{.*?\}\}", "x", value) for name, value in step["env"].items()}
    (tmp_path / "build.log").write_bytes(b'make: *** [build] Error "2" \x00\xff\x1b\n')

    bash(step["run"], variables | {"LOG_CENTER_URL": shared_collector.api_url, "PROJECT": "pipeline"}, tmp_path, "-e")

    [issue] = shared_collector.issues(project_id="pipeline")
    assert ("cicd", "CICDFailure") == (issue["source"], issue["error"]["type"])
    assert ("x", "build") == (issue["context"]["job_name"], issue["context"]["step_name"])


def test_the_readme_s_step_reports_its_failure_and_keeps_its_exit_code(collector: Collector, tmp_path: Path) -> None:
    [line] = [fence.text for fence in fences(ROOT / "README.md") if fence.text.startswith("logcenter-ci ")]
    installed = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    done = bash(
        line.replace("make build", "sh -c 'echo broken; exit 3'"),
        {"PATH": installed, "LOG_CENTER_URL": collector.api_url},
        tmp_path,
    )

    assert (3, b"broken\n") == (done.returncode, done.stdout)
    [issue] = collector.issues(project_id="shop_backend")
    assert ("cicd", "build") == (issue["source"], issue["context"]["step_name"])


def run_python(script: str, folder: Path, collector: Collector) -> "subprocess.CompletedProcess[str]":
    """Run a program of a page with the address of the test's own collector in place of the usual one."""
    assert README_ADDRESS in script
    (folder / "orders.py").write_text(script.replace(README_ADDRESS, collector.api_url), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LOG_CENTER_", "CI"))}
    return subprocess.run(
        [sys.executable, "orders.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def test_the_readme_s_program_reports_its_crash(collector: Collector, tmp_path: Path) -> None:
    [hook] = [fence.text for fence in fences(ROOT / "README.md") if fence.language == "python"]

    done = run_python(f"{hook}\nraise LookupError('no such order')\n", tmp_path, collector)

    assert 1 == done.returncode
    assert "LookupError: no such order" == done.stderr.splitlines()[-1]
    [issue] = collector.issues(project_id="shop_backend")
    assert ("LookupError", "production") == (issue["error"]["type"], issue["environment"])


def test_the_tutorial_tells_what_happens(collector: Collector, tmp_path: Path) -> None:
    program = snippet("tutorial.md", "orders.py")

    runs = [run_python(program, tmp_path, collector) for _ in range(2)]

    assert [1, 1] == [done.returncode for done in runs]
    [issue] = collector.issues(project_id="tutorial")
    assert ("ValueError", "orders.py", 7) == (
        issue["error"]["type"],
        issue["error"]["file_path"],
        issue["error"]["line_number"],
    )
    assert ("NEW", 2) == (issue["status"], issue["occurrence_count"])

    step = snippet("tutorial.md", "transition.sh").replace(README_ADDRESS, collector.api_url)
    moved = bash(step, {}, tmp_path)
    assert (0, "VERIFYING") == (moved.returncode, collector.issues(project_id="tutorial")[0]["status"])
    collector.move(issue["id"], "PENDING_FIX", "FIXING", "FIXED")
    run_python(program, tmp_path, collector)

    [issue] = collector.issues(project_id="tutorial")
    assert ("NEW", 1, 3) == (issue["status"], issue["regression_count"], issue["occurrence_count"])


def test_the_tutorial_names_the_steps_that_the_test_walks() -> None:
    text = (PAGES / "tutorial.md").read_text(encoding="utf-8")

    assert all(f"`{status}`" in text for status in ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED"))
