"""Who may import whom, as the root pyproject.toml states it."""

import subprocess
import sys
from pathlib import Path

from support.repository import ROOT


def test_every_layer_is_kept() -> None:
    lint_imports = Path(sys.executable).parent / "lint-imports"

    done = subprocess.run(
        [str(lint_imports), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert 0 == done.returncode, done.stdout
