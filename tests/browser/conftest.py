"""A real Chromium, a real Firefox, and tabs that remember what went wrong.

These tests are plain functions: Playwright's sync API has a loop of its own and bears no other beside it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import Factory, define
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from support.browsers import ONLY_IN_CHROMIUM, launch_chromium, launch_firefox

# Only what does not happen takes so long: on a busy machine a page may answer a key after more than the usual five.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


# For one module and no longer: while Playwright's loop runs, no other can, and no asyncio test.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    browser = launch_firefox(playwright)
    yield browser
    browser.close()


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Browser:
    """Chromium, or the browser that ``in_every_browser`` asks for; started by the first test that needs it."""
    browser: Browser = request.getfixturevalue(getattr(request, "param", "chromium"))
    return browser


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
        if browser.browser_type.name == "firefox" and (unheard := ONLY_IN_CHROMIUM & options.keys()):
            pytest.fail(f"a stock Firefox would go on without {sorted(unheard)}: run this in Chromium only")
        context = browser.new_context(**options)
        contexts.append(context)
        tab = Tab(context.new_page())
        tab.watch()
        return tab

    yield open_tab
    for context in contexts:
        context.close()
