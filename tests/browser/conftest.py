"""A real Chromium, and tabs that remember what went wrong.

These tests are plain functions: Playwright's sync API has a loop of its own and bears no other beside it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


# For one module and no longer: while Playwright's loop runs, no other can, and no asyncio test.
@pytest.fixture(scope="module")
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
