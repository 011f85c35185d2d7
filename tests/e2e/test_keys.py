"""Reporters at a collector that demands keys: a good one delivers, a wrong one is told of and loses nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from attrs import define

from support.collector import Collector, start

ADMIN: Final = "an-administrators-token-for-tests"
PROGRAM: Final = """
import logcenter_sdk
logcenter_sdk.install_hook()
try:
    {}["user"]
except KeyError:
    logcenter_sdk.capture_exception()
print(logcenter_sdk.flush(20))
"""


@define
class Closed:
    """A closed collector, and the home of a user who reports to it."""

    collector: Collector
    home: Path

    @property
    def admin(self) -> dict[str, str]:
        """What the administrator shows."""
        return {"Authorization": f"Bearer {ADMIN}"}

    def new_key(self, project: str) -> str:
        """Make a key of a project."""
        response = httpx.post(
            f"{self.collector.api_url}/api/v1/projects/{project}/keys", json={"name": "tests"}, headers=self.admin
        )
        return str(response.raise_for_status().json()["key"])

    def run(self, *arguments: str, project: str = "shop", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python as a user does whose environment has these variables."""
        ours = {"LOG_CENTER_URL": self.collector.api_url, "LOG_CENTER_PROJECT": project, "HOME": str(self.home)}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LOG_CENTER_", "XDG_"))}
        command = [sys.executable, *arguments]
        environment = inherited | ours | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def occurrences(self, project: str) -> int:
        """Return how many errors of a project are stored."""
        found = self.collector.client.get("/api/v1/issues", params={"project_id": project}, headers=self.admin)
        return sum(issue["occurrence_count"] for issue in found.raise_for_status().json()["items"])


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector that nobody enters without a credential."""
    collector = start(tmp_path_factory.mktemp("closed") / "logcenter.db", "--admin-token", ADMIN)
    yield collector
    assert 0 == collector.stop()


@pytest.fixture
def closed(collector: Collector, tmp_path: Path) -> Closed:
    return Closed(collector, tmp_path)


def test_a_program_with_the_key_of_its_project_delivers(closed: Closed) -> None:
    done = closed.run("-c", PROGRAM, project="with-key", LOG_CENTER_KEY=closed.new_key("with-key"))

    assert (0, "True\n") == (done.returncode, done.stdout)
    assert 1 == closed.occurrences("with-key")


def test_a_token_does_as_well(closed: Closed) -> None:
    closed.run("-c", PROGRAM, project="with-token", LOG_CENTER_TOKEN=ADMIN)

    assert 1 == closed.occurrences("with-token")


def test_what_a_wrong_key_could_not_deliver_waits_on_disk_and_goes_with_the_right_one(closed: Closed) -> None:
    done = closed.run("-c", PROGRAM, project="late", LOG_CENTER_KEY="lck_wrong")
    assert (0, 0) == (done.returncode, closed.occurrences("late"))

    sent = closed.run("-m", "logcenter_sdk", "send-spool", project="late", LOG_CENTER_KEY=closed.new_key("late"))

    assert 0 == sent.returncode, sent.stderr
    assert 1 == closed.occurrences("late")


@pytest.mark.parametrize("shown", [{}, {"LOG_CENTER_KEY": "lck_wrong"}, {"LOG_CENTER_TOKEN": "lct_wrong"}])
def test_the_doctor_names_a_missing_or_wrong_credential_and_says_what_to_set(
    closed: Closed, shown: dict[str, str]
) -> None:
    done = closed.run("-m", "logcenter_sdk", "doctor", **shown)

    assert 1 == done.returncode
    assert "the collector refuses" in done.stdout
    assert "set LOG_CENTER_KEY (or LOG_CENTER_TOKEN) to one that this project has" in done.stdout


def test_the_doctor_is_content_with_a_good_key(closed: Closed) -> None:
    done = closed.run("-m", "logcenter_sdk", "doctor", LOG_CENTER_KEY=closed.new_key("shop"))

    assert 0 == done.returncode, done.stdout
    assert "the collector does not refuse key" in done.stdout


@pytest.mark.parametrize("is_good", [True, False])
def test_a_pipeline_reports_with_its_key_and_fails_as_the_step_does_in_any_case(
    closed: Closed, *, is_good: bool
) -> None:
    key = closed.new_key("pipeline") if is_good else "lck_wrong"
    step = ("-m", "logcenter_ci", "run", "--project", "pipeline", "--step", str(is_good), "--", "sh", "-c", "exit 3")

    done = closed.run(*step, LOG_CENTER_KEY=key, GITHUB_JOB="test")

    assert 3 == done.returncode
    assert ("Log reported" if is_good else "not reported: 403: The key or token is not good") in done.stderr
