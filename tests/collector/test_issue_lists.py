"""Which issues are listed, and in which order: ``GET /api/v1/issues`` in section 5 of the contract."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest

from support.collector import Collector
from support.sending import a_report, another_error, fresh_project


@pytest.fixture(scope="module")
def project(shared_collector: Collector) -> str:
    """Return a project of four issues that differ in everything."""
    project_id = fresh_project()
    pipeline = {"source": "cicd", "environment": "main", "context": {"job_name": "build"}}
    reports: list[dict[str, Any]] = [
        {"message": "one", "level": "ERROR", "version": "1.0", "timestamp": "2026-02-20T10:00:00Z"},
        {"message": "two", "level": "WARNING", "environment": "staging", "timestamp": "2026-02-21T10:00:00Z"},
        {"message": "three 100% _real_", "type": "KeyError", "occurrences": 5, "timestamp": "2026-02-22T10:00:00Z"},
        {"message": "四 找不到用户", "file_path": r"C:\app\main.py", "timestamp": "2026-02-23T10:00:00Z", **pipeline},
    ]
    ids = [shared_collector.report(a_report(project_id, **another_error(), **report))["id"] for report in reports]
    shared_collector.report(a_report(project_id, fingerprint=["first"], message="other"))
    shared_collector.move(shared_collector.report(a_report(project_id, fingerprint=["first"]))["id"], "VERIFYING")
    again = a_report(project_id, **reports[0])
    again["error"] = shared_collector.issue(ids[0])["error"]
    shared_collector.report(again | {"environment": "development", "version": "1.1"})
    return project_id


def listed(collector: Collector, project_id: str, **parameters: Any) -> list[str]:
    """Return the first word of each listed issue's message, but for the one that is being verified."""
    found = collector.issues(project_id=project_id, sort="first_seen", **{"until": "2026-03-01"} | parameters)
    return [issue["error"]["message"].split()[0] for issue in found][::-1]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["one", "two", "three", "四"]),
        ({"status": "NEW"}, ["one", "two", "three", "四"]),
        ({"status": "FIXED"}, []),
        ({"source": "cicd"}, ["四"]),
        ({"source": ["cicd", "runtime"]}, ["one", "two", "three", "四"]),
        ({"level": "WARNING"}, ["two"]),
        ({"level": ["WARNING", "CRITICAL"]}, ["two"]),
        ({"environment": "staging"}, ["two"]),
        ({"environment": "production"}, ["one", "three"]),
        ({"environment": ["development", "main"]}, ["one", "四"]),
        ({"version": "1.0"}, ["one"]),
        ({"version": ["1.1", "9"]}, ["one"]),
        ({"level": "ERROR", "environment": "staging"}, []),
        ({"since": "2026-02-21T10:00:00Z"}, ["two", "three", "四"]),
        ({"since": "2026-02-21T18:00:00+08:00", "until": "2026-02-23T10:00:00Z"}, ["two", "three"]),
        ({"q": "TWO"}, ["two"]),
        ({"q": "keyerr"}, ["three"]),
        ({"q": "找不到"}, ["四"]),
        ({"q": "main.py"}, ["四"]),
        ({"q": "app\\main"}, ["四"]),
        ({"q": "100%"}, ["three"]),
        ({"q": "%"}, ["three"]),
        ({"q": "_"}, ["three"]),
        ({"q": "\\"}, ["四"]),
        ({"q": "/"}, ["one", "two", "three"]),
        ({"q": "' OR 1=1 --"}, []),
        ({"q": "\x00"}, []),
        ({"unknown": "1"}, ["one", "two", "three", "四"]),
        ({"query": "level:warning"}, ["two"]),
        ({"query": "-level:warning status:NEW"}, ["one", "three", "四"]),
        ({"query": '"100% _real_"'}, ["three"]),
        ({"query": "-source:cicd -env:staging", "level": "ERROR"}, ["one", "three"]),
        ({"query": "since:2026-02-22T00:00:00Z -找不到"}, ["three"]),
        ({"query": "error", "q": "keyerr"}, ["three"]),
    ],
    ids=str,
)
def test_a_filter_lists_what_it_says(
    shared_collector: Collector, project: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert expected == listed(shared_collector, project, **parameters)


def test_several_statuses_and_projects_are_alternatives(shared_collector: Collector, project: str) -> None:
    other = fresh_project()
    shared_collector.report(a_report(other))

    both = shared_collector.issues(project_id=[project, other], status=["NEW", "VERIFYING"])

    assert 6 == len(both)
    assert {"NEW", "VERIFYING"} == {issue["status"] for issue in both}
    assert ["VERIFYING"] == [
        issue["status"] for issue in shared_collector.issues(project_id=project, status="VERIFYING")
    ]


@pytest.mark.parametrize("sort", ["last_seen", "first_seen", "occurrence_count"])
def test_the_largest_comes_first(shared_collector: Collector, project: str, sort: str) -> None:
    found = [(issue[sort], issue["id"]) for issue in shared_collector.issues(project_id=project, sort=sort)]

    assert 5 == len(found)
    assert sorted(found, reverse=True) == found


def test_newest_activity_comes_first_by_default(shared_collector: Collector, project: str) -> None:
    found = shared_collector.issues(project_id=project)

    assert all(one["last_seen"] >= two["last_seen"] for one, two in pairwise(found))


def walk(collector: Collector, between: Any = None, **parameters: Any) -> list[int]:
    """Return the ids of every page, in order; ``between`` is done after each page."""
    ids: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = collector.get("/api/v1/issues", **parameters, **cursor)
        ids += [issue["id"] for issue in page["items"]]
        if page["next_cursor"] is None:
            return ids
        cursor = {"cursor": page["next_cursor"]}
        if between is not None:
            between()


@pytest.mark.parametrize("sort", ["last_seen", "first_seen", "occurrence_count"])
@pytest.mark.parametrize("limit", [1, 3, 9])
def test_the_cursor_walks_all_exactly_once_although_values_are_equal(
    shared_collector: Collector, sort: str, limit: int
) -> None:
    project_id = fresh_project()
    same_time = {"timestamp": "2026-02-20T10:00:00Z"}
    reports = [a_report(project_id, **another_error(), **same_time) for _ in range(9)]
    ids = sorted(answer["id"] for answer in shared_collector.report_batch(reports).json())

    assert ids[::-1] == walk(shared_collector, project_id=project_id, sort=sort, limit=limit)


def test_the_cursor_walks_what_was_there_exactly_once_while_new_reports_arrive(shared_collector: Collector) -> None:
    project_id = fresh_project()
    ids = [shared_collector.report(a_report(project_id, **another_error()))["id"] for _ in range(7)]

    def report_another() -> None:
        shared_collector.report(a_report(project_id, **another_error()))

    assert ids[::-1] == walk(shared_collector, report_another, project_id=project_id, limit=2)


def cursor_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "中文",
        "A" * 5000,
        cursor_of(),
        cursor_of("occurrences", None, 5),
        cursor_of("occurrence_count", 5, 1),
        cursor_of("last_seen", 5, 1),
        cursor_of("last_seen", None, 1),
        cursor_of("last_seen", "soon", 1),
        cursor_of("last_seen", "2026-01-01T00:00:00Z", True),
        cursor_of("last_seen", "2026-01-01T00:00:00Z", 2**70),
        cursor_of("last_seen", "2026-01-01T00:00:00Z", [1]),
    ],
)
def test_a_cursor_that_this_list_did_not_make_is_400(shared_collector: Collector, cursor: str) -> None:
    response = shared_collector.client.get("/api/v1/issues", params={"cursor": cursor})

    assert (400, ["cursor"]) == (response.status_code, [error["field"] for error in response.json()["errors"]])


