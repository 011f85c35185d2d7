"""The whole way of an error, from its report to DEPLOYED: by mouse, and by keyboard with no mouse at all."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import pytest
from attrs import frozen
from playwright.sync_api import Locator, Page, expect

from support.browsers import in_every_browser
from support.collector import Collector
from support.sending import a_report

Open = Callable[..., Any]
ENGLISH: Final = {"locale": "en", "viewport": {"width": 1280, "height": 800}}
PATH: Final = ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED", "VERIFIED", "DEPLOYED")
FOCUS: Final = """() => {
  const at = document.activeElement;
  if (at === document.body) return "nowhere";
  const box = at.getBoundingClientRect();
  if (!(box.width && box.height && box.bottom > 0 && box.top < innerHeight)) return "off the screen: " + at.outerHTML;
  const styles = [at, ...at.querySelectorAll("rect")].map((one) => getComputedStyle(one));
  const hasEdge = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const isMarked = styles.some((style) => hasEdge(style) || style.boxShadow !== "none" || style.stroke !== "none");
  return at.matches(":focus-visible") && isMarked ? "" : "not to be seen: " + at.outerHTML;
}"""
"""What is wrong with where the focus is; nothing if somebody who looks can see it."""


@frozen
class Keyboard:
    """Hands that never touch the mouse, and eyes that want to see where they are."""

    page: Page

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        self.page.wait_for_load_state()  # whoever sees a page come up may press a key before its scripts are there
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str, *keys: str) -> None:
        """Type into what has the focus, and press keys."""
        assert self.page.evaluate(FOCUS) == ""
        self.page.keyboard.type(text)
        self.press(*keys)

    def tab_to(self, place: Locator, at_most: int = 20) -> None:
        """Press Tab until something has the focus."""
        for _ in range(at_most):
            self.press("Tab")
            assert self.page.evaluate(FOCUS) == ""
            if place.evaluate("place => place === document.activeElement"):
                return
        pytest.fail(f"{place} is not reached by {at_most} times Tab")


@pytest.fixture
def project() -> str:
    return f"way-{uuid4().hex}"


@pytest.fixture
def issue_id(shared_collector: Collector, project: str) -> int:
    shared_collector.report(a_report(project, type="Older", line_number=3))
    issue_id = int(shared_collector.report(a_report(project, type="Wanted", repo_url="https://github.com/a/b"))["id"])
    shared_collector.report(a_report(project, type="Newer", line_number=5))
    return issue_id


def statuses(collector: Collector, issue_id: int) -> list[str]:
    return [change["to"] for change in collector.get(f"/api/v1/issues/{issue_id}/history")["items"]]


@in_every_browser
def test_from_a_report_to_deployed_by_mouse(
    open_tab: Open, shared_collector: Collector, project: str, issue_id: int
) -> None:
    tab = open_tab(**ENGLISH)
    page = tab.page
    page.goto(shared_collector.dashboard_url)
    page.get_by_role("searchbox", name="Search").fill(f"project:{project}")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Wanted").click()

    for status in PATH:
        if status == "FIXED":
            page.get_by_text("Which fix?").click()
            page.get_by_label("Release").fill("1.4.3")
        page.get_by_role("button", name=status).click()
        expect(page.locator(".headline .wire")).to_have_text(status)
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name=project).click()

    expect(page.locator("tbody tr").filter(has_text="Wanted").locator(".wire")).to_have_text("DEPLOYED")
    assert [*PATH] == statuses(shared_collector, issue_id)
    assert [] == tab.complaints


@in_every_browser
def test_from_a_report_to_deployed_by_keyboard_alone(
    open_tab: Open, shared_collector: Collector, project: str, issue_id: int
) -> None:
    tab = open_tab(**ENGLISH)
    page, keyboard = tab.page, Keyboard(tab.page)
    reason, now = page.locator("#move [name=reason]").first, page.locator(".headline .wire")
    page.goto(shared_collector.dashboard_url)
    keyboard.press("/")
    keyboard.write(f"project:{project}", "Enter")
    expect(page.locator("tbody tr")).to_have_count(3)
    keyboard.press("j", "j")
    expect(page.get_by_role("link", name="Wanted")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Wanted")).to_be_visible()

    keyboard.press("m")  # the first step by its button, as without any keys of ours
    keyboard.write("seen here too")
    keyboard.tab_to(page.get_by_role("button", name="VERIFYING"))
    keyboard.press("Enter")
    expect(now).to_have_text("VERIFYING")
    expect(page.get_by_role("heading", name="Next step")).to_be_focused()  # one is where one was
    keyboard.tab_to(reason, 1)
    keyboard.write("it is ours", "Control+Enter")
    expect(now).to_have_text("PENDING_FIX")
    keyboard.tab_to(page.get_by_role("button", name="FIXING"))
    keyboard.press("Space")
    expect(now).to_have_text("FIXING")
    keyboard.tab_to(page.locator("#move summary").first)
    keyboard.press("Space")
    keyboard.tab_to(page.get_by_label("Release"))
    keyboard.write("1.4.3", "Enter")
    expect(now).to_have_text("FIXED")
    for status in ("VERIFIED", "DEPLOYED"):
        keyboard.press("m")
        keyboard.write(f"now {status}", "Control+Enter")
        expect(now).to_have_text(status)

    assert [*PATH] == statuses(shared_collector, issue_id)
    assert "1.4.3" == shared_collector.issue(issue_id)["fix"]["version"]
    assert [] == tab.complaints


@in_every_browser
def test_an_issue_is_assigned_and_spoken_of_by_keys_and_the_next_one_is_a_key_away(
    open_tab: Open, shared_collector: Collector, project: str, issue_id: int
) -> None:
    tab = open_tab(**ENGLISH)
    page, keyboard = tab.page, Keyboard(tab.page)
    page.goto(f"{shared_collector.dashboard_url}/?q=project:{project}")
    keyboard.press("j", "j", "Enter")
    expect(page.get_by_role("heading", name="Wanted")).to_be_visible()

    keyboard.press("a")
    keyboard.write("mei", "Enter")
    expect(page.locator("#care .assignee")).to_contain_text("mei")
    keyboard.press("c")
    keyboard.write("It is the table of rates.", "Control+Enter")
    expect(page.locator(".comment")).to_contain_text("It is the table of rates.")
    expect(page.get_by_role("heading", name="Comments")).to_be_focused()
    keyboard.press("j")
    expect(page.get_by_role("heading", name="Older")).to_be_visible()
    keyboard.press("k")
    expect(page.get_by_role("heading", name="Wanted")).to_be_visible()
    keyboard.press("u")

    expect(page.get_by_role("link", name="Wanted")).to_be_focused()
    keyboard.press("j")
    expect(page.get_by_role("link", name="Older")).to_be_focused()
    assert "mei" == shared_collector.issue(issue_id)["assignee"]
    assert [] == tab.complaints


def test_occurrences_are_gone_through_by_keys(open_tab: Open, shared_collector: Collector, project: str) -> None:
    for step in ("one", "two", "three"):
        issue_id = shared_collector.report(a_report(project, context={"step": step}))["id"]
    page = open_tab(**ENGLISH).page
    page.goto(f"{shared_collector.dashboard_url}/issues/{issue_id}")

    for key, step in (("p", "two"), ("p", "one"), ("p", "one"), ("n", "two")):
        Keyboard(page).press(key)
        expect(page.locator(".context")).to_contain_text(step)


def test_an_issue_that_leaves_the_list_gives_the_focus_to_the_next(
    open_tab: Open, shared_collector: Collector, project: str, issue_id: int
) -> None:
    tab = open_tab(**ENGLISH)
    page, keyboard = tab.page, Keyboard(tab.page)
    page.goto(f"{shared_collector.dashboard_url}/?q=project:{project} status:NEW")

    keyboard.press("j", "j", "m")
    keyboard.press("Enter")

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("link", name="Older")).to_be_focused()
    assert "VERIFYING" == shared_collector.issue(issue_id)["status"]
    assert [] == tab.complaints


def test_a_refusal_gets_the_focus_and_what_was_typed_is_still_there(
    open_tab: Open, shared_collector: Collector, issue_id: int
) -> None:
    tab = open_tab(**ENGLISH)
    page, keyboard = tab.page, Keyboard(tab.page)
    page.goto(f"{shared_collector.dashboard_url}/issues/{issue_id}")
    shared_collector.move(issue_id, "VERIFYING")  # somebody was faster

    keyboard.press("m")
    keyboard.write("too late", "Control+Enter")

    expect(page.get_by_role("alert")).to_be_focused()
    assert page.evaluate(FOCUS) == ""
    expect(page.locator("#move [name=reason]").first).to_have_value("too late")


STOP: Final = """() => {
  const at = document.activeElement, last = window.stops.at(-1);
  if (at === document.body || at === window.stops[1]) return "around";
  window.stops.push(at);
  return last.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING ? "" : "back to " + at.outerHTML;
}"""
"""What is wrong with where Tab has led; ``around`` at the end."""


@pytest.mark.parametrize("path", ["/?q=project:{project}", "/issues/{issue}", "/overview?project={project}"])
def test_tab_goes_through_a_page_in_its_order_and_is_seen_at_every_stop(
    open_tab: Open, shared_collector: Collector, project: str, issue_id: int, path: str
) -> None:
    page = open_tab(**ENGLISH).page
    page.goto(shared_collector.dashboard_url + path.format(project=project, issue=issue_id))
    page.evaluate("() => { window.stops = [document.body]; }")
    wrong = []

    page.keyboard.press("Tab")
    while (step := page.evaluate(STOP)) != "around":
        wrong += [step, page.evaluate(FOCUS)]
        page.keyboard.press("Tab")

    assert {""} == set(wrong)
    assert page.evaluate("() => window.stops.at(-1).closest('main') !== null")
