"""Whatever somebody reports, types or puts into an address stays text: no script, no policy broken, nothing asked out.

The pages are those of a real collector whose every field holds such a text; the browser says what it did with them.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from attrs import frozen
from playwright.sync_api import Error, Page

from support.browsers import in_every_browser
from support.collector import Collector, start
from support.faults import FULL_SIZE
from support.payloads import ADDRESSES, PAYLOADS
from support.visiting import Guest

ADMIN = "an-administrator-s-token"
PROJECT = "hostile"
Open = Callable[..., Any]

WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(event.violatedDirective + " " + event.blockedURI));
"""
RAN = "({ pwned: window.pwned === undefined ? 0 : 1, broken: window.broken })"
NOTHING: dict[str, Any] = {"pwned": 0, "broken": []}
STRANGE = """() => {
  const tags = "script img svg:not(.bars,.spark) iframe style object embed base meta video math marquee template"
    .split(" ");
  const odd = (one) => one.name.startsWith("on") || one.name === "srcdoc" || one.name === "style";
  const elsewhere = (form) => new URL(form.getAttribute("action") ?? "", location).origin !== location.origin;
  return [
    ...document.querySelectorAll(tags.map((tag) => "main " + tag).join()),
    ...[...document.querySelectorAll("*")].filter((one) => [...one.attributes].some(odd)),
    ...[...document.links].filter((link) => !["http:", "https:"].includes(link.protocol)),
    ...[...document.forms].filter(elsewhere),
  ].map((one) => one.outerHTML.slice(0, 200));
}"""
"""Elements that our pages have nowhere in what they show but for their own charts, links and forms that lead out."""


@frozen
class Hostile:
    """A collector that holds hostile texts, and the issues they are in."""

    collector: Collector
    issues: dict[str, int]

    @property
    def dashboard(self) -> str:
        return self.collector.dashboard_url


