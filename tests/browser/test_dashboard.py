"""The dashboard in a real browser, of a real collector."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from attrs import frozen
from playwright.sync_api import expect

from support.browsers import in_every_browser
from support.collector import Collector

SCRIPT = "<script>document.title = 'stolen'</script><img src=x onerror=\"document.title = 'stolen'\">"
PHONE = {"viewport": {"width": 390, "height": 844}}
NO_SCRIPT = {"java_script_enabled": False}


@frozen
class Desk:
    """A project of its own in the collector that the tests share."""

    collector: Collector
    project: str

    @property
    def inbox(self) -> str:
        return f"{self.collector.dashboard_url}/?project={self.project}"

    def issue(self, issue_id: int) -> str:
        return f"{self.collector.dashboard_url}/issues/{issue_id}"

    def report(self, **fields: Any) -> int:
        error = {"type": "ValueError", "message": "no", "stack_trace": ["ValueError: no"]} | fields.pop("error", {})
        report = {"project_id": self.project, "environment": "production", "level": "ERROR", "error": error} | fields
        return int(self.collector.report(report)["id"])

    def history(self, issue_id: int) -> list[dict[str, Any]]:
        return list(self.collector.client.get(f"/api/v1/issues/{issue_id}/history").json()["items"])


@pytest.fixture
def desk(shared_collector: Collector) -> Desk:
    return Desk(shared_collector, f"shop-{uuid4().hex}")


@in_every_browser
def test_a_filter_is_chosen_from_a_menu_and_stands_in_the_url(open_tab: Callable[..., Any], desk: Desk) -> None:
    desk.report(error={"type": "CrashError"})
    desk.report(error={"type": "BuildError"}, source="cicd")
    tab = open_tab()

    tab.page.goto(desk.inbox)
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    tab.page.get_by_text("Source", exact=True).click()
    tab.page.get_by_role("link", name="Pipeline cicd").click()
    expect(tab.page.locator("tbody tr")).to_have_count(1)

    expect(tab.page.locator("tbody tr")).to_contain_text("BuildError")
    assert tab.page.url.endswith(f"/?q=project%3A{desk.project}+source%3Acicd")
    assert [] == tab.complaints


@in_every_browser
def test_the_search_box_finds_text_of_the_message(open_tab: Callable[..., Any], desk: Desk) -> None:
    desk.report(error={"message": "connection refused"})
    desk.report(error={"message": "division by zero", "line_number": 2})
    tab = open_tab()

    tab.page.goto(desk.inbox)
    box = tab.page.get_by_role("searchbox", name="Search")
    box.press("End")
    box.press_sequentially(" REFUSED")
    box.press("Enter")
    expect(tab.page.locator("tbody tr")).to_have_count(1)

    expect(tab.page.locator("tbody tr")).to_contain_text("connection refused")
    assert "+REFUSED" in tab.page.url


@pytest.mark.parametrize(
    ("browser", "options"),
    [("chromium", {}), ("chromium", PHONE), ("chromium", NO_SCRIPT), ("firefox", {})],
    ids=["desktop", "phone", "no script", "firefox"],
    indirect=["browser"],
)
def test_an_issue_is_moved_by_a_click_with_a_reason(
    open_tab: Callable[..., Any], desk: Desk, options: dict[str, Any]
) -> None:
    issue_id = desk.report()
    tab = open_tab(**options)

    tab.page.goto(desk.inbox)
    tab.page.get_by_role("link", name="ValueError no").click()
    tab.page.get_by_label("Reason").fill("seen on my machine")
    tab.page.get_by_label("Your name").fill("李雷")
    tab.page.get_by_role("button", name="VERIFYING").click()

    expect(tab.page.locator(".headline .pill")).to_have_text("Verifying")
    expect(tab.page.locator(".history")).to_contain_text("seen on my machine")
    expect(tab.page.get_by_label("Your name")).to_have_value("李雷")
    assert desk.issue(issue_id) == tab.page.url
    assert [("NEW", "VERIFYING", "seen on my machine", "李雷")] == [
        (change["from"], change["to"], change["reason"], change["actor"]) for change in desk.history(issue_id)
    ]
    assert [] == tab.complaints


@in_every_browser
def test_stored_markup_stays_text(open_tab: Callable[..., Any], desk: Desk) -> None:
    issue_id = desk.report(
        environment=SCRIPT,
        version=SCRIPT,
        error={"type": SCRIPT, "message": SCRIPT, "file_path": SCRIPT, "line_number": 1, "stack_trace": [SCRIPT]},
        context={SCRIPT: SCRIPT},
        frames=[{"file_path": SCRIPT, "context_line": SCRIPT, "locals": {SCRIPT: SCRIPT}}],
    )
    tab = open_tab()

    for address in (desk.inbox, desk.issue(issue_id)):
        tab.page.goto(address)
        expect(tab.page.get_by_text(SCRIPT).filter(visible=True).first).to_be_visible()
        assert "stolen" != tab.page.title()
        assert 0 == tab.page.locator("main img, main script").count()
    assert [] == tab.complaints


@in_every_browser
def test_the_language_is_switched_by_a_click_and_remembered(open_tab: Callable[..., Any], desk: Desk) -> None:
    desk.report()
    tab = open_tab(locale="en-GB")

    tab.page.goto(desk.inbox)
    expect(tab.page.get_by_role("columnheader", name="Last seen")).to_be_visible()
    tab.page.get_by_role("link", name="简体中文").click()
    expect(tab.page.get_by_role("columnheader", name="最近出现")).to_be_visible()
    assert desk.project in tab.page.url
    tab.page.get_by_role("link", name="ValueError no").click()

    expect(tab.page.get_by_role("heading", name="堆栈跟踪")).to_be_visible()
    assert [] == tab.complaints


@in_every_browser
def test_a_form_on_another_site_cannot_move_an_issue(open_tab: Callable[..., Any], desk: Desk) -> None:
    issue_id = desk.report()
    tab = open_tab()

    tab.page.set_content(
        f'<form method="post" action="{desk.issue(issue_id)}/transitions">'
        '<input name="to" value="VERIFYING"><button>Win a prize</button></form>'
    )
    tab.page.get_by_role("button").click()

    expect(tab.page.get_by_role("heading")).to_have_text("This form was not sent from here")
    assert [] == desk.history(issue_id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_asks_this_server_only_and_fits_a_phone(
    open_tab: Callable[..., Any], desk: Desk, scheme: str
) -> None:
    long_name = "a_very_long_name_without_any_space_" * 6
    issue_id = desk.report(
        error={"type": long_name, "message": long_name, "file_path": long_name, "stack_trace": [long_name]},
        context={long_name: {long_name: long_name}},
    )
    tab = open_tab(color_scheme=scheme, **PHONE)

    for address in (desk.inbox, desk.issue(issue_id), f"{desk.inbox}&q=absent"):
        tab.page.goto(address)
        assert 390 == tab.page.evaluate("document.documentElement.scrollWidth")

    assert [] == [url for url in tab.asked if not url.startswith(f"{desk.collector.dashboard_url}/")]
    assert [] == tab.complaints


@in_every_browser
def test_what_a_page_does_wrong_is_noted(open_tab: Callable[..., Any], desk: Desk) -> None:
    tab = open_tab()
    tab.page.goto(desk.inbox)
    assert [] == tab.complaints

    with tab.page.expect_event("pageerror"):
        tab.page.evaluate("setTimeout(() => { throw new Error('slipped') })")
    tab.page.evaluate("console.error('moaned')")
    tab.page.evaluate("document.body.setAttribute('onclick', 'void 0')")
    tab.page.locator("body").click(position={"x": 1, "y": 1})
    tab.page.evaluate("console.error('the last')")

    slipped, moaned, forbidden, last = tab.complaints
    assert ("slipped", "moaned", "the last") == (slipped, moaned, last)
    assert "script-src 'self'" in forbidden