@pytest.mark.parametrize("value", [2**70, "2026-01-01T00:00:00Z", None, 1.5])
def test_a_cursor_of_counts_must_hold_a_count(shared_collector: Collector, value: object) -> None:
    parameters = {"sort": "occurrence_count", "cursor": cursor_of("occurrence_count", value, 1)}

    assert 400 == shared_collector.client.get("/api/v1/issues", params=parameters).status_code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "201"),
        ("limit", "9" * 30),
        ("limit", "ten"),
        ("status", "DONE"),
        ("source", "moon"),
        ("level", "FATAL"),
        ("sort", "id"),
        ("since", "soon"),
        ("until", "2026-13-01"),
        ("registrations", "maybe"),
        ("q", "x" * 60_000),
    ],
)
def test_a_wrong_parameter_is_400_and_named(shared_collector: Collector, name: str, value: str) -> None:
    response = shared_collector.client.get("/api/v1/issues", params={name: value})

    assert (400, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert [name] == [error["field"] for error in response.json()["errors"]]


def test_a_query_that_is_not_understood_is_400_and_says_what_would_be_right(shared_collector: Collector) -> None:
    response = shared_collector.client.get("/api/v1/issues", params={"query": "colour:red status:DONE"})

    assert (400, ["query", "query"]) == (response.status_code, [error["field"] for error in response.json()["errors"]])
    assert "release" in response.json()["errors"][0]["message"]
    assert "FIXING" in response.json()["errors"][1]["message"]


def test_what_the_query_says_cannot_be_said_by_another_parameter_as_well(shared_collector: Collector) -> None:
    parameters = {"query": "status:NEW sort:first_seen", "status": "FIXED", "sort": "first_seen", "level": "ERROR"}
    response = shared_collector.client.get("/api/v1/issues", params=parameters)

    assert (400, ["status", "sort"]) == (
        response.status_code,
        [error["field"] for error in response.json()["errors"]],
    )


def test_the_query_may_say_the_order(shared_collector: Collector, project: str) -> None:
    found = shared_collector.issues(query=f"project:{project} sort:occurrence_count")

    assert 5 == found[0]["occurrence_count"]


def test_a_page_may_hold_two_hundred(shared_collector: Collector) -> None:
    project_id = fresh_project()
    shared_collector.report_batch([a_report(project_id, **another_error()) for _ in range(201)])

    page = shared_collector.get("/api/v1/issues", project_id=project_id, limit=200)

    assert 200 == len(page["items"])
    assert page["next_cursor"] is not None
