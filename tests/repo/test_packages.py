"""The four packages have one version and all that a package on an index needs."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from support.repository import PACKAGES, ROOT


def pyproject(folder: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


VERSION = pyproject(ROOT)["version"]
every_package = pytest.mark.parametrize("name", PACKAGES)


def test_these_are_all_packages() -> None:
    assert {f"packages/{name}" for name in PACKAGES} == {
        str(path.parent.relative_to(ROOT)) for path in ROOT.glob("packages/*/pyproject.toml")
    }


@every_package
def test_every_package_has_the_one_version(name: str) -> None:
    assert (name, VERSION) == (
        pyproject(ROOT / "packages" / name)["name"],
        pyproject(ROOT / "packages" / name)["version"],
    )


@every_package
def test_a_package_that_names_its_version_names_the_one(name: str) -> None:
    text = (ROOT / "packages" / name / "src" / name.replace("-", "_") / "__init__.py").read_text(encoding="utf-8")

    assert set(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)) <= {VERSION}


@every_package
def test_siblings_are_pinned_to_the_one_version(name: str) -> None:
    siblings = [line for line in pyproject(ROOT / "packages" / name)["dependencies"] if line.startswith("logcenter")]

    assert ([] if name == "logcenter-sdk" else [f"logcenter-sdk=={VERSION}"]) == siblings


@every_package
def test_every_package_is_typed_licensed_and_described(name: str) -> None:
    folder = ROOT / "packages" / name
    module = name.replace("-", "_")

    assert (folder / "src" / module / "py.typed").is_file()
    assert (ROOT / "LICENSE").read_bytes() == (folder / "LICENSE").read_bytes()
    assert f"# {name}" == (folder / "README.md").read_text(encoding="utf-8").splitlines()[0]
    project = pyproject(folder)
    assert (">=3.11", "Apache-2.0", "README.md") == (project["requires-python"], project["license"], project["readme"])


@every_package
def test_every_package_has_a_console_script_of_its_name(name: str) -> None:
    [(script, target)] = pyproject(ROOT / "packages" / name)["scripts"].items()

    module, function = target.split(":")
    source = ROOT / "packages" / name / "src" / Path(*module.split(".")).with_suffix(".py")
    assert name == script
    assert f"def {function}(" in source.read_text(encoding="utf-8")


def test_the_changelog_speaks_of_the_one_version() -> None:
    assert f"\n## {VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
