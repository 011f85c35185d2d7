"""A throw-away virtual environment for each SDK, with the Python that runs this and nothing of the project's own."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SDKS: Final[Mapping[str, Sequence[str]]] = {
    "logcenter": [],
    "sentry": ["sentry-sdk"],
    "opentelemetry": ["opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"],
    "honeybadger": ["honeybadger"],
    "naive": ["requests"],
    "floor": [],
    "bare": [],
}
"""What each adapter needs: ours, which is a folder; the others; the floor; and no reporter at all."""
OURS: Final = Path(__file__).parents[2] / "packages" / "logcenter-sdk"


@contextmanager
def environments(names: Sequence[str], also: Sequence[str], ours: Path) -> Iterator[dict[str, Path]]:
    """Install each SDK, and what a figure needs beside it, and return their interpreters; all is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as name, ThreadPoolExecutor(2) as pool:
        needs = {sdk: [*([str(ours)] if sdk == "logcenter" else SDKS[sdk]), *also] for sdk in names}
        pythons = pool.map(lambda sdk: _install(needs[sdk], Path(name) / sdk), names)
        yield dict(zip(names, pythons, strict=True))


def versions(interpreters: dict[str, Path]) -> str:
    """Return what was installed, in one line for each SDK."""
    uv = _uv()
    lines = []
    for name, python in interpreters.items():
        command = [uv, "pip", "freeze", "--quiet", "--python", str(python)]
        frozen = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
        packages = sorted(line.partition(" @ ")[0] for line in frozen if line)
        lines.append(f"- {name}: {', '.join(packages) or 'nothing but Python'}")
    return "\n".join(lines)


def _install(requirements: Sequence[str], folder: Path) -> Path:
    python = folder / "bin" / "python"
    subprocess.run([_uv(), "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    if requirements:
        install = [_uv(), "pip", "install", "--quiet", "--compile-bytecode", "--refresh-package", "logcenter-sdk"]
        subprocess.run([*install, "--python", str(python), *requirements], check=True)
    return python


def _uv() -> str:
    return shutil.which("uv") or sys.exit("uv is missing; `pip install uv`")
