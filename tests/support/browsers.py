"""The browsers that pages are tried in: where they are, and what to install where one is missing."""

import os
import shutil
from pathlib import Path
from typing import Final, NoReturn

import pytest
from playwright.sync_api import Browser, Playwright

in_every_browser = pytest.mark.parametrize("browser", ["chromium", "firefox"], indirect=True)
"""Run a test of ``open_tab`` or ``browser`` in each browser instead of in Chromium alone."""

ONLY_IN_CHROMIUM: Final = frozenset(
    {"bypass_csp", "color_scheme", "has_touch", "is_mobile", "java_script_enabled", "reduced_motion"}
)
"""Options of a tab that Playwright takes for a stock Firefox and, saying nothing, does without."""

_HOW_TO_GET_ONE: Final = (
    "no {name} found: install one (Debian: apt-get install {package}; elsewhere: playwright install {browser}) "
    "or name it in {variable}"
)
_CHROMIUM_ARGUMENTS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]
_FIREFOX_SETTINGS: Final[dict[str, str | float | bool]] = {
    "ui.useOverlayScrollbars": 1,  # a scroll bar takes no room, as on a phone, and in Chromium without a screen
}


def launch_chromium(playwright: Playwright) -> Browser:
    """Start Chromium, or end the test by saying how to get one."""
    own = playwright.chromium.executable_path
    executable = _find("LOG_CENTER_CHROMIUM", "chromium", "chromium-browser", "google-chrome") or _existing(own)
    if executable is None:
        _miss(name="Chromium", package="chromium", browser="chromium", variable="LOG_CENTER_CHROMIUM")
    return playwright.chromium.launch(executable_path=executable, args=_CHROMIUM_ARGUMENTS)


def launch_firefox(playwright: Playwright) -> Browser:
    """Start Firefox, or end the test by saying how to get one."""
    # A stock Firefox speaks WebDriver BiDi, and Playwright to it under this channel. Its own build speaks a dialect.
    if stock := _find("LOG_CENTER_FIREFOX", "firefox-esr"):
        return playwright.firefox.launch(
            channel="moz-firefox", executable_path=stock, firefox_user_prefs=_FIREFOX_SETTINGS
        )
    if _existing(playwright.firefox.executable_path) is None:
        _miss(name="Firefox", package="firefox-esr", browser="firefox", variable="LOG_CENTER_FIREFOX")
    return playwright.firefox.launch(firefox_user_prefs=_FIREFOX_SETTINGS)


def _find(variable: str, *names: str) -> str | None:
    return os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)


def _existing(path: str) -> str | None:
    return path if Path(path).exists() else None


def _miss(**names: str) -> NoReturn:
    how = _HOW_TO_GET_ONE.format(**names)
    if os.environ.get("LOG_CENTER_REQUIRE_BROWSERS") == "1":
        pytest.fail(how)
    pytest.skip(how)
