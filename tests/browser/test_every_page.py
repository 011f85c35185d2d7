"""Every page of the dashboard, once in each look: what a browser, axe-core and a reader would find wrong with it.

The walk visits each page once and writes down all that it finds; the tests say of what there must be nothing.
"""

import gzip
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import httpx
import pytest
from attrs import Factory, define, field
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from logcenter_collector.web.ui.languages import catalogue
from support.stocked import PROJECT, Stocked, stocked

HTML_BYTES: Final = 60_000
SCRIPT_BYTES: Final = 40_000
_DESKTOP: Final = {"width": 1280, "height": 800}
_PHONE: Final = {"width": 360, "height": 740}
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {"viewport": _DESKTOP, "color_scheme": "light", "locale": "en"},
    "dark phone in Chinese": {"viewport": _PHONE, "color_scheme": "dark", "locale": "zh-CN"},
    "no script": {"viewport": _PHONE, "color_scheme": "light", "locale": "en", "java_script_enabled": False},
}
WATCH: Final = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(event.violatedDirective + " " + event.blockedURI));
"""
OPEN_ALL: Final = "() => { for (const part of document.querySelectorAll('details:not(.menu)')) part.open = true; }"
TOO_WIDE: Final = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""
WORDS: Final = """() => {
  const said = new Set();
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const apart = texts.currentNode.parentElement.closest("code, pre, kbd, script, .log .details, [lang=en]");
    if (!apart || apart === document.documentElement) said.add(texts.currentNode.data.replace(/\\s+/g, " ").trim());
  }
  const names = ["placeholder", "aria-label", "title", "alt", "data-copy", "data-copied"];
  for (const one of document.querySelectorAll(names.map((name) => `[${name}]`))) {
    for (const name of names) {
      if (one.hasAttribute(name)) said.add(one.getAttribute(name).replace(/\\s+/g, " ").trim());
    }
  }
  return [...said];
}"""
"""What a page says to its readers, but for code and for the words of records in the audit log."""


@define
class Findings:
    """What was found, by the page it was found on."""

    stocked: Stocked
    complaints: dict[str, list[str]] = Factory(dict)
    asked_elsewhere: dict[str, list[str]] = Factory(dict)
    against_policy: dict[str, list[str]] = Factory(dict)
    too_wide: dict[str, list[str]] = Factory(dict)
    inaccessible: dict[str, dict[str, list[str]]] = Factory(dict)
    words: dict[str, list[str]] = Factory(dict)
    html_bytes: dict[str, int] = Factory(dict)
    script_bytes: dict[str, int] = Factory(dict)
    content: dict[str, int] = Factory(dict)
    """How many characters the main part of a page has."""

    def add(self, kind: str, place: str, found: Any) -> None:
        """Write down what was found, if it was anything."""
        if found:
            getattr(self, kind)[place] = found


@define(slots=False)
class Walk:
    """A tab that goes from page to page and writes down what it finds."""

    page: Page
    findings: Findings
    has_script: bool
    heard: list[str] = field(factory=list)
    asked: list[str] = field(factory=list)

    @property
    def home(self) -> str:
        """Where the dashboard is."""
        return self.findings.stocked.collector.dashboard_url

    def listen(self) -> None:
        """Hear what the browser complains about, and whom it asks."""
        self.page.add_init_script(WATCH)
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.heard.append(said.text)

    def visit(self, path: str) -> None:
        """Look at a page with everything open on it that can be opened."""
        self.heard.clear()
        self.asked.clear()
        answer = self.page.goto(self.home + path)
        assert answer is not None
        self.page.evaluate(OPEN_ALL)
        self.look(path)
        add, page = self.findings.add, self.page
        add("html_bytes", path, len(gzip.compress(answer.body(), 6)))
        sources = page.evaluate("() => [...document.scripts].map((script) => script.src)")
        add("script_bytes", path, sum(map(gzipped_size, sources)))
        add("words", path, page.evaluate(WORDS))
        add("content", path, len(page.locator("main").inner_text()))
        add("complaints", path, [text for text in self.heard if "responded with a status of 4" not in text])
        add("asked_elsewhere", path, [url for url in self.asked if not url.startswith(f"{self.home}/")])

    def look(self, place: str) -> None:
        """Write down what is wrong with what is on the screen."""
        self.findings.add("too_wide", place, self.page.evaluate(TOO_WIDE))
        if self.has_script:  # axe-core waits for timers, which are scripts
            self.findings.add("inaccessible", place, violations(self.page))
        self.findings.add("against_policy", place, self.page.evaluate("window.broken"))

    def open_each(self, path: str) -> None:
        """Look at a page with one of its menus and dialogs open at a time."""
        self.page.goto(self.home + path)
        menus = self.page.locator("main .menu > summary")
        for number in range(menus.count()):
            menus.nth(number).click()
            self.look(f"{path} menu {number}")
            menus.nth(number).click()
        for key in ("Control+k", "?"):
            self.page.keyboard.press(key)
            expect(self.page.locator("dialog[open]")).to_have_count(1)
            self.look(f"{path} {key}")
            self.page.keyboard.press("Escape")
            expect(self.page.locator("dialog[open]")).to_have_count(0)


def violations(page: Page) -> dict[str, list[str]]:
    """Return the rules of accessibility that a page breaks, and where."""
    found = Axe().run(page).response["violations"]
    return {rule["id"]: [node["html"][:160] for node in rule["nodes"]][:3] for rule in found}


@cache
def gzipped_size(url: str) -> int:
    """Return how large a script is on its way."""
    return len(gzip.compress(httpx.get(url, trust_env=False).raise_for_status().content, 6))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    with stocked(tmp_path_factory.mktemp("stocked")) as full:
        yield full


OPENED: Final = (f"/?q=project:{PROJECT}", "/issues/{python}")
OUTSIDE: Final = ("/", "/sign-in", "/nowhere")
"""What somebody sees who is not signed in."""


@pytest.fixture(scope="module", params=LOOKS)
def walk(request: pytest.FixtureRequest, chromium: Browser, full: Stocked) -> Findings:
    """What a walk through all pages finds, in one look."""
    look = LOOKS[request.param]
    context = chromium.new_context(**look)
    walk = Walk(context.new_page(), Findings(full), has_script=look.get("java_script_enabled", True))
    walk.listen()
    for path in OUTSIDE:
        walk.visit(path)
    context.add_cookies([{"name": "lc_session", "value": full.session, "url": full.collector.dashboard_url}])
    for path in full.pages:
        walk.visit(path)
    for path in OPENED if walk.has_script else ():
        walk.open_each(path.format(**full.issues))
    context.close()
    return walk.findings


def test_the_browser_complains_of_no_page(walk: Findings) -> None:
    assert {} == walk.complaints


def test_no_page_asks_another_server(walk: Findings) -> None:
    assert {} == walk.asked_elsewhere


def test_no_page_does_what_its_own_policy_forbids(walk: Findings) -> None:
    assert {} == walk.against_policy


def test_no_page_breaks_a_rule_of_accessibility(walk: Findings) -> None:
    assert {} == walk.inaccessible


def test_no_page_is_wider_than_its_window(walk: Findings) -> None:
    assert {} == walk.too_wide


def test_no_page_is_heavy(walk: Findings) -> None:
    assert {} == {path: size for path, size in walk.html_bytes.items() if size > HTML_BYTES}
    assert {} == {path: size for path, size in walk.script_bytes.items() if size > SCRIPT_BYTES}


def test_every_page_has_something_to_read(walk: Findings) -> None:
    assert {*OUTSIDE, *walk.stocked.pages} == walk.content.keys()
    assert {} == {path: size for path, size in walk.content.items() if size < 30}


SENTENCE: Final = re.compile(r"(?<![\w-])[A-Za-z]?[a-z]+ [a-z]+(?![\w-])")


def english_in(texts: list[str]) -> list[str]:
    """Return the texts that are those of the English catalogue and not of the Chinese one, or English otherwise."""
    english, chinese = catalogue("en").texts, catalogue("zh-CN").texts
    known = {english[key] for key in english if english[key] != chinese[key]} - set(chinese.values())
    return [text for text in texts if text in known or SENTENCE.search(text.replace("Log Center", ""))]


@pytest.mark.parametrize("walk", ["dark phone in Chinese"], indirect=True)
def test_no_english_is_left_on_a_page_in_chinese(walk: Findings) -> None:
    found = {path: english_in(texts) for path, texts in walk.words.items()}

    assert {} == {path: texts for path, texts in found.items() if texts}


@pytest.mark.parametrize("walk", ["light"], indirect=True)
def test_an_english_page_would_be_found_out(walk: Findings) -> None:
    assert [] == [path for path, texts in walk.words.items() if not english_in(texts)]
