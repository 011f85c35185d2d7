"""What the packages never do with what comes from outside: run it, unpickle it, or trust a broken hash."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.repository import PACKAGES, ROOT

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / "packages" / package / "src").rglob("*.py"))
STARTS_PROCESSES = {"wrap.py", "apprise.py"}  # the build step somebody asks for; Apprise, with arguments of our own
NEVER_CALLED = {"eval", "exec", "compile", "os.system", "os.popen", "marshal.loads", "yaml.load"}
NEVER_IMPORTED = {"pickle", "shelve", "dill", "xml", "lxml", "telnetlib", "Crypto", "Cryptodome"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 100
    assert {"hashlib", "re"} <= {name for path in SOURCES for name in imported(path)}


def test_no_text_is_run_as_a_program() -> None:
    assert [] == [(path.name, name) for path in SOURCES for name, _ in calls(path) if name in NEVER_CALLED]


def test_nothing_is_unpickled_and_no_xml_is_read() -> None:
    assert [] == [(path.name, name) for path in SOURCES for name in imported(path) if name in NEVER_IMPORTED]


def test_processes_are_started_in_two_places_and_never_by_a_shell() -> None:
    starting = {path.name for path in SOURCES if "subprocess" in set(imported(path))}
    by_shell = [path.name for path in SOURCES for _, call in calls(path) if "shell" in {kw.arg for kw in call.keywords}]

    assert starting <= STARTS_PROCESSES
    assert [] == by_shell


@pytest.mark.parametrize("weak", ["md5", "sha1"])
def test_a_broken_hash_says_that_it_protects_nothing(weak: str) -> None:
    found = [call for path in SOURCES for name, call in calls(path) if name.rpartition(".")[2] == weak]

    assert [] == [ast.unparse(call) for call in found if "usedforsecurity=False" not in ast.unparse(call)]
