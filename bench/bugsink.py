"""Bugsink from PyPI, set up as its documentation says for a single server: gunicorn, snappea, SQLite.

Of the documentation three things are left out, all in its favour: nginx and TLS in front, the restart of workers after
a thousand requests, and the limit of a thousand events in five minutes.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
from attrs import frozen

from databases import bytes_of
from servers import end

REQUIREMENT: Final = "bugsink==2.6.*"

_CONFIGURATION: Final = """
BUGSINK["BASE_URL"] = "http://127.0.0.1"
BUGSINK["PHONEHOME"] = False
BUGSINK.update({f"MAX_EVENTS_{scope}{period}": 10**9
    for scope in ("", "PER_PROJECT_") for period in ("PER_5_MINUTES", "PER_HOUR", "PER_MONTH")})
"""
_CREATE_PROJECT: Final = """
from projects.models import Project
print("KEY", Project.objects.create(name="bench", retention_max_event_count=10**7).sentry_key.hex)
"""
_LISTENING: Final = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")
_POLL_SECONDS: Final = 0.2
_START_SECONDS: Final = 60


@frozen
class Bugsink:
    """A running Bugsink with one project."""

    folder: Path
    port: int
    key: str
    pids: tuple[int, ...]

    @property
    def path(self) -> str:
        """Where its project takes envelopes."""
        return f"/api/1/envelope/?sentry_key={self.key}"

    def wait_until_drained(self, seconds: float) -> int:
        """Wait until all that was accepted is digested, at most so long, and return how many events there are."""
        until = time.monotonic() + seconds
        while self._waiting() and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
        return self._count("db", "events_event")

    def _waiting(self) -> bool:
        """Whether tasks are queued, or events lie in the folder where they wait for their digestion."""
        ingestion = self.folder / "ingestion"
        return bool(self._count("snappea", "snappea_task")) or (ingestion.exists() and any(ingestion.iterdir()))

    def _count(self, database: str, table: str) -> int:
        with closing(sqlite3.connect(f"file:{self.folder / database}.sqlite3?mode=ro", uri=True, timeout=30)) as opened:
            (count,) = opened.execute(f"SELECT count(*) FROM {table}").fetchone()
            return int(count)


def install() -> Path:
    """Install Bugsink into a folder of its own in the user's cache, once, and return the folder of its commands."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logcenter-bench"
    commands = cache / "bugsink-2.6" / "bin"
    if not (commands / "bugsink-manage").exists():
        uv = shutil.which("uv") or sys.exit("uv is missing; `pip install uv`")
        subprocess.run([uv, "venv", "--quiet", "--clear", commands.parent], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", commands / "python", REQUIREMENT], check=True)
    return commands


def version(commands: Path) -> str:
    """Return the version that is installed."""
    return subprocess.run(
        [commands / "bugsink-show-version"], capture_output=True, text=True, check=True
    ).stdout.strip()


@contextmanager
def bugsink(commands: Path) -> Iterator[Bugsink]:
    """Set up and run a Bugsink with an empty database."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        key = _set_up(commands, folder)
        output = stack.enter_context((folder / "output.log").open("wb"))
        workers = 2 * len(os.sched_getaffinity(0)) + 1
        gunicorn = ["gunicorn", "--bind=127.0.0.1:0", f"--workers={workers}", "--access-logfile=-", "--capture-output"]
        pids = []
        for command in ([*gunicorn, "--error-logfile=-", "bugsink.wsgi"], ["bugsink-runsnappea"]):
            arguments = [str(commands / command[0]), *command[1:]]
            process = subprocess.Popen(arguments, cwd=folder, stdout=output, stderr=output)
            stack.callback(end, process)
            pids.append(process.pid)
        port = _port(folder / "output.log")
        # The socket listens long before a worker has read all its code.
        httpx.get(f"http://127.0.0.1:{port}/", timeout=_START_SECONDS, trust_env=False)
        yield Bugsink(folder, port, key, tuple(pids))


def database_bytes(folder: Path) -> int:
    """Return the bytes of its database with everything written back from the write-ahead log."""
    with closing(sqlite3.connect(folder / "db.sqlite3", timeout=30)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return bytes_of(folder, "db.sqlite3*")


def _set_up(commands: Path, folder: Path) -> str:
    """Do what the documentation says before the start, and return the key of a new project."""

    def run(command: str, *arguments: str) -> str:
        done = subprocess.run([commands / command, *arguments], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout

    run("bugsink-create-conf", "--template=singleserver", "--host=127.0.0.1", f"--base-dir={folder}")
    with (folder / "bugsink_conf.py").open("a", encoding="utf-8") as configuration:
        configuration.write(_CONFIGURATION)
    run("bugsink-manage", "migrate")
    run("bugsink-manage", "migrate", "snappea", "--database=snappea")
    return run("bugsink-manage", "shell", "-c", _CREATE_PROJECT).rpartition("KEY ")[2].strip()


def _port(log: Path) -> int:
    until = time.monotonic() + _START_SECONDS
    while (match := _LISTENING.search(said := log.read_text(encoding="utf-8"))) is None:
        if time.monotonic() > until:
            raise RuntimeError(f"Bugsink does not serve: {said}")
        time.sleep(0.1)
    return int(match[1])
