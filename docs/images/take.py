"""Take the pictures of every page anew: ``uv run python docs/images/take.py``.

It fills a database with the showcase, starts a collector on it, signs in and walks through the pages, in both languages
and themes, on a desktop and on a phone, and writes the pages of the docs that show them. ``--folder`` puts the pictures
elsewhere, ``--only inbox`` takes those of one page.
"""

import argparse
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from attrs import frozen
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from showcase import PASSWORD, PERSON, fill

FOLDER: Final = Path(__file__).parent / "pages"
DOCS: Final = Path(__file__).parents[1]
LANGUAGES: Final = ("en", "zh-CN")
THEMES: Final = ("light", "dark")
DEVICES: Final[Mapping[str, ViewportSize]] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}
HIGHEST: Final = 2_400
"""Pixels of a picture's height: what is longer is cut."""
ARGUMENTS: Final = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
_ADDRESSES: Final = re.compile(r"API (http://\S+) .*dashboard (http://[^\s,]+),")


@frozen
class Shot:
    """A page, and what is pressed there before its picture is taken."""

    name: str
    title: str
    title_zh: str
    path: str
    press: tuple[str, ...] = ()
    """Keys, as Playwright calls them, which end on what the picture shows."""


SHOTS: Final = (
    Shot("inbox", "The inbox", "收件箱", "/"),
    Shot(
        "inbox-search",
        "A search with filters",
        "带筛选条件的搜索",
        "/?q=status:NEW,VERIFYING -level:WARNING project:shop_backend",
    ),
    Shot("inbox-wrong", "A search that is not understood", "无法理解的搜索", "/?q=status:OPEN colour:red"),
    Shot("inbox-empty", "A search that finds nothing", "没有结果的搜索", '/?q="no such thing"'),
    Shot("inbox-selected", "Issues that are selected", "选中的问题", "/", ("j", "x", "j", "x")),
    Shot("inbox-keys", "The keys", "键盘操作", "/", ("?",)),
    Shot("palette", "The palette", "快速前往", "/", ("Control+k",)),
    Shot("issue", "An issue of an application", "应用的问题", "/issues/{checkout}"),
    Shot("issue-regression", "An issue that came back", "再次出现的问题", "/issues/{numbers}"),
    Shot("issue-pipeline", "An issue of a pipeline", "流水线的问题", "/issues/{tests}"),
    Shot("issue-cluster", "An issue of a cluster", "集群的问题", "/issues/{memory}"),
    Shot("overview", "The overview", "概览", "/overview"),
    Shot("projects", "The projects", "项目", "/projects"),
    Shot("project", "The settings of a project", "项目设置", "/projects/shop_backend"),
    Shot("connect", "Connecting an application", "接入应用", "/projects/mobile_app/connect"),
    Shot("account", "Your account", "你的账号", "/account"),
    Shot("people", "Administration: people", "管理：人员", "/admin/people"),
    Shot("tokens", "Administration: tokens", "管理：令牌", "/admin/tokens"),
    Shot("doors", "Administration: doors of the projects", "管理：各项目的入口", "/admin/projects"),
    Shot("door", "Administration: the door of a project", "管理：一个项目的入口", "/admin/projects/shop_backend"),
    Shot("alarms", "Administration: alarms", "管理：告警", "/admin/alarms"),
    Shot("alarm-channel", "Administration: a channel", "管理：告警渠道", "/admin/alarms/channels/1"),
    Shot("alarm-rule", "Administration: a rule", "管理：告警规则", "/admin/alarms/rules/1"),
    Shot("deliveries", "Administration: the delivery log", "管理：发送记录", "/admin/alarms/deliveries"),
    Shot("storage", "Administration: storage", "管理：存储", "/admin/storage"),
    Shot("audit", "Administration: the audit log", "管理：审计日志", "/admin/audit"),
    Shot("problem", "A page that is not there", "不存在的页面", "/issues/999999"),
)
OUTSIDE: Final = (Shot("sign-in", "Signing in", "登录", "/sign-in"),)
"""What is seen by whoever is not signed in."""


