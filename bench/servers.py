"""Servers of a bench as processes on free ports: a collector, the no-op. They are known from outside only."""

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import httpx
import msgspec
from attrs import define, field, frozen

from databases import Database

NOOP: Final = (sys.executable, str(Path(__file__).with_name("noop.py")))
COLLECTOR: Final = (sys.executable, "-m", "logcenter_collector", "serve", "--port", "0", "--dashboard-port", "0")
PROJECT: Final = "shop_backend"

_ADDRESS: Final = re.compile(r"API http://[^:\s]+:(\d+)\b(?:.*?dashboard http://[^:\s]+:(\d+)\b)?")
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 60


@define
class Server:
    """A running process that listens on a port of 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int
    dashboard_port: int | None
    client: httpx.Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=120, trust_env=False)

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    def stop(self) -> None:
        """End it as an operator does, and wait until its database is closed."""
        self.client.close()
        end(self.process)


def end(process: subprocess.Popen[Any]) -> None:
    """End a process of ours with SIGTERM, and with SIGKILL where that does not do."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=_STOP_SECONDS)
    finally:
        process.kill()


@contextmanager
def noop() -> Iterator[Server]:
    """Run the no-op."""
    with _running(NOOP) as server:
        yield server


@contextmanager
def collector(database_url: str, *flags: str) -> Iterator[Server]:
    """Run a collector on a database."""
    with _running((*COLLECTOR, "--database-url", database_url, *flags)) as server:
        yield server


def empty_bytes(database: Database) -> int:
    """Return the size of a database with our tables and nothing in them."""
    with collector(database.url):
        pass
    return database.size()


@contextmanager
def _running(command: Sequence[str]) -> Iterator[Server]:
    with tempfile.TemporaryFile() as output:  # a pipe that nobody empties would stop a process that says much
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            server = Server(process, *_ports(process, output))
            try:
                yield server
            finally:
                server.stop()
        finally:
            end(process)


def _ports(process: subprocess.Popen[bytes], output: IO[bytes]) -> tuple[int, int | None]:
    until = time.monotonic() + _START_SECONDS
    while True:
        output.seek(0)
        said = output.read().decode()
        if match := _ADDRESS.search(said):
            return int(match[1]), int(match[2]) if match[2] else None
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{process.args!r} does not serve: {said}")
        time.sleep(0.05)


@frozen
class Stored:
    """What the API says is stored."""

    issues: int
    occurrences: int


def stored(server: Server, project: str = PROJECT) -> Stored:
    """Return the issues of a project and the sum of their counts, read page by page from the API."""
    issues, occurrences, cursor = 0, 0, None
    while True:
        page = _page(server, project, cursor)
        issues += len(page.items)
        occurrences += sum(item.occurrence_count for item in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return Stored(issues, occurrences)


class _Item(msgspec.Struct):
    occurrence_count: int


class _Page(msgspec.Struct):
    items: list[_Item]
    next_cursor: str | None


def _page(server: Server, project: str, cursor: str | None) -> _Page:
    parameters = {"project_id": project, "limit": "200", "sort": "first_seen", **({"cursor": cursor} if cursor else {})}
    response = server.client.get("/api/v1/issues", params=parameters).raise_for_status()
    return msgspec.json.decode(response.content, type=_Page)
