"""Projects in a real browser: what waits for a report turns, code is copied, and everybody can use the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from support.collector import Collector
from support.sending import a_report, fresh_project

Open = Callable[..., Any]
PATIENCE: Any = 15_000
"""Milliseconds: a busy machine may take long, and how long it takes is not what these tests are about."""
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def make_project(page: Page, collector: Collector) -> str:
    """Make a project by the form, and return its id; the page is then the one that connects it."""
    project = fresh_project()
    page.goto(f"{collector.dashboard_url}/projects?new")
    page.get_by_label("Id").fill(project)
    page.get_by_label("Name").fill(f"Shop {project}")
    page.get_by_role("button", name="Make the project").click()
    expect(page).to_have_url(f"{collector.dashboard_url}/projects/{project}/connect")
    return project


def test_what_waits_turns_green_when_the_first_report_comes_and_leads_to_it(
    open_tab: Open, shared_collector: Collector
) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    project = make_project(page, shared_collector)
    waiting = page.locator("[data-waiting-for]")
    expect(page.locator("[data-live-state=open]")).to_be_attached(timeout=PATIENCE)
    expect(waiting.get_by_role("heading", name="Waiting for the first report …")).to_be_visible()
    grey = waiting.evaluate("node => getComputedStyle(node).backgroundColor")

    shared_collector.report(a_report(fresh_project()))
    issue_id = shared_collector.report(a_report(project))["id"]

    expect(waiting.get_by_role("heading", name="The first report is here")).to_be_visible(timeout=PATIENCE)
    expect(waiting.get_by_role("heading", name="Waiting for the first report …")).to_be_hidden()
    assert grey != waiting.evaluate("node => getComputedStyle(node).backgroundColor")
    waiting.get_by_role("link", name="Open the issue").click()
    expect(page).to_have_url(f"{shared_collector.dashboard_url}/issues/{issue_id}")
    assert [] == tab.complaints


def test_a_project_that_reports_already_says_when_another_report_comes(
    open_tab: Open, shared_collector: Collector
) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    project = make_project(page, shared_collector)
    shared_collector.report(a_report(project))
    page.reload()
    expect(page.locator("[data-live-state=open]")).to_be_attached(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Reports arrive")).to_be_visible()

    issue_id = shared_collector.report(a_report(project, line_number=2))["id"]

    expect(page.get_by_role("heading", name="A report has just arrived")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-when=arrived] a")).to_have_attribute("href", f"/issues/{issue_id}")
    assert [] == tab.complaints


def test_the_button_of_the_test_report_is_answered_in_green(open_tab: Open, shared_collector: Collector) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    project = make_project(page, shared_collector)

    page.get_by_role("link", name="Kubernetes").click()
    page.get_by_role("button", name="Send a test report").click()

    expect(page.get_by_role("heading", name="Reports arrive")).to_be_visible()
    assert page.url.endswith(f"/projects/{project}/connect?app=kubernetes")
    assert [] == tab.complaints


def test_code_is_copied_as_it_stands(open_tab: Open, shared_collector: Collector) -> None:
    tab = open_tab(locale="en", permissions=CLIPBOARD)
    page = tab.page
    make_project(page, shared_collector)

    for app, file in (("Django", "settings.py"), ("JavaScript", "log-center.js")):
        page.get_by_role("link", name=app).click()
        for summary in page.locator(".steps summary").all():
            summary.click()
        step = page.locator(f".steps li:has([data-file='{file}'])")
        step.get_by_role("button", name="Copy").click()
        expect(step.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert page.locator(f"[data-file='{file}'] code").text_content() == copied
        assert "\n" in copied
    assert [] == tab.complaints


def test_without_script_a_project_is_made_found_and_seen_to_report(open_tab: Open, shared_collector: Collector) -> None:
    page = open_tab(locale="en", java_script_enabled=False).page
    project = make_project(page, shared_collector)
    expect(page.get_by_role("heading", name="Waiting for the first report …")).to_be_visible()
    page.get_by_text("curl", exact=True).click()
    expect(page.locator("[data-file='report.sh']")).to_contain_text(project)

    shared_collector.report(a_report(project))
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="Reports arrive")).to_be_visible()
    page.goto(f"{shared_collector.dashboard_url}/projects")
    page.get_by_role("searchbox", name="Find a project").fill(f"shop {project}")
    page.get_by_role("button", name="Search", exact=True).click()

    expect(page.locator(".projects tbody tr")).to_have_count(1)
    expect(page.locator(".projects .open")).to_contain_text("1")


def test_a_name_is_changed_by_keyboard_alone(open_tab: Open, shared_collector: Collector) -> None:
    tab = open_tab(locale="en")
    page = tab.page
    project = make_project(page, shared_collector)

    page.goto(f"{shared_collector.dashboard_url}/projects/{project}")
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("The shop")
    page.keyboard.press("Tab")
    page.keyboard.type("https://git.example.org/team/shop")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The shop")
    assert "https://git.example.org/team/shop" == shared_collector.get(f"/api/v1/projects/{project}")["repo_url"]
    assert [] == tab.complaints


def spoil(page: Page) -> None:
    """Send settings that cannot be."""
    page.locator("#of-local_path").fill("here")
    page.keyboard.press("Enter")


PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "zh-CN"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{"locale": "en"}, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_the_pages_of_projects(
    open_tab: Open, shared_collector: Collector, scheme: str, options: dict[str, Any]
) -> None:
    project, long = fresh_project(), f"{fresh_project()}-{'x' * 40}"
    for each in (project, long):
        named = {"name": f"{each} " + "y" * 100, "description": "z" * 500}
        shared_collector.client.put(f"/api/v1/projects/{each}", json=named).raise_for_status()
    shared_collector.report(a_report(project))
    shared_collector.client.put(f"/api/v1/projects/{long}/doors", json={"requires_key": True}).raise_for_status()
    # Axe is put into the page, which the dashboard's own policy forbids.
    page = open_tab(color_scheme=scheme, bypass_csp=True, **options).page
    found: dict[str, Any] = {}
    looks: dict[str, tuple[str, Callable[[], object], str]] = {
        "list": ("/projects?new", lambda: None, ".projects"),
        "nothing": ("/projects?q=absent", lambda: None, ".empty"),
        "wrong": (f"/projects/{project}", lambda: spoil(page), ".error"),
        "connected": (f"/projects/{project}/connect?app=python", lambda: None, ".arrived"),
        "waiting": (f"/projects/{long}/connect?app=kubernetes", page.locator(".steps summary").click, "details[open]"),
        "made": (f"/projects/{long}/connect?app=curl", page.locator("form[action$='/key'] button").click, ".made"),
    }
    for name, (path, begin, shown) in looks.items():
        page.goto(f"{shared_collector.dashboard_url}{path}")
        begin()
        expect(page.locator(shown).first).to_be_visible()
        violations = Axe().run(page).response["violations"]
        found |= {f"{name} {each['id']}": [node["html"] for node in each["nodes"]][:3] for each in violations}
        if page.evaluate("() => document.documentElement.scrollWidth - innerWidth") > 0:
            found[f"{name} is too wide"] = page.url

    assert {} == found
