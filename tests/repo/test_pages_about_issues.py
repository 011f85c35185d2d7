"""The pages about issues: every route and key is named, examples do what is said, and no limit is stale."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from logcenter_collector.domain.overview import LONGEST
from logcenter_collector.domain.rising import RISING_ISSUES
from logcenter_collector.web.rules import API_RULES
from logcenter_collector.web.ui.languages import LANGUAGES, catalogue
from logcenter_collector.web.ui.live import LISTENERS
from logcenter_collector.web.ui.site import STATIC
from logcenter_sdk.contract.teamwork import BULK_ISSUES, QUERY_CHARACTERS
from support.collector import Collector
from support.pages import PAGES, fences, snippet
from support.shell import bash, needs_shell_tools
from support.tables import rows

PAGE = "reference/api.md"
BOTH = pytest.mark.parametrize("ending", ["md", "zh-CN.md"])
CALLED = {
    "inbox": "views.back views.new views.rising views.mine views.save views.shared filter.more sort.last_seen "
    "sort.first_seen sort.occurrence_count inbox.older bulk.move bulk.assign bulk.assign_me bulk.mute",
    "issue-page": "issue.trace issue.as_text issue.occurrences issue.frequency issue.context issue.why "
    "issue.copy_markdown issue.as_markdown move.title pipeline.override history.title issue.assign issue.mute",
    "overview": "overview.occurrences overview.new overview.regressions overview.open overview.fixed overview.to_fixed "
    "overview.to_deployed overview.top overview.came_back overview.projects collector.title",
}
"""Texts of the dashboard that a page has to name as they are."""
DESCRIBED = re.compile(r"\S+ /api/v1/(logs|issues|views|overview|projects)\b(?!.*/(keys|doors))")


@BOTH
def test_every_route_of_issues_is_on_the_page_and_no_other(ending: str) -> None:
    named = {row[0].strip("`") for row in rows(PAGES / f"reference/api.{ending}") if "/api/v1/" in row[0]}

    assert {route for route in API_RULES if DESCRIBED.match(route)} == named


@BOTH
@pytest.mark.parametrize(
    ("page", "numbers"),
    [
        ("reference/api", [BULK_ISSUES, QUERY_CHARACTERS, LONGEST.days]),
        ("how-to/inbox", [RISING_ISSUES, LISTENERS]),
    ],
)
def test_the_limits_that_pages_name_are_those_of_the_code(page: str, numbers: list[int], ending: str) -> None:
    text = (PAGES / f"{page}.{ending}").read_text(encoding="utf-8")

    assert [] == [number for number in numbers if not re.search(rf"(?<![\d,]){number:,}(?![\d,])", text)]


def report(line: int) -> dict[str, Any]:
    error = {"type": "KeyError", "message": "'total'", "file_path": "shop/checkout.py", "line_number": line}
    return {
        "project_id": "shop_backend",
        "environment": "production",
        "level": "ERROR",
        "error": {**error, "stack_trace": ["KeyError: 'total'"]},
    }


@needs_shell_tools
def test_every_example_does_what_the_page_says(collector: Collector, tmp_path: Path) -> None:
    for line in (88, 89):
        collector.report(report(line))

    answers = {}
    for fence in fences(PAGES / PAGE):
        done = bash(fence.text, {"LOG_CENTER_URL": collector.api_url}, tmp_path)
        assert 0 == done.returncode, (fence.name, done.stdout, done.stderr)
        answers[fence.name] = json.loads(done.stdout)

    assert [2, 1] == [issue["id"] for issue in answers["list.sh"]["items"]]
    assert "mei" == answers["assign.sh"]["assignee"]
    assert 101 == answers["mute.sh"]["muted_until_count"]
    assert ("mei", 1) == (answers["comment.sh"]["author"], answers["comment.sh"]["issue_id"])
    assert ["VERIFYING"] * 2 == [item["issue"]["status"] for item in answers["bulk.sh"]["items"]]
    assert answers["view.sh"]["shared"]
    assert 28 == len(answers["overview.sh"]["days"])

    markdown = snippet("how-to/issue-page.md", "markdown.sh").replace("/17/", "/1/")
    copied = bash(markdown, {"LOG_CENTER_DASHBOARD": collector.dashboard_url}, tmp_path)
    assert b"KeyError" in copied.stdout.splitlines()[0]


@BOTH
def test_the_keys_of_the_inbox_are_on_its_page_and_no_others(ending: str) -> None:
    inbox, parts = (
        (STATIC.parent / f"templates/{name}.html").read_text(encoding="utf-8") for name in ("inbox", "parts")
    )
    [listed] = re.findall(r"{{ keys_dialog\((.+)\) }}", inbox)
    [everywhere] = re.findall(r"{% for key, name in keys \+ (.+) %}", parts)
    keys = set(re.findall(r'\("([^"]+)", "[^"]+"\)', listed + everywhere))

    assert keys
    assert keys == {key for row in rows(PAGES / f"how-to/inbox.{ending}") for key in re.findall(r"`([^`]+)`", row[0])}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("page", "keys"), CALLED.items(), ids=CALLED)
def test_pages_call_things_what_the_dashboard_calls_them(page: str, keys: str, language: str) -> None:
    text = (PAGES / f"how-to/{page}{'' if language == 'en' else f'.{language}'}.md").read_text(encoding="utf-8")
    names = [catalogue(language)(key).rstrip("…").strip() for key in keys.split()]

    assert [] == [name for name in names if name not in text]
