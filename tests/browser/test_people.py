"""People at the dashboard in a real browser, the whole way: the first link, an account, an invitation, a viewer."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browsers import in_every_browser
from support.collector import Collector, start
from support.identity_provider import CLIENT, SECRET, providing
from support.sending import a_report

PASSWORD = "a sentence to remember"
ADMIN = "an-administrator-s-token"
PHONE = {"viewport": {"width": 390, "height": 844}}
NO_SCRIPT = {"java_script_enabled": False}
Open = Callable[..., Any]


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    collector = start(tmp_path / "logcenter.db", "--keyless-reports")
    yield collector
    assert collector.stop() == 0


def first_link(collector: Collector) -> str:
    found = re.search(r"http://\S+/sign-in/link\S+", collector.output.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def choose_password(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password again").fill(password)


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


# What a browser says of an answer of 403 stands on its console, and is no mistake of the page.
def complaints_of(tab: Any) -> list[str]:
    return [complaint for complaint in tab.complaints if "the server responded with a status of 4" not in complaint]


@pytest.mark.parametrize(
    ("browser", "options"),
    [("chromium", PHONE), ("chromium", NO_SCRIPT), ("firefox", PHONE)],
    ids=["phone", "no script", "firefox"],
    indirect=["browser"],
)
def test_from_the_first_link_to_a_viewer_who_may_only_read(
    open_tab: Open, collector: Collector, options: dict[str, Any]
) -> None:
    issue_id = collector.report(a_report("shop"))["id"]
    tab = open_tab(**options)
    page = tab.page

    page.goto(first_link(collector))
    expect(page.get_by_text("This closes the collector.")).to_be_visible()
    page.get_by_label("Name").fill("Alice")
    choose_password(page)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="alice")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{collector.dashboard_url}/sign-in")
    page.goto(f"{collector.dashboard_url}/issues/{issue_id}")
    sign_in(page, "alice", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("Name or password is not right")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{collector.dashboard_url}/issues/{issue_id}")

    page.get_by_role("link", name="Administration").click()
    page.get_by_label("Name to sign in").fill("bob")
    page.locator(".side").get_by_label("Viewer").check()
    page.get_by_role("button", name="Invite").click()
    link = page.locator(".made code").inner_text()

    guest = open_tab(**options)
    guest.page.goto(link)
    expect(guest.page.get_by_role("heading", name="Welcome, bob")).to_be_visible()
    choose_password(guest.page)
    guest.page.get_by_role("button", name="Set the password").click()
    expect(guest.page).to_have_url(f"{collector.dashboard_url}/")
    guest.page.wait_for_load_state()
    guest.page.goto(f"{collector.dashboard_url}/issues/{issue_id}")
    expect(guest.page.get_by_role("heading", name="Next step")).to_be_visible()
    expect(guest.page.get_by_role("button", name="VERIFYING")).to_have_count(0)
    expect(guest.page.get_by_role("link", name="Administration")).to_have_count(0)
    posted = guest.page.request.post(
        f"{collector.dashboard_url}/issues/{issue_id}/transitions",
        form={"to": "VERIFYING"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert 403 == posted.status

    page.goto(f"{collector.dashboard_url}/issues/{issue_id}")
    expect(page.get_by_label("Your name")).to_have_count(0)
    page.get_by_role("button", name="VERIFYING").click()
    expect(page.locator(".history")).to_contain_text("by alice")
    assert [[], []] == [complaints_of(tab), complaints_of(guest)]


def test_the_cookie_of_a_session_is_out_of_reach_for_scripts(open_tab: Open, collector: Collector) -> None:
    page = open_tab().page
    page.goto(first_link(collector))
    page.get_by_label("Name").fill("alice")
    choose_password(page)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="alice")).to_be_visible()

    [cookie] = [cookie for cookie in page.context.cookies() if cookie["name"] == "lc_session"]

    assert (True, "Lax", "/") == (cookie["httpOnly"], cookie["sameSite"], cookie["path"])
    assert "lc_session" not in page.evaluate("document.cookie")


@in_every_browser
def test_a_form_of_another_site_comes_without_the_session_and_is_refused(
    open_tab: Open, collector: Collector, tmp_path: Path
) -> None:
    page = open_tab().page
    page.goto(first_link(collector))
    page.get_by_label("Name").fill("alice")
    choose_password(page)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="alice")).to_be_visible()
    (tmp_path / "evil.html").write_text(
        f'<form method="post" action="{collector.dashboard_url}/admin/people"><input name="name" value="mallory">'
        '<input name="role" value="admin"><button>Win</button></form>'
    )

    page.goto((tmp_path / "evil.html").as_uri())
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name="Win").click()

    assert navigation.value is not None
    assert navigation.value.status in {401, 403}
    page.goto(f"{collector.dashboard_url}/admin/people")
    expect(page.locator(".person")).to_have_count(1)


def test_a_new_token_is_shown_once(open_tab: Open, tmp_path: Path) -> None:
    collector = start(tmp_path / "logcenter.db", "--admin-token", ADMIN)
    tab = open_tab()
    page = tab.page

    page.goto(f"{collector.dashboard_url}/admin/tokens")
    page.get_by_text("Sign in with a token").first.click()
    page.get_by_label("Token").fill(ADMIN)
    page.get_by_role("button", name="Sign in with a token").click()
    page.get_by_label("What is it for?").fill("<script>alert(1)</script>")
    page.get_by_label("send reports").check()
    page.get_by_role("button", name="Make a token").click()
    token = page.locator(".made code").inner_text()
    page.goto(f"{collector.dashboard_url}/admin/tokens")

    expect(page.locator(".named")).to_have_text("<script>alert(1)</script>")
    assert token.startswith("lct_")
    assert token not in page.content()
    assert [] == complaints_of(tab)
    assert collector.stop() == 0


def test_signing_in_at_a_provider_goes_there_and_comes_back(open_tab: Open, tmp_path: Path) -> None:
    with providing() as provider:
        provider.claims = {"sub": "1", "preferred_username": "li.lei", "name": "李雷"}
        flags = ("--oidc-issuer", provider.url, "--oidc-client-id", CLIENT, "--oidc-client-secret", SECRET)
        collector = start(tmp_path / "logcenter.db", "--admin-token", ADMIN, *flags)
        tab = open_tab()

        tab.page.goto(f"{collector.dashboard_url}/account")
        tab.page.get_by_role("link", name="Sign in with 127.0.0.1").click()

        expect(tab.page.get_by_role("heading", name="李雷")).to_be_visible()
        assert f"{collector.dashboard_url}/account" == tab.page.url
        assert [] == complaints_of(tab)
        assert collector.stop() == 0


PAGES = ("/admin/people", "/admin/tokens", "/admin/projects", "/admin/projects/shop", "/admin/audit", "/account")


def test_every_page_fits_a_phone_in_both_languages(open_tab: Open, collector: Collector) -> None:
    collector.report(a_report("shop"))
    tab = open_tab(**PHONE)
    page = tab.page
    page.goto(first_link(collector))
    page.get_by_label("Name").fill("alice")
    choose_password(page)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="alice")).to_be_visible()

    widths = {}
    shown = [f"{path}?lang={language}" for path in PAGES for language in ("en", "zh-CN")]
    for path in shown:
        page.goto(f"{collector.dashboard_url}{path}")
        widths[path] = page.evaluate("document.documentElement.scrollWidth")

    assert dict.fromkeys(shown, 390) == widths
    assert [] == complaints_of(tab)
