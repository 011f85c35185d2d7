"""The dashboard in a real browser, over a real store."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from logcenter_collector.store.base import Arrival
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report, normalise
from logcenter_sdk.contract.status import Status

SCRIPT = "<script>document.title = 'stolen'</script><img src=x onerror=\"document.title = 'stolen'\">"
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/logs.db")
    yield store
    store.close()


@pytest.fixture
def address(store: SqlStore, serve: Callable[[Any], str]) -> str:
    return serve(create_dashboard(store, api_url="http://127.0.0.1:8002", clock=lambda: datetime.now(UTC)))


def record(store: SqlStore, **fields: Any) -> int:
    error = {"type": "ValueError", "message": "no", "stack_trace": ["ValueError: no"]} | fields.pop("error", {})
    report = {"project_id": "shop", "environment": "production", "level": "ERROR", "error": error} | fields
    known = read(Report, report)
    arrival = Arrival(report=normalise(known), fingerprint=fingerprint_of(known), arrived_at=datetime.now(UTC))
    return store.record([arrival])[0].issue_id


def test_a_filter_takes_effect_as_soon_as_it_is_chosen_and_stands_in_the_url(
    open_tab: Callable[..., Any], address: str, store: SqlStore
) -> None:
    record(store, error={"type": "CrashError"})
    record(store, error={"type": "BuildError"}, source="cicd", project_id="web")
    tab = open_tab()

    tab.page.goto(address)
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    tab.page.get_by_label("Source").select_option("cicd")
    expect(tab.page.locator("tbody tr")).to_have_count(1)

    expect(tab.page.locator("tbody tr")).to_contain_text("BuildError")
    assert f"{address}/?source=cicd" == tab.page.url
    assert [] == tab.complaints


def test_the_search_box_finds_text_of_the_message(open_tab: Callable[..., Any], address: str, store: SqlStore) -> None:
    record(store, error={"message": "connection refused"})
    record(store, error={"message": "division by zero", "line_number": 2})
    tab = open_tab()

    tab.page.goto(address)
    tab.page.get_by_label("Search").fill("REFUSED")
    tab.page.get_by_label("Search").press("Enter")
    expect(tab.page.locator("tbody tr")).to_have_count(1)

    expect(tab.page.locator("tbody tr")).to_contain_text("connection refused")
    assert f"{address}/?q=REFUSED" == tab.page.url


@pytest.mark.parametrize("options", [{}, PHONE, {"java_script_enabled": False}], ids=["desktop", "phone", "no script"])
def test_an_issue_is_moved_by_a_click_with_a_reason(
    open_tab: Callable[..., Any], address: str, store: SqlStore, options: dict[str, Any]
) -> None:
    issue_id = record(store)
    tab = open_tab(**options)

    tab.page.goto(address)
    tab.page.get_by_role("link", name="ValueError no").click()
    tab.page.get_by_label("Reason").fill("seen on my machine")
    tab.page.get_by_label("Your name").fill("李雷")
    tab.page.get_by_role("button", name="VERIFYING").click()

    expect(tab.page.locator(".headline .pill")).to_have_text("Verifying")
    expect(tab.page.locator(".history")).to_contain_text("seen on my machine")
    expect(tab.page.get_by_label("Your name")).to_have_value("李雷")
    assert f"{address}/issues/{issue_id}" == tab.page.url
    assert [(Status.VERIFYING, "seen on my machine", "李雷")] == [
        (change.to, change.reason, change.actor) for change in store.history(issue_id)
    ]
    assert [] == tab.complaints


def test_stored_markup_stays_text(open_tab: Callable[..., Any], address: str, store: SqlStore) -> None:
    issue_id = record(
        store,
        environment=SCRIPT,
        version=SCRIPT,
        error={"type": SCRIPT, "message": SCRIPT, "file_path": SCRIPT, "line_number": 1, "stack_trace": [SCRIPT]},
        context={SCRIPT: SCRIPT},
        frames=[{"file_path": SCRIPT, "context_line": SCRIPT, "locals": {SCRIPT: SCRIPT}}],
    )
    tab = open_tab()

    for path in ("/", f"/issues/{issue_id}"):
        tab.page.goto(address + path)
        expect(tab.page.get_by_text(SCRIPT).first).to_be_visible()
        assert "stolen" != tab.page.title()
        assert 0 == tab.page.locator("main img, main script").count()
    assert [] == tab.complaints


def test_the_language_is_switched_by_a_click_and_remembered(
    open_tab: Callable[..., Any], address: str, store: SqlStore
) -> None:
    record(store)
    tab = open_tab(locale="en-GB")

    tab.page.goto(f"{address}/?project=shop")
    expect(tab.page.get_by_role("columnheader", name="Last seen")).to_be_visible()
    tab.page.get_by_role("link", name="简体中文").click()
    expect(tab.page.get_by_role("columnheader", name="最近出现")).to_be_visible()
    assert "project=shop" in tab.page.url
    tab.page.get_by_role("link", name="ValueError no").click()

    expect(tab.page.get_by_role("heading", name="堆栈跟踪")).to_be_visible()
    assert [] == tab.complaints


def test_a_form_on_another_site_cannot_move_an_issue(
    open_tab: Callable[..., Any], address: str, store: SqlStore
) -> None:
    issue_id = record(store)
    tab = open_tab()

    tab.page.set_content(
        f'<form method="post" action="{address}/issues/{issue_id}/transitions">'
        '<input name="to" value="VERIFYING"><button>Win a prize</button></form>'
    )
    tab.page.get_by_role("button").click()

    expect(tab.page.get_by_role("heading")).to_have_text("This form was not sent from here")
    assert () == store.history(issue_id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_asks_this_server_only_and_fits_a_phone(
    open_tab: Callable[..., Any], address: str, store: SqlStore, scheme: str
) -> None:
    long_name = "a_very_long_name_without_any_space_" * 6
    issue_id = record(
        store,
        project_id="p" * 64,
        error={"type": long_name, "message": long_name, "file_path": long_name, "stack_trace": [long_name]},
        context={long_name: {long_name: long_name}},
    )
    tab = open_tab(color_scheme=scheme, **PHONE)

    for path in ("/", f"/issues/{issue_id}", "/?q=absent"):
        tab.page.goto(address + path)
        assert 390 == tab.page.evaluate("document.documentElement.scrollWidth")

    assert [] == [url for url in tab.asked if not re.match(rf"{re.escape(address)}/", url)]
    assert [] == tab.complaints
