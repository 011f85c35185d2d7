"""The API's own page in a real browser: it has to work with no internet."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.routes import create_api
from logcenter_sdk.contract.limits import REPORT_BYTES


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def address(tmp_path: Path, serve: Callable[[Any], str]) -> Iterator[str]:
    store = SqlStore(f"sqlite:///{tmp_path}/logs.db")
    pipeline = Pipeline(Runner(store, queue_limit=10, batch_limit=10), now, REPORT_BYTES)
    yield serve(create_api(store, pipeline, clock=now, cors_origins=(), version="0.1.0"))
    store.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_every_operation_and_asks_this_server_only(
    open_tab: Callable[..., Any], address: str, scheme: str
) -> None:
    tab = open_tab(color_scheme=scheme)

    tab.page.goto(f"{address}/docs")
    expect(tab.page.locator(".opblock-summary-path", has_text="/api/v1/logs/report").first).to_be_visible()
    described = tab.page.evaluate("fetch('/openapi.json').then(answer => answer.json()).then(({paths}) => paths)")

    assert sum(len(operations) for operations in described.values()) == tab.page.locator(".opblock").count()
    assert [] == [url for url in tab.asked if not url.startswith(f"{address}/")]
    assert [] == tab.complaints


def test_an_operation_is_tried_from_the_page(open_tab: Callable[..., Any], address: str) -> None:
    tab = open_tab()

    tab.page.goto(f"{address}/docs")
    operation = tab.page.locator(".opblock-get", has_text="/api/v1/projects").first
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert f"{address}/api/v1/projects" in tab.asked
    assert [] == [url for url in tab.asked if not url.startswith(f"{address}/")]
    assert [] == tab.complaints
