"""The inbox in a real browser: by keyboard alone, several issues at once, saved views, and for everybody's senses."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect

from support.browsers import in_every_browser
from support.collector import Collector
from support.sending import a_report

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"}
ENGLISH = {"locale": "en"}
NO_SCRIPT = {"java_script_enabled": False, "locale": "en"}
Open = Callable[..., Any]


@pytest.fixture
def project() -> str:
    return f"inbox-{uuid4().hex}"


@pytest.fixture
def issues(shared_collector: Collector, project: str) -> list[int]:
    """Three issues, the latest first."""
    found = [shared_collector.report(a_report(project, line_number=line, type=f"Error{line}")) for line in (3, 2, 1)]
    return [int(each["id"]) for each in reversed(found)]


def go(page: Page, collector: Collector, project: str, more: str = "") -> None:
    page.goto(f"{collector.dashboard_url}/?q=project:{project}{more}")


def row(page: Page, issue_id: int) -> Locator:
    return page.locator(f'[data-issue="{issue_id}"]')


@in_every_browser
def test_the_way_through_the_inbox_by_keyboard_alone(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int]
) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    go(page, shared_collector, project)

    for key in "jxjxkj":
        page.keyboard.press(key)
    expect(page.locator("[data-selected]")).to_have_text("2 selected")
    expect(row(page, issues[1]).locator(".what a")).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.type("mei")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Assigned: 2")).to_be_visible()
    assert ["mei", "mei", None] == [shared_collector.issue(each)["assignee"] for each in issues]

    expect(row(page, issues[0]).locator(".what a")).to_be_focused()
    page.wait_for_load_state()
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Moved: 1")).to_be_visible()
    assert "VERIFYING" == shared_collector.issue(issues[0])["status"]

    page.keyboard.press("/")
    page.keyboard.press("End")
    page.keyboard.type(" status:VERIFYING")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{shared_collector.dashboard_url}/issues/{issues[0]}")
    assert [] == tab.complaints


@in_every_browser
def test_the_palette_leads_to_what_is_typed_and_the_keys_are_explained(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int]
) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    go(page, shared_collector, project)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type(f"#{issues[0]}")
    expect(page.get_by_role("option", name=f"Open issue #{issues[0]}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{shared_collector.dashboard_url}/issues/{issues[0]}")
    page.wait_for_load_state()

    page.keyboard.press("Control+k")
    page.keyboard.type("overv")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{shared_collector.dashboard_url}/overview")
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("connection refused")
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("connection refused")
    assert [] == tab.complaints


@pytest.mark.parametrize(
    ("browser", "options"),
    [("chromium", ENGLISH), ("chromium", NO_SCRIPT), ("firefox", ENGLISH)],
    ids=["script", "no script", "firefox"],
    indirect=["browser"],
)
def test_several_issues_are_moved_at_once_and_refused_ones_are_named(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int], options: dict[str, Any]
) -> None:
    tab = open_tab(**options)
    page = tab.page
    shared_collector.move(issues[2], "VERIFYING", "PENDING_FIX")
    go(page, shared_collector, project)

    for each in issues:
        row(page, each).get_by_role("checkbox").check()
    page.get_by_role("button", name="Move", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text(f"#{issues[2]} Error3: it is Waiting for a fix")
    expect(row(page, issues[2]).get_by_role("checkbox")).to_be_checked()
    assert ["VERIFYING", "VERIFYING", "PENDING_FIX"] == [shared_collector.issue(each)["status"] for each in issues]
    assert [] == [complaint for complaint in tab.complaints if "status of 409" not in complaint]


def test_all_on_the_page_are_selected_by_one_box(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int]
) -> None:
    page = open_tab(locale="en").page
    go(page, shared_collector, project)

    expect(page.get_by_role("button", name="Mute", exact=True)).to_be_hidden()
    page.get_by_label("Select all issues").check()
    page.get_by_role("button", name="Mute", exact=True).click()

    expect(page.get_by_text("No issue matches")).to_be_visible()
    assert all(shared_collector.issue(each)["muted_until"] for each in issues)


def test_a_search_is_saved_chosen_again_and_deleted(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int]
) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    go(page, shared_collector, project)
    views = page.get_by_role("navigation", name="Views")

    page.get_by_text("Save this view").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(project)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The view is saved.")).to_be_visible()
    views.get_by_role("link", name="All", exact=True).click()
    views.get_by_role("link", name=project).click()
    expect(page.locator("tbody tr")).to_have_count(len(issues))
    page.get_by_role("button", name=f"Delete the view {project}").click()

    expect(page.get_by_text("The view is deleted.")).to_be_visible()
    expect(views.get_by_role("link", name=project)).to_have_count(0)
    assert [] == tab.complaints


def test_a_chip_takes_its_filter_away(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int]
) -> None:
    page = open_tab(locale="en").page
    go(page, shared_collector, project, " Error2")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.get_by_role("link", name="Remove the filter Error2").click()

    expect(page.locator("tbody tr")).to_have_count(len(issues))
    expect(page).to_have_url(re.compile(f"q=project(:|%3A){project}$"))


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_what_is_done_with_several_issues_fits_a_phone(
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int], locale: str
) -> None:
    page = open_tab(**PHONE | {"locale": locale}).page
    go(page, shared_collector, project)

    row(page, issues[0]).get_by_role("checkbox").check()

    expect(page.locator(".bulk")).to_be_visible()
    assert 390 == page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{"locale": "en"}, PHONE], ids=["desktop", "phone"])
def test_no_rule_of_accessibility_is_broken(  # noqa: PLR0913, PLR0917 - fixtures
    open_tab: Open, shared_collector: Collector, project: str, issues: list[int], options: Any, scheme: str
) -> None:
    shared_collector.move(issues[0], "VERIFYING")
    # Axe is put into the page, which the dashboard's own policy forbids.
    tab = open_tab(color_scheme=scheme, bypass_csp=True, **options)
    page = tab.page
    found: dict[str, Any] = {}
    looks: dict[str, tuple[str, Callable[[], object]]] = {
        "inbox": (f"/?q=project:{project} -level:WARNING", page.locator("[name=id]").first.check),
        "menu": (f"/?q=project:{project}", page.locator(".menu summary").nth(1).click),
        "empty": (f"/?q=project:{project} absent", lambda: None),
        "wrong": ("/?q=statsu:NEW", lambda: None),
        "palette": ("/", lambda: page.keyboard.press("Control+k")),
        "keys": (f"/?q=project:{project}", lambda: page.keyboard.press("?")),
        "overview": (f"/overview?project={project}", lambda: None),
    }
    for name, (path, begin) in looks.items():
        page.goto(f"{shared_collector.dashboard_url}{path}")
        begin()
        violations = Axe().run(page).response["violations"]
        found |= {f"{name} {each['id']}": [node["html"] for node in each["nodes"]][:3] for each in violations}

    assert {} == found