def main() -> None:
    """Write a picture of every page in every way."""
    given = _parser().parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        issues = fill(Path(folder) / "showcase.db", datetime.now(UTC))
        with _serving(Path(folder) / "showcase.db") as dashboard, _chromium() as browser:
            for language in LANGUAGES:
                for theme in THEMES:
                    for device in DEVICES:
                        _walk(browser, dashboard, issues, given, (language, theme, device))
    if given.folder == FOLDER and not given.only:
        for language in LANGUAGES:
            write_gallery(language)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("--only", action="append", default=[], help="the name of a page; all where none is given")
    return parser


@contextmanager
def _serving(database: Path) -> Iterator[str]:
    """Serve a database for a while, and give the address of the dashboard."""
    command = [sys.executable, "-m", "logcenter_collector", "serve", "--port", "0", "--dashboard-port", "0"]
    process = subprocess.Popen(  # noqa: S603 - ours
        [*command, "--database-url", f"sqlite:///{database}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = next((match for line in process.stdout if (match := _ADDRESSES.search(line))), None)
        if found is None:
            raise SystemExit("The collector did not start; run `logcenter-collector serve` to see why.")
        yield found[2]
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Without a Chromium of the system, Playwright takes its own.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


def _walk(
    browser: Browser, dashboard: str, issues: Mapping[str, int], given: argparse.Namespace, way: tuple[str, str, str]
) -> None:
    language, theme, device = way
    context = browser.new_context(
        base_url=dashboard,
        viewport=DEVICES[device],
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        is_mobile=device == "phone",
    )
    page = context.new_page()
    for shots in (OUTSIDE, SHOTS):
        for shot in shots:
            if given.only and shot.name not in given.only:
                continue
            _take(page, shot, issues, language, given.folder / f"{shot.name}.{language}.{theme}.{device}.webp")
        if shots is OUTSIDE:
            _sign_in(page)
    context.close()


def _take(page: Page, shot: Shot, issues: Mapping[str, int], language: str, path: Path) -> None:
    address = shot.path.format(**issues)
    page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
    for key in shot.press:
        page.keyboard.press(key)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=not shot.press)))
    picture.crop((0, 0, picture.width, min(picture.height, HIGHEST))).save(path, quality=65, method=6)


def _sign_in(page: Page) -> None:
    page.goto("/sign-in?lang=en")
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_url("**/")


_INTRODUCTION: Final = {
    "en": (
        "# The pages in pictures",
        """Every page of the dashboard, taken of a shop that does not exist.
`uv run python docs/images/take.py` takes them anew and writes this page.""",
        "[简体中文](pages.zh-CN.md)",
    ),
    "zh-CN": (
        "# 页面截图",
        "控制台的每个页面，内容来自一家虚构的商店。`uv run python docs/images/take.py` 会重新截图并生成本页。",
        "[English](pages.md)",
    ),
}
_WAYS: Final = {
    "en": {"desktop": "desktop", "phone": "phone", "light": "light", "dark": "dark"},
    "zh-CN": {"desktop": "桌面", "phone": "手机", "light": "浅色", "dark": "深色"},
}


def gallery(language: str) -> str:
    """Return the page of the docs that shows the pictures in a language."""
    title, text, other = _INTRODUCTION[language]
    words, parts = _WAYS[language], [title, other, text]
    for shot in (*SHOTS, *OUTSIDE):
        heading = shot.title if language == "en" else shot.title_zh
        files = {
            f"{words[device]}, {words[theme]}": f"../images/pages/{shot.name}.{language}.{theme}.{device}.webp"
            for device in DEVICES
            for theme in THEMES
        }
        links = " · ".join(f"[{way}]({file})" for way, file in files.items())
        parts += [f"## {heading}", f"![{heading}]({next(iter(files.values()))})", links]
    return "\n\n".join(parts) + "\n"


def gallery_path(language: str) -> Path:
    """Return where the page of the docs is."""
    return DOCS / "reference" / ("pages.md" if language == "en" else f"pages.{language}.md")


def write_gallery(language: str) -> None:
    """Write the page of the docs that shows the pictures."""
    gallery_path(language).write_text(gallery(language), encoding="utf-8")


if __name__ == "__main__":
    main()
