"""What the dashboard gives to paste, pasted and run: every kind of application becomes an issue of its project."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from support.collector import Collector, start
from support.newcomers import ADMIN, Newcomer, home, newcomer
from support.pages import snippet
from support.sending import fresh_project
from support.shell import needs_shell_tools

FAILS = '\n\ndef order(quantity: str) -> int:\n    return int(quantity)\n\n\norder("three")\n'


@pytest.fixture(scope="module")
def closed_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    collector = start(tmp_path_factory.mktemp("closed") / "logcenter.db", "--admin-token", ADMIN)
    yield collector
    assert collector.stop() == 0


@pytest.fixture(params=["open", "closed"])
def ada(request: pytest.FixtureRequest) -> Newcomer:
    """Somebody new, at a collector that demands no key and at one that does."""
    is_closed = request.param == "closed"
    collector: Collector = request.getfixturevalue("closed_collector" if is_closed else "shared_collector")
    return newcomer(collector, fresh_project(), is_closed=is_closed)


def run(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """Run a script of the shell as somebody does who has set nothing."""
    command = ["bash", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=home(folder), capture_output=True, text=True, timeout=60, check=False
    )


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def error_of(issue: dict[str, object]) -> object:
    error = issue["error"]
    assert isinstance(error, dict)
    return error["type"]


@needs_shell_tools
def test_a_python_program(ada: Newcomer, tmp_path: Path) -> None:
    pastes = ada.pastes("python")
    write(tmp_path, program=pastes["program.py"] + FAILS)

    done = run(tmp_path, f"{pastes.get('key.sh', '')}\npython program.py")

    assert 1 == done.returncode
    assert "ValueError" in done.stderr.splitlines()[-1]
    issue = ada.only_issue()
    assert ("ValueError", "production") == (error_of(issue), issue["environment"])


@needs_shell_tools
def test_the_trial_of_the_sdk(ada: Newcomer, tmp_path: Path) -> None:
    done = run(tmp_path, ada.pastes("python")["try-sdk.sh"])

    assert (0, "") == (done.returncode, done.stderr)
    assert "Log reported" in done.stdout
    assert "LogCenterTestError" == error_of(ada.only_issue())


DJANGO_SETTINGS = """
SECRET_KEY = "x"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]

"""
DJANGO_URLS = """
from django.http import HttpResponse
from django.urls import path

def fail(request, user_id):
    raise ValueError(f"no user {user_id}")

urlpatterns = [path("users/<int:user_id>/", fail)]
"""
DJANGO_RUN = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django, logging
django.setup()
logging.disable()
from django.conf import settings
from django.test import Client
assert settings.MIDDLEWARE[1:] == ["django.middleware.common.CommonMiddleware"]
print(Client(raise_request_exception=False).get("/users/5/").status_code)
"""


@needs_shell_tools
def test_a_django_site(ada: Newcomer, tmp_path: Path) -> None:
    pastes = ada.pastes("django")
    write(tmp_path, settings=DJANGO_SETTINGS + pastes["settings.py"], urls=DJANGO_URLS, visit=DJANGO_RUN)

    done = run(tmp_path, f"{pastes.get('key.sh', '')}\npython visit.py")

    assert (0, "500\n") == (done.returncode, done.stdout), done.stderr
    issue = ada.only_issue()
    assert "ValueError" == error_of(issue)
    assert "urls.fail" == dict(issue["context"])["view"]  # type: ignore[call-overload]


FASTAPI_ROUTE = """

@app.get("/orders/{quantity}")
async def order(quantity: str) -> int:
    return int(quantity)
"""
FASTAPI_RUN = """
import asyncio, httpx
from main import app

async def visit():
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return [(await client.get(f"/orders/{quantity}")).status_code for quantity in ("3", "three")]

print(asyncio.run(visit()))
"""


@needs_shell_tools
def test_a_fastapi_application(ada: Newcomer, tmp_path: Path) -> None:
    pastes = ada.pastes("fastapi")
    write(tmp_path, main=pastes["main.py"] + FASTAPI_ROUTE, visit=FASTAPI_RUN)

    done = run(tmp_path, f"{pastes.get('key.sh', '')}\npython visit.py")

    assert (0, "[200, 500]\n") == (done.returncode, done.stdout), done.stderr
    issue = ada.only_issue()
    assert "ValueError" == error_of(issue)
    assert "/orders/{quantity}" == dict(issue["context"])["route"]  # type: ignore[call-overload]


@needs_shell_tools
def test_a_line_of_curl(ada: Newcomer, tmp_path: Path) -> None:
    done = run(tmp_path, ada.pastes("curl")["report.sh"])

    assert (0, "") == (done.returncode, done.stderr)
    assert "Log reported" == json.loads(done.stdout)["message"]
    assert "BackupFailed" == error_of(ada.only_issue())


@needs_shell_tools
def test_a_step_of_gitea_actions(ada: Newcomer, tmp_path: Path) -> None:
    pastes = ada.pastes("gitea")
    build, step = yaml.safe_load(pastes["workflow.yaml"])["jobs"]["build"]["steps"][1:]
    key = pastes.get("key.txt", "")
    values = {name: value.replace("${{ secrets.LOG_CENTER_KEY }}", key) for name, value in step["env"].items()}
    exports = "".join(
        f"export {name}='{re.sub(r'[$][{]{2}.*?[}]{2}', 'x', value)}'\n" for name, value in values.items()
    )

    failed = run(tmp_path, "set -o pipefail\n" + build["run"].replace("make build", "sh -c 'echo broken; exit 3'"))
    done = run(tmp_path, f"set -e -o pipefail\n{exports}{step['run']}")

    assert (3, 0, "") == (failed.returncode, done.returncode, done.stderr)
    assert bool(key) == ada.needs_key
    issue = ada.only_issue()
    assert ("cicd", "CICDFailure") == (issue["source"], error_of(issue))


def test_what_flutter_sends(ada: Newcomer) -> None:
    # Dart is not on every machine: its text is that of the page that is held against the contract, and what it sends
    # is the page's example, with the key as the text has it.
    dart = ada.pastes("flutter")["log_center.dart"]
    key = re.search(r"'LOG_CENTER_KEY', defaultValue: '(lck_[^']+)'", dart)
    report = json.loads(snippet("how-to/flutter.md", "payload.json")) | {"project_id": ada.project}

    answer = ada.collector.post_report(report, headers={"X-Log-Center-Key": key[1]} if key else {})

    assert 200 == answer.status_code, answer.text
    assert (ada.needs_key, ada.needs_key) == (key is not None, "'X-Log-Center-Key': _key" in dart)
    assert f"'LOG_CENTER_PROJECT', defaultValue: '{ada.project}'" in dart
    assert f"'LOG_CENTER_URL', defaultValue: '{ada.collector.api_url}'" in dart
    assert "FormatException" == error_of(ada.only_issue())


def test_nothing_is_installed_by_its_bare_name_from_the_public_index(ada: Newcomer) -> None:
    commands = [
        line.removeprefix("# ")
        for app in ("python", "django", "fastapi")
        for line in ada.pastes(app)["install-sdk.sh"].splitlines()
        if "install " in line
    ]

    assert 9 == len(commands)
    assert [] == [line for line in commands if line.endswith(" logcenter-sdk") and "--index-url https://" not in line]
