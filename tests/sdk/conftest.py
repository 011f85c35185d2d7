import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import logcenter_sdk
from logcenter_sdk import boundary, client
from logcenter_sdk.settings import present_settings
from sdk.fake_collector import FakeCollector

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def collector() -> Iterator[FakeCollector]:
    server = FakeCollector()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def sdk_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The tests' own environment configures nothing, bugs of the SDK show, and each test leaves it as it was."""
    for name in list(os.environ):
        if name.startswith(("LOG_CENTER_", "GITHUB_")) or name == "ENVIRONMENT" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(boundary, "raise_bugs", True)
    yield
    logcenter_sdk.uninstall_hook()
    logcenter_sdk.close()
    boundary.set_debug(False)


@pytest.fixture
def installed(collector: FakeCollector) -> Iterator[FakeCollector]:
    """A collector that this process reports to, as the project ``shop``, without hooks in the tests' interpreter."""
    settings = present_settings(project_id="shop", url=collector.url, spool=False)
    client.configure(settings)
    yield collector
    client.close(1)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program in a process of its own; ``{url}`` in it is replaced by the keyword of that name."""

    def run_program(
        code: str, *flags: str, python: str = sys.executable, env: dict[str, str] | None = None, **words: Any
    ) -> subprocess.CompletedProcess[str]:
        program = tmp_path / "program.py"
        text = textwrap.dedent(code)
        for word, value in words.items():
            text = text.replace("{" + word + "}", str(value))
        program.write_text(text, encoding="utf-8")
        return subprocess.run(
            [python, *flags, str(program)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
        )

    return run_program
