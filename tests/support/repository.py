"""The files of the repository, as Git knows them."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("logcenter-sdk", "logcenter-collector", "logcenter-ci", "logcenter-k8s")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that is, or would be, committed; skips the test where there is no Git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no Git checkout")
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def text_of(path: Path) -> str | None:
    """Return a file's text, or None when it is no text."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
