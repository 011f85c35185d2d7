"""What type checkers say of an application that uses the SDK. mypy reads ``typing/`` with all the other files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PUBLIC_USE = Path(__file__).parent / "typing" / "public_use.py"

CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-incremental", "--config-file=", "--cache-dir=/dev/null"],
    "pyright": ["pyright", f"--pythonpath={sys.executable}"],
}
MISTAKES = """\
import logcenter_sdk
logcenter_sdk.instal_hook()  # mistake: no such name
logcenter_sdk.install_hook(project="shop")  # mistake: no such setting
logcenter_sdk.install_hook(before_send=len)  # mistake: not of a report
logcenter_sdk.capture_message("a") + "b"  # mistake: it may be None
logcenter_sdk.capture_message("a")
"""
every_checker = pytest.mark.parametrize("checker", CHECKERS)


def check(checker: str, file: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker], str(file)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=file.parent,
    )


@every_checker
def test_an_application_that_uses_every_public_name_passes(checker: str) -> None:
    finished = check(checker, PUBLIC_USE)

    assert 0 == finished.returncode, finished.stdout + finished.stderr


@every_checker
def test_every_mistake_is_found(checker: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(MISTAKES, encoding="utf-8")

    finished = check(checker, wrong)

    found = {int(line) for line in re.findall(r"wrong\.py:(\d+).*error", finished.stdout)}
    assert {number for number, line in enumerate(MISTAKES.splitlines(), 1) if "mistake" in line} == found
