"""The pictures of the docs: no page of the dashboard is without one, and what shows them has not drifted."""

import re
import runpy
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.rules import DASHBOARD_RULES
from logcenter_sdk.contract.status import Status

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NOT_PAGES = ("/static/", "/live", "/issue.md", "/oidc", "/sign-in/link", "/new")
"""Addresses that show nothing, or what another picture shows."""

sys.path.insert(0, str(IMAGES))
TAKE = runpy.run_path(str(IMAGES / "take.py"))
FILL = runpy.run_path(str(IMAGES / "showcase.py"))["fill"]
sys.path.remove(str(IMAGES))


def shape(path: str) -> str:
    """Return an address without what stands for one thing or another."""
    return re.sub(r"\{[^}]+\}|(?<=/)(\d+|shop_backend|mobile_app)", "*", path.partition("?")[0]).rstrip("/")


def test_every_page_of_the_dashboard_has_a_picture() -> None:
    pages = {rule.removeprefix("GET ") for rule in DASHBOARD_RULES if rule.startswith("GET ")}
    pages = {page for page in pages if not any(part in page for part in NOT_PAGES) and page != "/admin"}

    shown = {shape(shot.path) for shot in (*TAKE["SHOTS"], *TAKE["OUTSIDE"])}

    assert set() == {shape(page) for page in pages} - shown


@pytest.mark.parametrize("language", TAKE["LANGUAGES"])
def test_the_pages_that_show_the_pictures_are_as_the_command_writes_them(language: str) -> None:
    written = TAKE["gallery_path"](language).read_text(encoding="utf-8")

    assert TAKE["gallery"](language) == written, "run: uv run python docs/images/take.py"
    assert [] == [path for path in re.findall(r"\.\./images/([^)]+)", written) if not (IMAGES / path).exists()]


def test_the_showcase_has_every_source_a_regression_and_an_issue_of_every_status(tmp_path: Path) -> None:
    FILL(tmp_path / "showcase.db", datetime.now(UTC))

    store = SqlStore(f"sqlite:///{tmp_path / 'showcase.db'}")
    issues = store.issues(IssueQuery(limit=200)).items
    store.close()

    assert {"runtime", "cicd", "deployment"} == {issue.source for issue in issues}
    assert set(Status) == {issue.status for issue in issues}
    assert any(issue.regression_count for issue in issues)
