"""Server-sent events over real HTTP, and a dashboard of the test's own process that sends them."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
import uvicorn
from attrs import define, field, frozen

from logcenter_collector.app import utc_now
from logcenter_collector.server import listen
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Identify
from logcenter_collector.web.ui.live import Live
from support.dashboards import dashboard_for
from support.doors import anyone

_PATIENCE: Final = 20.0
"""Seconds without a word after which a test fails; a heartbeat comes every 15."""


@frozen
class Event:
    """One event of a stream."""

    name: str
    value: Any
    number: int


@define
class Events:
    """A stream that is being read."""

    response: httpx.Response
    _lines: Iterator[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._lines = self.response.iter_lines()

    def __iter__(self) -> Iterator[Event]:
        """Yield the events until the stream ends."""
        found: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line:
                found[name] = value
            elif "event" in found:
                yield Event(found["event"], json.loads(found["data"]), int(found["id"]))
                found = {}

    def next(self, name: str) -> Event:
        """Return the next event of a name."""
        return next(event for event in self if event.name == name)

    def wait_for_row(self, issue_id: int, **shown: object) -> dict[str, Any]:
        """Return the next row of an issue that shows this: what is told twice is told twice."""
        rows = (row for event in self if event.name == "issues" for row in event.value)
        return next(row for row in rows if row["id"] == issue_id and shown.items() <= row.items())

    def wait_for_comment(self) -> str:
        """Return the next comment."""
        return next(line for line in self._lines if line.startswith(":"))

    def wait_until_open(self) -> None:
        """Wait until what happens from now on is told: a stream begins with how soon to come back."""
        assert next(self._lines).startswith("retry:")


@contextmanager
def events(url: str, **parameters: Any) -> Iterator[Events]:
    """Listen to a dashboard; parameters as of ``/live``."""
    headers = {"Last-Event-ID": f"{parameters.pop('last_event_id')}"} if "last_event_id" in parameters else {}
    with (
        httpx.Client(timeout=_PATIENCE, trust_env=False) as client,
        client.stream("GET", f"{url}/live", params=parameters, headers=headers) as response,
    ):
        yield Events(response.raise_for_status())


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, which no event tells."""
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@define
class Served:
    """A dashboard in a thread of its own."""

    url: str
    pages: Live


@contextmanager
def serving(store: SqlStore, identify: Identify = anyone, **live: float) -> Iterator[Served]:
    """Serve a store's dashboard; ``live`` as fields of ``Live``."""
    app = dashboard_for(store, identify, clock=utc_now)
    for name, value in {"look_seconds": 0.05, **live}.items():
        setattr(app.state.pages, name, value)
    with listen("127.0.0.1", 0) as socket:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([socket])))
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{socket.getsockname()[1]}", app.state.pages)
        finally:
            server.should_exit = True
            thread.join()
