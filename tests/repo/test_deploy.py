"""What holds for all of ``deploy/``: settings and addresses exist, the version is the one, no index is asked for us."""

import re
import tomllib
from pathlib import Path

import attrs
import pytest

from logcenter_collector.settings import Settings, variable
from support.collector import Collector
from support.pages import PAGES
from support.repository import ROOT, text_of, tracked_files

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
PAGE = PAGES / "how-to" / "deploy.md"
FILES = [*(path for path in tracked_files() if path.is_relative_to(ROOT / "deploy")), PAGE]
SETTINGS = {variable(setting.name) for setting in attrs.fields(Settings)}
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))


def text(file: Path) -> str:
    found = text_of(file)
    assert found is not None
    return found


@every_file
def test_every_variable_is_a_setting(file: Path) -> None:
    assert set() == set(re.findall(r"\bLOG_CENTER_[A-Z_]+\b", text(file))) - SETTINGS


def test_every_address_that_is_asked_for_health_answers(shared_collector: Collector) -> None:
    addresses = {path for file in FILES for path in re.findall(r"/(?:healthz|readyz|metrics)\b", text(file))}

    assert {"/healthz", "/readyz", "/metrics"} == addresses
    assert {200} == {shared_collector.client.get(path).status_code for path in addresses}


@every_file
def test_every_image_has_a_tag_and_none_is_the_latest(file: Path) -> None:
    images = re.findall(r"^(?:FROM| *-? *image:) +(\S+)", text(file), re.MULTILINE)

    assert [] == [image for image in images if not re.search(r":\d[\w.-]*$", image)]
    assert ":latest" not in text(file)


@pytest.mark.parametrize(
    "name",
    [
        "deploy/docker/Dockerfile",
        "deploy/compose/compose.yaml",
        "deploy/kubernetes/base/deployment.yaml",
        "docs/how-to/deploy.md",
    ],
)
def test_our_image_has_the_one_version(name: str) -> None:
    assert {VERSION} == set(re.findall(r"(?:\blogcenter-collector:|\bnewTag: )(\d\S*)", text(ROOT / name)))


@every_file
def test_none_of_our_packages_is_asked_of_an_index(file: Path) -> None:
    installed = re.findall(r"\b(?:pip|uv|uvx|pipx)\b.*\b(?:install|add|run|tool)\b(.*)", text(file))
    words = {word for arguments in installed for word in arguments.split()}

    assert [] == [word for word in words if re.match(r"logcenter[-_]", word)]


@every_file
def test_every_file_that_is_named_exists(file: Path) -> None:
    named = re.findall(r"(?<![\w/-])((?:deploy|docs|packages)/[\w./-]*\w)", text(file))

    assert [] == [name for name in named if not (ROOT / name).exists()]