def reported(payload: str, number: int) -> dict[str, Any]:
    """Return a report that has a text in each field that takes one."""
    error = {"type": payload, "message": payload, "file_path": payload, "line_number": number}
    frame = {"file_path": payload, "function": payload, "module": payload, "line_number": 1, "in_app": True}
    frame |= {
        "context_line": payload,
        "pre_context": [payload],
        "post_context": [payload],
        "locals": {payload: payload},
    }
    context = {payload: payload, "job_name": payload, "step_name": payload, "deep": {payload: [payload]}}
    return {
        "project_id": PROJECT,
        "environment": payload,
        "level": "ERROR",
        "source": ("runtime", "cicd")[number % 2],
        "version": payload,
        "commit_hash": payload,
        "repo_url": payload,
        "error": error | {"stack_trace": [payload, f'File "{payload}", line {number}, in {payload}']},
        "context": context,
        "fingerprint": ["{{default}}", payload],
        "frames": [frame],
        "sdk": {"name": payload, "version": payload},
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    collector = start(folder / "logs.db", "--admin-token", ADMIN, "--keyless-reports")
    collector.client.headers["Authorization"] = f"Bearer {ADMIN}"
    issues = {payload: fill(collector, payload, number) for number, payload in enumerate(PAYLOADS, 1)}
    fill_pages_of_administrators(collector)
    yield Hostile(collector, issues)
    assert collector.stop() == 0


def fill(collector: Collector, payload: str, number: int) -> int:
    """Put a text into everything about one issue and its project, and return the issue."""
    issue_id = int(collector.report(reported(payload, number))["id"])
    fix = {"commit_hash": payload, "branch": payload, "version": payload, "pr_url": ADDRESSES[number % len(ADDRESSES)]}
    move = {"to": "FIXED", "force": True, "reason": payload, "actor": payload, "fix": fix}
    collector.client.post(f"/api/v1/issues/{issue_id}/transitions", json=move).raise_for_status()
    project = {"name": payload, "description": payload, "repo_url": payload}
    collector.client.put(f"/api/v1/projects/{PROJECT}", json=project).raise_for_status()
    collector.client.put(f"/api/v1/projects/{PROJECT}-{number}", json=project).raise_for_status()
    return issue_id


def fill_pages_of_administrators(collector: Collector) -> None:
    """Name tokens, keys, people and rules after what can be printed of the texts."""
    admin = Guest(collector.dashboard_url)
    assert 303 == admin.post("/sign-in/token", token=ADMIN).status_code
    for number, payload in enumerate(PAYLOADS):
        if payload.isprintable():
            token = {"name": payload, "scopes": ["read"]}
            collector.client.post("/api/v1/tokens", json=token).raise_for_status()
            collector.client.post(f"/api/v1/projects/{PROJECT}/keys", json={"name": payload}).raise_for_status()
        invited = admin.post("/admin/people", name=f"person-{number}", role="viewer", display_name=payload)
        assert 200 == invited.status_code
        if payload.isascii() and payload.isprintable():
            admin.client.headers["User-Agent"] = payload
        if payload in REFLECTED:  # a wrong password takes as long to check as a right one
            admin.post("/sign-in", name=payload, password=payload)
    fill_alarms(collector)
    rules = {"scrub_names": [payload for payload in PAYLOADS if payload.isprintable()][:20]}
    collector.client.put(f"/api/v1/projects/{PROJECT}-1/doors", json=rules).raise_for_status()


def watched(open_tab: Open) -> Any:
    """Open a tab that notes whatever runs, and what the page's policy forbids."""
    tab = open_tab()
    tab.page.add_init_script(WATCH)
    tab.page.on("dialog", lambda dialog: (tab.complaints.append(dialog.message), dialog.dismiss()))
    return tab


def fill_alarms(collector: Collector) -> None:
    """Name channels and rules after the texts; nothing is sent, for no rule listens to an environment that exists."""
    settings = {"url": 'https://hooks.example.org/a?x="><script>window.pwned=1</script>', "secret": "a secret of ours"}
    for payload in filter(str.isprintable, PAYLOADS):
        channel = {"name": payload, "kind": "webhook", "settings": settings}
        added = collector.client.post("/api/v1/alarms/channels", json=channel).raise_for_status().json()
        rule = {"name": payload, "trigger": "new_issue", "environments": [payload], "channel_ids": [added["id"]]}
        collector.client.post("/api/v1/alarms/rules", json=rule).raise_for_status()


@pytest.fixture
def open_hostile(open_tab: Open, hostile: Hostile) -> Callable[[], Any]:
    """Open a tab that is signed in as an administrator, and notes whatever runs."""

    def open_one() -> Any:
        tab = watched(open_tab)
        tab.page.goto(f"{hostile.dashboard}/sign-in")
        token = tab.page.locator("input[name=token]")
        tab.page.locator("details:has(input[name=token]) summary").click()
        token.fill(ADMIN)
        token.press("Enter")
        tab.page.wait_for_url(f"{hostile.dashboard}/")
        return tab

    return open_one


def assert_is_harmless(tab: Any, url: str) -> Page:
    """Open a page; nothing on it runs, breaks its policy, or is anything else than what our pages are made of."""
    page: Page = tab.page
    page.goto(url)
    assert NOTHING == page.evaluate(RAN), url
    assert [] == page.evaluate(STRANGE), url
    return page


def heard(tab: Any) -> list[str]:
    """Return what the browser complained about, but for answers that are meant to be refusals."""
    return [text for text in tab.complaints if "the server responded with a status of 4" not in text]


def asked_elsewhere(tab: Any, url: str) -> list[str]:
    """Return the requests that left for another server."""
    return [asked for asked in tab.asked if not asked.startswith(f"{url}/")]


def as_shown(payload: str) -> str:
    """Return a text as a page may show it: white space at its ends and in a row says nothing."""
    return " ".join(payload.replace("\0", "\ufffd").split())


@in_every_browser
def test_whatever_is_stored_is_shown_as_the_text_that_it_is(open_hostile: Open, hostile: Hostile) -> None:
    tab = open_hostile()

    for payload, issue_id in hostile.issues.items():
        page = assert_is_harmless(tab, f"{hostile.dashboard}/issues/{issue_id}")
        shown = " ".join(str(page.evaluate("document.body.textContent")).split())
        assert 10 <= shown.count(as_shown(payload)), payload
    assert [] == heard(tab)
    assert [] == asked_elsewhere(tab, hostile.dashboard)


LISTS = [
    "/",
    "/?project=hostile",
    "/admin",
    "/admin/people",
    "/admin/tokens",
    "/admin/projects",
    "/admin/audit",
    "/account",
]
LISTS += ["/admin/alarms", "/admin/alarms/channels/1", "/admin/alarms/rules/1", "/admin/alarms/rules/new"]
LISTS += [
    "/admin/alarms/deliveries",
    "/admin/alarms/channels/new",
    f"/admin/projects/{PROJECT}",
    f"/admin/projects/{PROJECT}-1",
]


def test_lists_and_pages_of_administrators_show_it_as_text(open_hostile: Open, hostile: Hostile) -> None:
    tab = open_hostile()

    for path in LISTS:
        page = assert_is_harmless(tab, hostile.dashboard + path)
        while (older := page.locator("a[rel=next]")).count():
            page = assert_is_harmless(tab, str(older.first.evaluate("link => link.href")))
        assert [] == heard(tab), path
    assert [] == asked_elsewhere(tab, hostile.dashboard)


REFLECTED = PAYLOADS if FULL_SIZE else PAYLOADS[::10]
REFLECTING = [
    "/?q={}",
    "/?project={}",
    "/?cursor={}",
    "/?status={}&lang={}",
    "/nope/{}",
    "/issues/{}",
    "/admin/projects/{}",
]
REFLECTING += ["/sign-in?next={}", "/sign-in/link?s={}", "/sign-in/oidc?next={}", "/admin/audit?cursor={}"]


def test_whatever_stands_in_an_address_is_not_run(open_hostile: Open, hostile: Hostile) -> None:
    tab = open_hostile()

    for address in REFLECTING:
        for payload in REFLECTED:
            assert_is_harmless(tab, hostile.dashboard + address.replace("{}", quote(payload, safe="")))
        assert [] == heard(tab), address
    assert [] == asked_elsewhere(tab, hostile.dashboard)


@in_every_browser
def test_what_was_typed_into_the_form_of_signing_in_comes_back_as_text(open_tab: Open, hostile: Hostile) -> None:
    tab = watched(open_tab)
    for payload in REFLECTED:
        tab.page.goto(f"{hostile.dashboard}/sign-in")
        tab.page.locator("input[name=name]").fill(payload)
        tab.page.locator("input[name=password]").first.fill("not the password")
        tab.page.locator("input[name=password]").first.press("Enter")
        tab.page.get_by_role("alert").wait_for()
        assert NOTHING == tab.page.evaluate(RAN)
        assert [] == tab.page.evaluate(STRANGE)
    assert [] == heard(tab)


DOCS = [
    "?url=https://evil.example/x.json",
    "?configUrl=data:text/json,{}",
    "?urls=%5B%5D",
    "#/<img src=x onerror=alert(1)>",
    "?docExpansion=<script>alert(1)</script>",
]


def test_the_page_of_the_api_takes_nothing_from_its_address(open_tab: Open, hostile: Hostile) -> None:
    tab = watched(open_tab)

    for more in DOCS:
        tab.page.goto(f"{hostile.collector.api_url}/docs{more}")
        tab.page.locator(".opblock").first.wait_for()
        assert NOTHING == tab.page.evaluate(RAN), more
        assert [] == heard(tab), more
    assert [] == asked_elsewhere(tab, hostile.collector.api_url)


def opened(tab: Any, url: str) -> bool:
    """Open an answer; False where the browser keeps it as a file instead of showing it."""
    try:
        tab.page.goto(url)
    except Error as error:
        if "Download is starting" not in str(error):
            raise
        return False
    return True


OF_THE_API = ["/nope/{}", "/api/v1/issues?limit={}", "/api/v1/projects/{}", "/api/v1/issues?cursor={}"]


def test_an_answer_of_the_api_is_no_page(open_tab: Open, hostile: Hostile) -> None:
    tab = watched(open_tab)

    for path in OF_THE_API:
        for payload in PAYLOADS[:3]:
            if not opened(tab, hostile.collector.api_url + path.replace("{}", quote(payload, safe=""))):
                continue
            assert 0 == tab.page.locator("script, img, svg, iframe").count()
            assert NOTHING == tab.page.evaluate(RAN)
    assert [] == heard(tab)
