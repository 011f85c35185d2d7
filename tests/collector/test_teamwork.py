"""Who cares for issues, over HTTP: assign, mute, comment, save views, and all of it for several issues."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from support.collector import Collector
from support.sending import a_report, another_error, fresh_project


@pytest.fixture
def issue_id(shared_collector: Collector) -> int:
    return int(shared_collector.report(a_report(fresh_project()))["id"])


def put(collector: Collector, issue_id: int, what: str, body: object) -> httpx.Response:
    return collector.client.put(f"/api/v1/issues/{issue_id}/{what}", json=body)


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def test_an_issue_says_who_cares_for_it(shared_collector: Collector, issue_id: int) -> None:
    assert shared_collector.issue(issue_id)["assignee"] is None

    answer = put(shared_collector, issue_id, "assignee", {"assignee": "mei"})

    assert (200, "mei") == (answer.status_code, answer.json()["assignee"])
    assert "mei" == shared_collector.issue(issue_id)["assignee"]
    project_id = answer.json()["project_id"]
    [listed] = shared_collector.issues(query=f"assignee:mei project:{project_id}")
    assert ("mei", issue_id) == (listed["assignee"], listed["id"])
    assert put(shared_collector, issue_id, "assignee", {"assignee": None}).json()["assignee"] is None


def test_an_issue_says_until_when_it_is_muted(shared_collector: Collector, issue_id: int) -> None:
    until = in_an_hour()

    answer = put(shared_collector, issue_id, "mute", {"until": until, "more": 9}).json()

    assert datetime.fromisoformat(until) == datetime.fromisoformat(answer["muted_until"])
    assert 10 == answer["muted_until_count"] == shared_collector.issue(issue_id)["muted_until_count"]
    assert [] == shared_collector.issues(query=f"-is:muted project:{answer['project_id']}")
    assert [issue_id] == [issue["id"] for issue in shared_collector.issues(project_id=answer["project_id"])]
    ended = put(shared_collector, issue_id, "mute", {}).json()
    assert (None, None) == (ended["muted_until"], ended["muted_until_count"])


def test_a_mute_that_ran_out_is_none(shared_collector: Collector, issue_id: int) -> None:
    put(shared_collector, issue_id, "mute", {"more": 1})
    project_id = shared_collector.issue(issue_id)["project_id"]

    shared_collector.report(a_report(project_id))

    [listed] = shared_collector.issues(project_id=project_id)
    assert (None, None) == (listed["muted_until_count"], shared_collector.issue(issue_id)["muted_until_count"])


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("assignee", {}, "assignee"),
        ("assignee", {"assignee": ""}, "assignee"),
        ("assignee", {"assignee": "None"}, "assignee"),
        ("assignee", {"assignee": 5}, "assignee"),
        ("assignee", {"assignee": "x" * 201}, "assignee"),
        ("mute", {"until": "soon"}, "until"),
        ("mute", {"until": "2020-01-01T00:00:00Z"}, "until"),
        ("mute", {"more": 0}, "more"),
        ("mute", {"more": 2**40}, "more"),
    ],
)
def test_a_wrong_wish_is_400_and_its_field_is_named(
    shared_collector: Collector, issue_id: int, what: str, body: object, field: str
) -> None:
    answer = put(shared_collector, issue_id, what, body)

    assert (400, [field]) == (answer.status_code, [error["field"] for error in answer.json()["errors"]])


def test_comments_are_added_read_and_taken_back(shared_collector: Collector, issue_id: int) -> None:
    path = f"/api/v1/issues/{issue_id}/comments"

    said = shared_collector.client.post(path, json={"text": "又来了?", "author": "mei"}).json()

    assert {"id": said["id"], "issue_id": issue_id, "text": "又来了?", "author": "mei"} == {
        name: said[name] for name in ("id", "issue_id", "text", "author")
    }
    assert [said] == shared_collector.get(path)["items"]
    assert 200 == shared_collector.client.delete(f"{path}/{said['id']}").status_code
    assert 404 == shared_collector.client.delete(f"{path}/{said['id']}").status_code
    assert [] == shared_collector.get(path)["items"]


@pytest.mark.parametrize("text", ["", " \n", "用" * 2_731, 5])
def test_a_comment_says_something_and_not_too_much(shared_collector: Collector, issue_id: int, text: object) -> None:
    answer = shared_collector.client.post(f"/api/v1/issues/{issue_id}/comments", json={"text": text})

    assert (400, "text") == (answer.status_code, answer.json()["errors"][0]["field"])


@pytest.mark.parametrize("unknown", [0, 2**62, 2**70])
def test_what_concerns_an_unknown_issue_is_404(shared_collector: Collector, unknown: int) -> None:
    client, path = shared_collector.client, f"/api/v1/issues/{unknown}"

    answers = [
        client.put(f"{path}/assignee", json={"assignee": "mei"}),
        client.put(f"{path}/mute", json={"more": 1}),
        client.get(f"{path}/comments"),
        client.post(f"{path}/comments", json={"text": "x"}),
        client.delete(f"{path}/comments/1"),
        client.delete(f"/api/v1/views/{unknown}"),
    ]

    assert [404] * 6 == [answer.status_code for answer in answers]


def test_a_view_is_saved_listed_and_deleted(shared_collector: Collector) -> None:
    saved = shared_collector.client.post("/api/v1/views", json={"name": "mine", "query": "is:muted -x"}).json()

    assert ("mine", "is:muted -x", False) == (saved["name"], saved["query"], saved["shared"])
    assert saved in shared_collector.get("/api/v1/views")["items"]
    assert 200 == shared_collector.client.delete(f"/api/v1/views/{saved['id']}").status_code
    assert saved not in shared_collector.get("/api/v1/views")["items"]


@pytest.mark.parametrize(
    ("view", "field"), [({"name": "x", "query": "colour:red"}, "query"), ({"name": " ", "query": ""}, "name")]
)
def test_a_view_that_nobody_understands_is_not_saved(
    shared_collector: Collector, view: dict[str, str], field: str
) -> None:
    answer = shared_collector.client.post("/api/v1/views", json=view)

    assert (400, field) == (answer.status_code, answer.json()["errors"][0]["field"])


def change(collector: Collector, **body: Any) -> httpx.Response:
    return collector.client.post("/api/v1/issues/bulk", json=body)


def test_several_issues_are_changed_at_once_and_each_is_answered(shared_collector: Collector) -> None:
    project_id = fresh_project()
    ids = [shared_collector.report(a_report(project_id, **another_error()))["id"] for _ in range(3)]
    shared_collector.move(ids[1], "VERIFYING")

    moved = change(shared_collector, ids=[*ids, 2**62, ids[0]], move={"to": "VERIFYING", "from": "NEW"}).json()
    assigned = change(shared_collector, ids=ids, assign={"assignee": "mei"}).json()
    muted = change(shared_collector, ids=ids, mute={"more": 5}).json()

    assert [*ids, 2**62] == [item["id"] for item in moved["items"]]
    assert [None, 409, None, 404] == [item["problem"] and item["problem"]["status"] for item in moved["items"]]
    assert ["VERIFYING"] * 3 == [issue["status"] for issue in shared_collector.issues(project_id=project_id)]
    assert ["mei"] * 3 == [item["issue"]["assignee"] for item in assigned["items"]]
    assert [6] * 3 == [item["issue"]["muted_until_count"] for item in muted["items"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": []}, "ids"),
        ({"ids": [1] * 201}, "ids"),
        ({"ids": ["1"]}, "ids[0]"),
        ({"ids": [1]}, "(body)"),
        ({"ids": [1], "mute": {}, "assign": {"assignee": None}}, "(body)"),
        ({"ids": [1], "mute": {"until": "2020-01-01"}}, "mute.until"),
        ({"ids": [1], "move": {"to": "DONE"}}, "move.to"),
        ({"ids": [1], "assign": {}}, "assign.assignee"),
    ],
)
def test_a_wrong_bulk_request_changes_nothing(shared_collector: Collector, body: dict[str, Any], field: str) -> None:
    answer = change(shared_collector, **body)

    assert (400, field) == (answer.status_code, answer.json()["errors"][0]["field"])
