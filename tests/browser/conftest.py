"""A real Chromium, a place to serve applications from, and tabs that remember what went wrong.

These tests are plain functions: Playwright's sync API has a loop of its own and bears no other beside it.
"""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn
from attrs import Factory, define
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

_ARGUMENTS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]
_HOW_TO_GET_ONE: Final = (
    "no Chromium found: install one (Debian: apt-get install chromium; elsewhere: playwright install chromium) "
    "or name it in LOG_CENTER_CHROMIUM"
)
_START_SECONDS: Final = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


# Not longer than this folder's tests: while Playwright runs, no asyncio test can.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        executable = _find_chromium(playwright)
        if executable is None:
            if os.environ.get("LOG_CENTER_REQUIRE_BROWSERS") == "1":
                pytest.fail(_HOW_TO_GET_ONE)
            pytest.skip(_HOW_TO_GET_ONE)
        browser = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        yield browser
        browser.close()


def _find_chromium(playwright: Playwright) -> str | None:
    if named := os.environ.get("LOG_CENTER_CHROMIUM"):
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@define(slots=False)
class Tab:
    """A page of the browser, with what it complained about and whom it asked."""

    page: Page
    complaints: list[str] = Factory(list)
    asked: list[str] = Factory(list)
    """The URL of every request that left the page."""

    def watch(self) -> None:
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Open a tab in a fresh profile; options as of Playwright's ``Browser.new_context``."""
    contexts = []

    def open_tab(**options: Any) -> Tab:
        context = browser.new_context(**options)
        contexts.append(context)
        tab = Tab(context.new_page())
        tab.watch()
        return tab

    yield open_tab
    for context in contexts:
        context.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serve an ASGI application on a free port of this machine and return its address."""
    stops: list[Callable[[], None]] = []

    def serve(application: Any) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, ws="none", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        stops.append(lambda: _stop(server, thread))
        _wait_for(server)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for stop in stops:
        stop()


def _wait_for(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)


def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(_START_SECONDS)
