"""A real collector, started as a process on free ports."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field

_ADDRESSES = re.compile(r"API (http://\S+) .*dashboard (http://[^\s,]+),")


@define
class Collector:
    """A running ``logcenter-collector serve``."""

    process: subprocess.Popen[bytes]
    api_url: str
    dashboard_url: str
    database_url: str
    output: Path
    """What it said on stdout and stderr."""
    client: httpx.Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.api_url, timeout=30, trust_env=False)

    @property
    def database(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    def report(self, report: dict[str, Any]) -> dict[str, Any]:
        """Send a report, which must be taken, and return the answer."""
        response = self.post_report(report)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def post_report(self, body: object, **request: Any) -> httpx.Response:
        """Send what may be no report (bytes as they are, anything else as JSON) and return the response."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post("/api/v1/logs/report", content=content, **request)

    def report_batch(self, reports: list[Any]) -> httpx.Response:
        """Send a batch and return the response."""
        return self.client.post("/api/v1/logs/report/batch", content=json.dumps(reports).encode())

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        return self.client.get(path, params=parameters).raise_for_status().json()

    def move(self, issue_id: int, *statuses: str, **more: Any) -> dict[str, Any]:
        """Move an issue from status to status and return it; ``more`` goes with the last move."""
        for status in statuses:
            body = {"to": status, **(more if status == statuses[-1] else {})}
            response = self.client.post(f"/api/v1/issues/{issue_id}/transitions", json=body)
            assert response.status_code == 200, response.text
        return dict(response.json())

    def issue(self, issue_id: int) -> dict[str, Any]:
        """Return one issue."""
        return dict(self.client.get(f"/api/v1/issues/{issue_id}").raise_for_status().json())

    def issues(self, **parameters: Any) -> list[dict[str, Any]]:
        """Return the issues of one page."""
        return list(self.client.get("/api/v1/issues", params=parameters).raise_for_status().json()["items"])

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """End the process as Ctrl-C does, and return its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=20)
        finally:
            self.process.kill()


def start(database: Path | str, *flags: str, folder: Path | None = None) -> Collector:
    """Start a collector on free ports and return it when it answers.

    ``database`` is a file, or the URL of any database; with a URL, ``folder`` takes what the collector says.
    """
    url = f"sqlite:///{database}" if isinstance(database, Path) else database
    folder = database.parent if isinstance(database, Path) else folder
    assert folder is not None
    command = [sys.executable, "-m", "logcenter_collector", "serve", "--port", "0", "--dashboard-port", "0"]
    # Into a file and not a pipe: nobody empties a pipe, and a collector that logs much would wait for that.
    output = folder / f"collector-{time.monotonic_ns()}.log"
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen([*command, "--database-url", url, *flags], stdout=file, stderr=subprocess.STDOUT)
    collector = Collector(process, *_wait_for_addresses(process, output), url, output)
    _wait_until_it_answers(collector)
    return collector


def _wait_for_addresses(process: subprocess.Popen[bytes], output: Path) -> tuple[str, str]:
    deadline = time.monotonic() + 30
    while (match := _ADDRESSES.search(said := output.read_text(encoding="utf-8"))) is None:
        assert process.poll() is None, f"the collector ended with {process.poll()}: {said}"
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    return match[1], match[2]


def _wait_until_it_answers(collector: Collector) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            collector.client.get("/healthz").raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
