"""The page of an issue in a real browser: read, repair, copy."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from support.browsers import in_every_browser
from support.collector import Collector

SCRIPT = "<script>document.title = 'stolen'</script><img src=x onerror=\"document.title = 'stolen'\">"
PHONE = {"viewport": {"width": 390, "height": 844}}
FRAMES = [
    {
        "file_path": "shop/views.py",
        "line_number": 88,
        "function": "checkout",
        "in_app": True,
        "context_line": "total()",
    },
    {"file_path": "django/base.py", "line_number": 104, "function": "view", "in_app": False},
    {
        "file_path": "shop/cart.py",
        "line_number": 12,
        "function": "total",
        "in_app": True,
        "pre_context": ["def total(lines):"],
        "context_line": "    return rates[currency]",
        "locals": {"currency": "EUR"},
    },
]
PATH = ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED", "VERIFIED", "DEPLOYED")


@pytest.fixture
def report(shared_collector: Collector) -> Callable[..., int]:
    """Send a report of a project of its own and return the issue."""
    project = f"shop-{uuid4().hex}"

    def report(**fields: Any) -> int:
        error = {"type": "KeyError", "message": "'EUR'", "stack_trace": ["KeyError: 'EUR'"]} | fields.pop("error", {})
        known = {"project_id": project, "environment": "production", "level": "ERROR", "error": error}
        return int(shared_collector.report(known | fields)["id"])

    return report


def open_issue(page: Page, collector: Collector, issue_id: int, query: str = "") -> None:
    page.goto(f"{collector.dashboard_url}/issues/{issue_id}{query}")


@pytest.mark.parametrize(
    ("browser", "options"),
    [("chromium", {}), ("chromium", {"java_script_enabled": False}), ("firefox", {})],
    ids=["script", "no script", "firefox"],
    indirect=["browser"],
)
def test_an_issue_goes_the_whole_way_from_new_to_deployed_by_mouse(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int], options: dict[str, Any]
) -> None:
    issue_id = report(repo_url="https://github.com/acme/shop")
    tab = open_tab(**options)
    page = tab.page
    open_issue(page, shared_collector, issue_id)

    for status in PATH:
        page.get_by_label("Reason").fill(f"because of {status}")
        if status == "FIXED":
            page.get_by_text("Which fix?").click()
            page.get_by_label("Commit").fill("a81f3c0")
            page.get_by_label("Pull request").fill("#12")
        page.get_by_role("button", name=status).click()
        expect(page.locator(".headline .wire")).to_have_text(status)

    expect(page.locator(".station.is-done")).to_have_count(6)
    expect(page.locator(".station[aria-current=step]")).to_contain_text("Deployed")
    expect(page.locator(".facts").get_by_role("link", name="#12")).to_have_attribute(
        "href", "https://github.com/acme/shop/pull/12"
    )
    assert [*PATH] == [change["to"] for change in shared_collector.get(f"/api/v1/issues/{issue_id}/history")["items"]]
    assert [] == tab.complaints


@in_every_browser
def test_library_frames_are_folded_and_the_own_ones_are_open(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int]
) -> None:
    tab = open_tab()
    open_issue(tab.page, shared_collector, report(frames=FRAMES))

    expect(tab.page.get_by_text("return rates[currency]")).to_be_visible()
    expect(tab.page.get_by_role("row", name="currency EUR")).to_be_visible()
    expect(tab.page.get_by_text("django/base.py:104")).to_be_hidden()
    tab.page.get_by_text("1 frame of a library").click()

    expect(tab.page.get_by_text("django/base.py:104")).to_be_visible()
    assert [] == tab.complaints


def test_an_override_is_made_with_a_reason(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int]
) -> None:
    tab = open_tab()
    open_issue(tab.page, shared_collector, report())

    tab.page.get_by_text("Leave the path…").click()
    tab.page.get_by_label("Status").select_option("DEPLOYED")
    tab.page.get_by_label("Why? (needed)").fill("fixed long ago")
    tab.page.get_by_role("button", name="Override").click()

    expect(tab.page.locator(".headline .wire")).to_have_text("DEPLOYED")
    expect(tab.page.locator("ol.history")).to_contain_text("fixed long ago")
    assert [] == tab.complaints


@in_every_browser
def test_an_issue_is_assigned_muted_and_spoken_of(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int]
) -> None:
    tab = open_tab()
    page = tab.page
    open_issue(page, shared_collector, report())

    page.get_by_label("Assign to").fill("韩梅梅")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator(".care")).to_contain_text("韩梅梅 takes care of it.")
    page.locator("summary").get_by_text("Mute").click()
    page.get_by_label("Until so many more").fill("50")
    page.get_by_role("button", name="Mute", exact=True).click()
    expect(page.locator(".headline")).to_contain_text("muted")
    page.get_by_label("Say something").fill("It is the table of rates.")
    page.get_by_label("Signed by").fill("Ada")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".comment")).to_contain_text("It is the table of rates.")
    page.get_by_role("button", name="Delete").click()

    expect(page.locator(".comment")).to_have_count(0)
    assert [] == tab.complaints


def test_a_bar_and_the_steps_lead_to_occurrences(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int]
) -> None:
    for number in (1, 2, 3):
        issue_id = report(context={"step": f"step-{number}"})
    tab = open_tab()
    page = tab.page
    open_issue(page, shared_collector, issue_id)

    page.locator("svg.bars a").last.click()
    expect(page.locator("#occurrences")).to_contain_text("3 counted, 3 kept whole.")
    page.get_by_role("link", name="Previous").click()
    expect(page.locator(".context")).to_contain_text("step-2")
    page.get_by_role("link", name="First").click()

    expect(page.locator(".context")).to_contain_text("step-1")
    assert [] == tab.complaints


@in_every_browser
def test_an_issue_is_copied_as_markdown(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int]
) -> None:
    issue_id = report(frames=FRAMES)
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    open_issue(tab.page, shared_collector, issue_id)

    tab.page.get_by_role("button", name="Copy as Markdown").click()
    expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = tab.page.evaluate("navigator.clipboard.readText()")

    assert copied.startswith(f"# KeyError (#{issue_id})")
    assert "> 12     return rates[currency]" in copied
    assert [] == tab.complaints


@in_every_browser
def test_stored_markup_stays_text_in_every_part(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int]
) -> None:
    crumb = dict.fromkeys(("timestamp", "message", "category", "level"), SCRIPT)
    issue_id = report(
        source="cicd",
        environment=SCRIPT,
        version=SCRIPT,
        commit_hash=SCRIPT,
        error={"type": SCRIPT, "message": SCRIPT, "file_path": SCRIPT, "stack_trace": [SCRIPT]},
        context={
            **dict.fromkeys(("job_name", "step_name", "run_url", "url", SCRIPT), SCRIPT),
            "tags": {SCRIPT: SCRIPT},
            "breadcrumbs": [{**crumb, "data": {SCRIPT: SCRIPT}}],
        },
        frames=[{"file_path": SCRIPT, "function": SCRIPT, "context_line": SCRIPT, "locals": {SCRIPT: SCRIPT}}],
        sdk={"name": SCRIPT, "version": SCRIPT},
    )
    body = {
        "to": "FIXED",
        "force": True,
        "reason": SCRIPT,
        "actor": SCRIPT,
        "fix": {"branch": SCRIPT, "pr_url": SCRIPT},
    }
    shared_collector.client.post(f"/api/v1/issues/{issue_id}/transitions", json=body).raise_for_status()
    said = {"text": SCRIPT, "author": SCRIPT}
    shared_collector.client.post(f"/api/v1/issues/{issue_id}/comments", json=said).raise_for_status()
    shared_collector.client.put(f"/api/v1/issues/{issue_id}/assignee", json={"assignee": SCRIPT}).raise_for_status()
    tab = open_tab()

    for query in ("", "?by=release&per=day&lang=zh-CN"):
        open_issue(tab.page, shared_collector, issue_id, query)
        expect(tab.page.get_by_text(SCRIPT).first).to_be_visible()
        assert "stolen" != tab.page.title()
        assert 0 == tab.page.locator("main img, main script").count()
    assert [] == tab.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_page_with_everything_on_it_fits_a_phone(
    open_tab: Callable[..., Any], shared_collector: Collector, report: Callable[..., int], scheme: str, language: str
) -> None:
    long = "a_very_long_name_without_any_space_" * 8
    frame = {"file_path": long, "line_number": 1, "function": long, "context_line": long, "locals": {long: long}}
    issue_id = report(
        environment=long,
        version=long,
        repo_url=f"https://h.io/{long[:100]}",
        error={"message": "很长的消息" * 200, "file_path": long, "stack_trace": [long] * 500},
        context={"url": long, "tags": {long: long}, "breadcrumbs": [{"message": long, "category": long}], long: [long]},
        frames=[frame, {**frame, "in_app": True}],
    )
    said = {"text": long, "author": long[:200]}
    shared_collector.client.post(f"/api/v1/issues/{issue_id}/comments", json=said).raise_for_status()
    move = {"to": "VERIFYING", "actor": long[:200], "reason": long}
    shared_collector.client.post(f"/api/v1/issues/{issue_id}/transitions", json=move).raise_for_status()
    tab = open_tab(color_scheme=scheme, **PHONE)

    open_issue(tab.page, shared_collector, issue_id, f"?lang={language}")

    assert 390 == tab.page.evaluate("document.documentElement.scrollWidth")
    assert [] == tab.complaints
