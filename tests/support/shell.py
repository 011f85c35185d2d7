"""Run the shell snippets of the documentation as a reader would."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

needs_shell_tools = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "curl", "jq")), reason="needs bash, curl and jq"
)


def bash(script: str, variables: Mapping[str, str], folder: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script in ``folder`` with ``variables`` and nothing else of ours in its environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **variables}
    return subprocess.run(
        ["bash", *options, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
