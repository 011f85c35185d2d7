"""Processes that use one SDK each: started in its environment, bounded in time, heard to their last line."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

HERE: Final = Path(__file__).parent


@frozen
class Ended:
    """How a process ended, and what it said."""

    said: list[dict[str, Any]]
    seconds: float
    """From its start to its end."""
    at: float
    """When it ended, on the monotonic clock that all processes share."""
    code: int | None
    """None: it did not end in time and was killed."""
    stderr: str = field(repr=False)

    def the(self, event: str) -> dict[str, Any]:
        """Return what it said of an event. Raises LookupError with its errors if it did not come that far."""
        for line in self.said:
            if line["event"] == event:
                return line
        raise LookupError(f"it said no {event!r}; exit code {self.code}: {self.stderr[-2_000:]}")

    def find(self, event: str) -> dict[str, Any]:
        """Return what it said of an event, if it did."""
        return next((line for line in self.said if line["event"] == event), {})


class Child:
    """A running process with one SDK."""

    def __init__(self, python: Path, script: str, *arguments: object, home: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="logcenter-bench-")
        home = home or Path(self._folder.name)
        command = [str(python), "-P", "-W", "ignore", str(HERE / "children" / f"{script}.py"), *map(str, arguments)]
        self._output = Path(self._folder.name, "stdout")
        self._errors = Path(self._folder.name, "stderr")
        self._begin = time.monotonic()
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=errors, env=surroundings(home), cwd=home, start_new_session=True
            )

    def said(self) -> list[dict[str, Any]]:
        """Return what it said so far."""
        return list(events(self._output.read_text(encoding="utf-8")))

    def wait_for(self, event: str, seconds: float) -> dict[str, Any]:
        """Wait until it says something. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in self.said():
                if line["event"] == event:
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise TimeoutError(f"it said no {event!r}: {self._errors.read_text(errors='replace')[-2_000:]}")

    def ended(self, seconds: float) -> Ended:
        """Wait until it ends, at most so long, and return how."""
        try:
            code: int | None = self.process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            code = None
        at = time.monotonic()
        self.kill()
        result = Ended(self.said(), at - self._begin, at, code, self._errors.read_text(errors="replace"))
        self._folder.cleanup()
        return result

    def kill(self) -> None:
        """End it and all processes that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def run(python: Path, script: str, *arguments: object, seconds: float, home: Path | None = None) -> Ended:
    """Run a child to its end."""
    return Child(python, script, *arguments, home=home).ended(seconds)


def surroundings(home: Path) -> dict[str, str]:
    """Return the environment of a child: nothing of ours that an SDK could read, and a home folder of its own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "PYTHONPATH": str(HERE),
        "PYTHONHASHSEED": "0",
        "ENVIRONMENT": "production",
    }


def events(output: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of a child that are complete; what others print between them is none of ours."""
    for line in output.splitlines(keepends=True):
        if line.startswith('{"event"') and line.endswith("}\n"):
            yield json.loads(line)
