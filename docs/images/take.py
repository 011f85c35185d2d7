"""Take the pictures of the pages anew, from the dashboard of a running demo.

``uv run python examples/demo.py`` in one shell, ``uv run python docs/images/take.py http://localhost:8003`` in another.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def main(dashboard: str) -> None:
    """Write the inbox in each language beside this file."""
    with sync_playwright() as playwright:
        # Without a Chromium of the system, Playwright takes its own.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1200, "height": 460}, device_scale_factor=1.5)
        for language, name in (("en", "inbox.png"), ("zh-CN", "inbox.zh-CN.png")):
            page.goto(f"{dashboard}/?lang={language}")
            page.screenshot(path=FOLDER / name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
