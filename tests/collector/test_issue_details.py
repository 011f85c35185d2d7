"""One issue, its occurrences, statistics and what it was seen with: section 5 of the contract."""

from itertools import pairwise
from typing import Any

import pytest

from support.collector import Collector
from support.sending import a_report, fresh_project

KEYS = {
    *("id", "project_id", "source", "fingerprint", "fingerprints", "status", "level", "environment", "version"),
    *("commit_hash", "error", "context", "occurrence_count", "regression_count", "first_seen", "last_seen"),
    *("environments", "versions", "fix", "assignee", "muted_until", "muted_until_count"),
}
REPAIR = ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED")


def test_an_issue_has_the_contracts_fields_and_on_its_own_page_the_next_statuses(shared_collector: Collector) -> None:
    project = fresh_project()
    issue = shared_collector.issue(shared_collector.report(a_report(project))["id"])

    [listed] = shared_collector.issues(project_id=project)

    assert KEYS == listed.keys()
    assert issue == listed | {"next_statuses": ["VERIFYING"]}
    assert [issue["fingerprint"]] == issue["fingerprints"]


@pytest.mark.parametrize(
    "issue_id",
    ["0", "-1", "999999999", str(2**63), "9" * 30, "9" * 5000, "abc", "1.0", "%00"],
    ids=lambda text: text[:9],
)
@pytest.mark.parametrize("rest", ["", "/occurrences", "/stats", "/history"])
def test_an_issue_that_is_not_there_is_404(shared_collector: Collector, issue_id: str, rest: str) -> None:
    response = shared_collector.client.get(f"/api/v1/issues/{issue_id}{rest}")

    assert (404, "application/problem+json") == (response.status_code, response.headers["content-type"])


