"""The README's two commands are what CI runs and what the other pages say."""

import os
import re
from pathlib import Path

import pytest

from support.pages import fences
from support.repository import ROOT

DEMO = "pip install uv && uv run python examples/demo.py"
TESTS = "pip install uv && uv run pytest"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_first_two_commands_of_the_readme_need_nothing_else(readme: str) -> None:
    commands = [fence.text.strip() for fence in fences(ROOT / readme) if fence.language == "bash"]

    assert [DEMO, TESTS] == commands[:2]
    assert (ROOT / "examples" / "demo.py").is_file()


def test_ci_ends_with_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"

    assert TESTS == script.read_text(encoding="utf-8").splitlines()[-1]
    assert os.access(script, os.X_OK)


def test_contributing_names_the_same_test_command() -> None:
    assert f"```bash\n{TESTS}\n```" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_session_that_contributing_names_exists() -> None:
    named = re.findall(r"nox -s (\w+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    sessions = re.findall(r"@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"))

    assert named
    assert set(named) <= set(sessions)


@pytest.mark.parametrize(
    "area", sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__")
)
def test_the_readme_of_the_tests_says_what_every_folder_holds(area: str) -> None:
    assert f"`{area}/`" in Path(ROOT / "tests" / "README.md").read_text(encoding="utf-8")
