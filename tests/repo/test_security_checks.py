"""The page about security checks: all requirements are on it, in both languages, and every test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from support.pages import PAGES
from support.repository import ROOT

PAGE = PAGES / "explanation" / "security-checks.md"
CHINESE = PAGES / "explanation" / "security-checks.zh-CN.md"
# The ids of level 1 in version 5.0.0, as chapter.section: the last numbers.
LEVEL_1 = {
    "1.2": [1, 2, 3, 4, 5], "1.3": [1, 2], "1.5": [1], "2.1": [1], "2.2": [1, 2], "2.3": [1], "3.2": [1, 2], "3.3": [1],
    "3.4": [1, 2], "3.5": [1, 2, 3], "4.1": [1], "4.4": [1], "5.2": [1, 2], "5.3": [1, 2], "6.1": [1],
    "6.2": [1, 2, 3, 4, 5, 6, 7, 8], "6.3": [1, 2], "6.4": [1, 2], "7.2": [1, 2, 3, 4], "7.4": [1, 2], "8.1": [1],
    "8.2": [1, 2], "8.3": [1], "9.1": [1, 2, 3], "9.2": [1], "10.4": [1, 2, 3, 4, 5], "11.3": [1, 2], "11.4": [1],
    "12.1": [1], "12.2": [1, 2], "13.4": [1], "14.2": [1], "14.3": [1], "15.1": [1], "15.2": [1], "15.3": [1],
}  # fmt: skip
IDS = [f"V{section}.{number}" for section, numbers in LEVEL_1.items() for number in numbers]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(page: Path) -> dict[str, list[str]]:
    """Return the cells of each requirement by its id."""
    cells = [line.strip("| ").split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[1:] for row in cells if re.fullmatch(r"V\d+\.\d+\.\d+", row[0])}


@cache
def functions_in(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=["en", "zh-CN"])
def test_every_requirement_of_level_1_is_on_the_page_once_and_in_order(page: Path) -> None:
    assert 70 == len(IDS)
    assert IDS == list(rows(page))


@pytest.mark.parametrize("requirement", IDS)
def test_whatever_is_held_is_held_by_a_test_that_exists(requirement: str) -> None:
    _, state, by = rows(PAGE)[requirement]
    named = NAMED.findall(by)

    assert state in {"held", "open", "does not apply"}
    assert named or state == "does not apply"
    assert [] == [f"{file}::{name}" for file, name in named if name not in functions_in(file)]


def test_both_languages_say_the_same_of_each_requirement() -> None:
    states = {"held": "满足", "open": "未完全", "does not apply": "不适用"}

    said = {name: (states[state], NAMED.findall(by)) for name, (_, state, by) in rows(PAGE).items()}

    assert said == {name: (state, NAMED.findall(by)) for name, (_, state, by) in rows(CHINESE).items()}


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=["en", "zh-CN"])
def test_the_page_counts_its_rows_right(page: Path) -> None:
    states = [state for _, state, _ in rows(page).values()]
    counted = sorted(states.count(state) for state in set(states))

    said = re.findall(r"\d+", re.split("Of these|其中", page.read_text(encoding="utf-8"))[1])[:3]

    assert counted == sorted(map(int, said))


@pytest.mark.parametrize("name", ["SECURITY.md", "SECURITY.zh-CN.md"])
def test_the_time_for_weak_dependencies_is_written_down(name: str) -> None:
    assert {"7", "30"} <= set(re.findall(r"\b(7|30) ?(?:days|天)", (ROOT / name).read_text(encoding="utf-8")))