def occurrences(collector: Collector, issue_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """Return every kept occurrence, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = collector.get(f"/api/v1/issues/{issue_id}/occurrences", limit=limit, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_occurrences_are_walked_newest_first_each_once(shared_collector: Collector, limit: int) -> None:
    project = fresh_project()
    for number in range(5):
        answer = shared_collector.report(a_report(project, message=str(number)))

    found = occurrences(shared_collector, answer["id"], limit)

    assert ["4", "3", "2", "1", "0"] == [occurrence["error"]["message"] for occurrence in found]


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}])
def test_occurrences_refuse_a_wrong_limit_or_cursor(shared_collector: Collector, parameters: dict[str, Any]) -> None:
    issue_id = shared_collector.report(a_report(fresh_project()))["id"]

    assert 400 == shared_collector.client.get(f"/api/v1/issues/{issue_id}/occurrences", params=parameters).status_code


def test_of_a_burst_the_first_ten_the_regression_and_the_latest_are_kept_and_all_are_counted(
    shared_collector: Collector,
) -> None:
    project = fresh_project()
    issue_id = shared_collector.report(a_report(project, message="first"))["id"]
    shared_collector.move(issue_id, *REPAIR)
    shared_collector.report(a_report(project, message="regression"))
    for part in range(3):
        batch = [a_report(project, message=f"{part * 100 + number}") for number in range(100)]
        shared_collector.report_batch(batch)

    found = occurrences(shared_collector, issue_id)

    messages = [occurrence["error"]["message"] for occurrence in found]
    assert ["299", *(str(number) for number in range(7, -1, -1)), "regression", "first"] == messages
    assert ["regression"] == [item["error"]["message"] for item in found if item["regression"]]
    assert 302 == shared_collector.issue(issue_id)["occurrence_count"]


@pytest.mark.parametrize(
    ("per", "starts"),
    [
        ("hour", ["2026-02-20T10:00:00Z", "2026-02-20T23:00:00Z", "2026-02-21T00:00:00Z"]),
        ("day", ["2026-02-20T00:00:00Z", "2026-02-21T00:00:00Z"]),
    ],
)
def test_stats_count_every_happening_by_its_own_time_and_environment(
    shared_collector: Collector, per: str, starts: list[str]
) -> None:
    project = fresh_project()
    for timestamp, environment, count in (
        ("2026-02-20T10:59:59Z", "production", 2),
        ("2026-02-20T10:00:00Z", "staging", 1),
        ("2026-02-20T23:30:00Z", "production", 1),
        ("2026-02-21T08:30:00+08:00", "production", 5),
    ):
        issue_id = shared_collector.report(
            a_report(project, timestamp=timestamp, environment=environment, occurrences=count)
        )["id"]

    stats = shared_collector.get(f"/api/v1/issues/{issue_id}/stats", per=per, since="2026-02-20", until="2026-02-22")

    assert starts == [bucket["start"] for bucket in stats["items"]]
    assert {"staging": 1, "production": 2 if per == "hour" else 3} == stats["items"][0]["environments"]
    assert (9, 5) == (sum(bucket["count"] for bucket in stats["items"]), stats["items"][-1]["count"])


def test_the_first_day_of_daily_stats_is_a_whole_one(shared_collector: Collector) -> None:
    project = fresh_project()
    for hour in ("01", "20"):
        issue_id = shared_collector.report(a_report(project, timestamp=f"2026-02-20T{hour}:00:00Z"))["id"]

    stats = shared_collector.get(f"/api/v1/issues/{issue_id}/stats", per="day", since="2026-02-20T12:00:00Z")

    assert [("2026-02-20T00:00:00Z", 2)] == [(bucket["start"], bucket["count"]) for bucket in stats["items"]]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"per": "week"}, 400),
        ({"since": "soon"}, 400),
        ({"until": "0001-01-02"}, 200),
        ({"since": "0001-01-01", "until": "9999-12-31T23:59:59Z"}, 200),
        ({"since": "2026-02-22", "until": "2026-02-20"}, 200),
    ],
)
def test_stats_take_any_period_and_refuse_what_is_none(
    shared_collector: Collector, parameters: dict[str, str], status: int
) -> None:
    issue_id = shared_collector.report(a_report(fresh_project()))["id"]

    assert status == shared_collector.client.get(f"/api/v1/issues/{issue_id}/stats", params=parameters).status_code


def test_the_fifty_latest_environments_and_versions_are_kept_and_found_by(shared_collector: Collector) -> None:
    project = fresh_project()
    for number in range(55):
        report = a_report(project, environment=f"branch-{number}", version=f"1.{number}")
        issue_id = shared_collector.report(report)["id"]

    issue = shared_collector.issue(issue_id)

    assert [*(f"branch-{number}" for number in range(54, 4, -1)), "other"] == issue["environments"]
    assert [*(f"1.{number}" for number in range(54, 4, -1)), "other"] == issue["versions"]
    assert [issue_id] == [found["id"] for found in shared_collector.issues(project_id=project, environment="branch-5")]
    assert [] == shared_collector.issues(project_id=project, environment="branch-4")
    assert [] == shared_collector.issues(project_id=project, version="1.4")


def test_stats_count_environments_beyond_the_fiftieth_of_an_hour_as_other(shared_collector: Collector) -> None:
    project = fresh_project()
    for number in range(52):
        at = {"timestamp": "2026-02-20T10:00:00Z", "environment": f"branch-{number}"}
        issue_id = shared_collector.report(a_report(project, **at))["id"]

    [hour] = shared_collector.get(f"/api/v1/issues/{issue_id}/stats", per="hour", since="2026-02-20")["items"]

    assert (51, 2, 52) == (len(hour["environments"]), hour["environments"]["other"], hour["count"])


def test_history_keeps_every_change_with_who_why_and_what_came_with_it(shared_collector: Collector) -> None:
    project = fresh_project()
    issue_id = shared_collector.report(a_report(project))["id"]
    fix = {"commit_hash": "c0ffee", "branch": "fix/1", "pr_url": "https://git.example/1", "version": "2"}
    shared_collector.move(issue_id, *REPAIR, actor="mai", reason="found it", fix=fix)
    shared_collector.report(a_report(project))

    history = shared_collector.get(f"/api/v1/issues/{issue_id}/history")["items"]

    steps = ["NEW", *REPAIR, "NEW"]
    assert list(pairwise(steps)) == [(change["from"], change["to"]) for change in history]
    assert ("mai", "found it", fix, False) == tuple(history[3][name] for name in ("actor", "reason", "fix", "override"))
    assert [False] * 4 + [True] == [change["regression"] for change in history]
    assert sorted(change["at"] for change in history) == [change["at"] for change in history]
