"""The API's own page in a real browser: it has to work with no internet."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from support.browsers import in_every_browser
from support.collector import Collector


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_every_operation_and_asks_this_server_only(
    open_tab: Callable[..., Any], shared_collector: Collector, scheme: str
) -> None:
    paths = shared_collector.client.get("/openapi.json").json()["paths"]
    tab = open_tab(color_scheme=scheme)

    tab.page.goto(f"{shared_collector.api_url}/docs")
    expect(tab.page.locator(".opblock")).to_have_count(sum(len(operations) for operations in paths.values()))

    expect(tab.page.locator(".opblock-summary-path", has_text="/api/v1/logs/report").first).to_be_visible()
    assert [] == [url for url in tab.asked if not url.startswith(f"{shared_collector.api_url}/")]
    assert [] == tab.complaints


@in_every_browser
def test_an_operation_is_tried_from_the_page(open_tab: Callable[..., Any], shared_collector: Collector) -> None:
    tab = open_tab()

    tab.page.goto(f"{shared_collector.api_url}/docs")
    operation = tab.page.locator(".opblock-get", has_text="/api/v1/projects").first
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert f"{shared_collector.api_url}/api/v1/projects" in tab.asked
    assert [] == [url for url in tab.asked if not url.startswith(f"{shared_collector.api_url}/")]
    assert [] == tab.complaints
