"""Alarms in a real browser, the whole way: a robot, a test message, a rule, an error, the message, the log."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from support.collector import Collector, start
from support.receiver import Receiver, receiving
from support.robots import PATH, SECRET, feishu
from support.sending import a_report

PHONE = {"viewport": {"width": 390, "height": 844}}
NO_SCRIPT = {"java_script_enabled": False}
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    folder = tmp_path_factory.mktemp("alarms")
    collector = start(folder / "logcenter.db", "--allow-private-webhooks", "127.0.0.0/8")
    yield collector
    assert collector.stop() == 0


@pytest.fixture(scope="module")
def robot() -> Iterator[Receiver]:
    with receiving(feishu) as receiver:
        yield receiver


def add_robot(page: Page, collector: Collector, url: str, secret: str) -> None:
    page.goto(f"{collector.dashboard_url}/admin")
    page.get_by_role("link", name="Alarms").click()
    page.get_by_role("link", name="New channel").click()
    page.get_by_role("link", name="Feishu or Lark robot").click()
    page.get_by_label("Name").fill("Feishu ops")
    page.get_by_label("Address").fill(url)
    page.get_by_label("Secret").fill(secret)
    page.get_by_role("button", name="Add the channel").click()
    expect(page.get_by_role("status")).to_contain_text("Now send a test message.")


def is_as_wide_as_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize(
    ("browser", "options"),
    [("chromium", PHONE), ("chromium", NO_SCRIPT), ("firefox", PHONE)],
    ids=["phone", "no script", "firefox"],
    indirect=["browser"],
)
def test_from_a_robot_to_the_message_of_an_error(
    open_tab: Open, collector: Collector, robot: Receiver, options: dict[str, Any]
) -> None:
    project = f"shop-{uuid4().hex}"
    collector.report(a_report(project))
    tab = open_tab(**options)
    page = tab.page
    add_robot(page, collector, robot.url(f"{PATH}signed"), "not the secret")

    page.get_by_role("button", name="Send test").click()
    tried = page.get_by_role("status").filter(has_text="Test message")
    expect(tried).to_contain_text("Refused")
    expect(tried).to_contain_text("sign match fail")

    page.get_by_label("Secret").fill(SECRET)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send test").click()
    expect(tried).to_contain_text("The receiver took it.")

    page.get_by_role("link", name="Alarms").first.click()
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name").fill(f"Bad news of {project}")
    page.get_by_label("Project").select_option(project)
    page.get_by_label("Error").check()
    page.get_by_label("Critical").check()
    page.get_by_label("Feishu ops").last.check()
    page.get_by_role("button", name="Add the rule").click()
    says = f"A new issue in {project}, Error or worse → Feishu ops, at most one message per issue in an hour"
    expect(page.get_by_text(says)).to_be_visible()

    collector.report(a_report(project, type="CrashError", line_number=99))
    page.get_by_role("link", name="Delivery log").click()
    title = f"[{project}] New issue: CrashError"
    for _ in range(200):
        page.reload()
        if page.get_by_text(title).count() and page.locator(".outcome-sending").count() == 0:
            break
    attempt = page.locator(".attempts tr").filter(has_text=title)
    expect(attempt).to_contain_text("Sent")
    assert title in {message["content"]["post"]["zh_cn"]["title"] for message in robot.messages()}
    assert [] == [complaint for complaint in tab.complaints if "status of 4" not in complaint]


def test_only_what_the_chosen_trigger_needs_is_shown_and_what_is_wrong_stands_there(
    open_tab: Open, collector: Collector
) -> None:
    page = open_tab(java_script_enabled=False).page
    page.goto(f"{collector.dashboard_url}/admin/alarms/rules/new")
    expect(page.get_by_label("in minutes")).to_be_hidden()
    expect(page.get_by_label("Verified")).to_be_hidden()

    page.get_by_label("an issue occurs often").check()
    page.get_by_label("Name").fill("Often")
    page.get_by_label("times", exact=True).fill("many")
    page.get_by_role("button", name="Add the rule").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved.")
    expect(page.get_by_role("group", name="How often")).to_have_accessible_description(
        "Both are needed: whole numbers from 1, and at most 1440 minutes. "
        "Of one issue: at least so many occurrences within so many minutes, such as 100 in 5."
    )
    expect(page.get_by_label("times", exact=True)).to_have_value("many")
    expect(page.get_by_label("in minutes")).to_be_visible()
    expect(page.get_by_label("Verified")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_phone_in_every_language_and_colour(
    open_tab: Open, collector: Collector, language: str, scheme: str
) -> None:
    tab = open_tab(**PHONE, color_scheme=scheme)
    for path in ("", "/deliveries", "/rules/new", "/channels/new", "/channels/new?kind=feishu"):
        joined = "&" if "?" in path else "?"
        tab.page.goto(f"{collector.dashboard_url}/admin/alarms{path}{joined}lang={language}")
        assert language == tab.page.locator("html").get_attribute("lang")
        assert is_as_wide_as_the_window(tab.page), path
    assert [] == tab.complaints
