"""An inbox that stays open, and the overview, in a real browser."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from attrs import frozen
from playwright.sync_api import Locator, Page, expect

from support.browsers import in_every_browser
from support.collector import Collector
from support.sending import a_report

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "color_scheme": "dark"}
PATIENCE: Any = 15_000
"""Milliseconds: a busy machine may take long, and how long it takes is not what these tests are about."""


@frozen
class Desk:
    """A project of its own in the collector that the tests share, and a tab that shows its inbox."""

    collector: Collector
    project: str
    page: Page

    def report(self, **changes: Any) -> int:
        return int(self.collector.report(a_report(self.project, **changes))["id"])

    def open(self, more: str = "") -> None:
        self.page.goto(f"{self.collector.dashboard_url}/?project={self.project}{more}")
        expect(self.page.locator("[data-live-state=open]")).to_be_attached(timeout=PATIENCE)

    def row(self, issue_id: int) -> Locator:
        return self.page.locator(f'[data-issue="{issue_id}"]')

    @property
    def bar(self) -> Locator:
        return self.page.locator("[data-live-bar]")


@pytest.fixture
def tab(open_tab: Callable[..., Any]) -> Any:
    return open_tab(locale="en")


@pytest.fixture
def desk(shared_collector: Collector, tab: Any) -> Desk:
    return Desk(shared_collector, f"live-{uuid4().hex}", tab.page)


@in_every_browser
def test_a_row_is_brought_up_to_date_where_it_stands(desk: Desk, tab: Any) -> None:
    first, second = desk.report(line_number=1), desk.report(line_number=2)
    desk.open()
    link = desk.row(first).locator("a").element_handle()
    assert link is not None

    desk.report(line_number=1, occurrences=1_999)
    expect(desk.row(first).locator(".number")).to_have_text("2,000", timeout=PATIENCE)

    rows = desk.page.locator("[data-issue]")
    assert [f"{second}", f"{first}"] == [row.get_attribute("data-issue") for row in rows.all()]
    assert link.evaluate("link => link.isConnected")
    expect(desk.bar).to_be_hidden()
    assert [] == tab.complaints


@in_every_browser
def test_a_move_by_somebody_else_is_seen_and_so_is_a_regression(desk: Desk, tab: Any) -> None:
    issue_id = desk.report()
    desk.open()

    desk.collector.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIXED")
    expect(desk.row(issue_id).locator(".pill-FIXED")).to_have_text("Fixed", timeout=PATIENCE)
    desk.report()
    expect(desk.row(issue_id).locator(".pill-NEW")).to_have_text("New", timeout=PATIENCE)

    expect(desk.row(issue_id).locator(".back")).to_have_text(re.compile("came back 1"))
    assert [] == tab.complaints


@in_every_browser
def test_new_issues_are_announced_in_a_bar_and_shown_by_a_click(desk: Desk, tab: Any) -> None:
    known = desk.report(line_number=1)
    desk.open("&q=users")

    new = desk.report(line_number=2)
    expect(desk.bar).to_have_text("1 new issue", timeout=PATIENCE)
    desk.report(line_number=3)
    expect(desk.bar).to_have_text("2 new issues", timeout=PATIENCE)
    expect(desk.page).to_have_title("(2) Inbox · Log Center")
    expect(desk.page.locator("[data-issue]")).to_have_count(1)
    desk.bar.click()

    expect(desk.page.locator("[data-issue]")).to_have_count(3)
    expect(desk.row(known)).to_be_visible()
    expect(desk.row(new)).to_be_visible()
    assert desk.page.url.endswith(f"?q=users+project%3A{desk.project}")
    assert [] == tab.complaints


def test_the_first_report_of_a_project_is_announced_on_its_empty_inbox(desk: Desk, tab: Any) -> None:
    desk.open()

    desk.report()

    expect(desk.bar).to_have_text("1 new issue", timeout=PATIENCE)
    assert [] == tab.complaints


@in_every_browser
def test_a_tab_that_comes_back_is_told_what_it_missed(desk: Desk, tab: Any) -> None:
    issue_id = desk.report()
    desk.open()
    desk.page.evaluate("() => { dispatchEvent(new PageTransitionEvent('pagehide')); }")
    expect(desk.page.locator("[data-live-state=open]")).not_to_be_attached()
    desk.report()
    desk.report(line_number=2)

    desk.page.evaluate("() => { dispatchEvent(new PageTransitionEvent('pageshow')); }")

    expect(desk.row(issue_id).locator(".number")).to_have_text("2", timeout=PATIENCE)
    expect(desk.bar).to_have_text("1 new issue", timeout=PATIENCE)
    assert [] == tab.complaints


@pytest.mark.parametrize("options", [{"locale": "en"}, PHONE, {"java_script_enabled": False}])
def test_the_overview_fits_its_window_and_complains_of_nothing(
    open_tab: Callable[..., Any], desk: Desk, options: dict[str, Any]
) -> None:
    name = "A" + "very" * 60 + "LongError"
    issue_id = desk.report(type=name, message="x" * 500, file_path="a/" * 100 + "b.py")
    tab = open_tab(**options)

    tab.page.goto(f"{desk.collector.dashboard_url}/overview?project={desk.project}")

    expect(tab.page.locator(f'a[href="/issues/{issue_id}"]').first).to_be_visible()
    expect(tab.page.locator("svg.bars")).to_be_visible()
    assert tab.page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert [] == tab.complaints
    assert all(url.startswith(desk.collector.dashboard_url) for url in tab.asked)


def test_what_waits_for_the_first_report_of_a_project_turns_when_it_comes(desk: Desk, tab: Any) -> None:
    desk.open()
    desk.page.evaluate(
        """project => {
          const waiting = document.createElement("p");
          waiting.dataset.waitingFor = project;
          waiting.innerHTML = '<span data-when="waiting">Waiting</span>'
            + '<a data-when="arrived" data-issue-link hidden>It is here</a>';
          document.querySelector("main").append(waiting);
        }""",
        desk.project,
    )

    issue_id = desk.report(type="ProjectInit")

    expect(desk.page.locator("[data-waiting-for].arrived a")).to_have_attribute(
        "href", f"/issues/{issue_id}", timeout=PATIENCE
    )
    expect(desk.page.locator("[data-when=arrived]")).to_be_visible(timeout=PATIENCE)
    expect(desk.page.locator("[data-when=waiting]")).to_be_hidden()
    assert [] == tab.complaints


SEEN = """() => [...document.querySelectorAll(".hidden, .hidden *")].filter(one => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return one === document.elementFromPoint(x + width / 2, y + height / 2);
}).map(one => one.outerHTML)"""


@in_every_browser
def test_what_is_for_screen_readers_alone_is_not_drawn(desk: Desk, tab: Any) -> None:
    desk.report()

    tab.page.goto(f"{desk.collector.dashboard_url}/overview?project={desk.project}")

    expect(tab.page.get_by_role("table", name="Occurrences by day")).to_be_attached()
    assert [] == tab.page.evaluate(SEEN)
