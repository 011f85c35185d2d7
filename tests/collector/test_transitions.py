"""Moves of an issue: the table of section 3 of the contract, both ways, and the transitions route."""

from typing import Any

import httpx
import pytest

from support.collector import Collector
from support.sending import a_report, fresh_project

# Written down once more, not taken from the code: this is the contract's table.
TABLE = {
    "NEW": ["VERIFYING"],
    "VERIFYING": ["PENDING_FIX", "CANNOT_REPRODUCE"],
    "CANNOT_REPRODUCE": ["VERIFYING"],
    "PENDING_FIX": ["FIXING"],
    "FIXING": ["FIXED", "FIX_FAILED"],
    "FIX_FAILED": ["PENDING_FIX"],
    "FIXED": ["VERIFIED", "FIX_FAILED"],
    "VERIFIED": ["DEPLOYED"],
    "DEPLOYED": [],
}
PAIRS = [(old, new) for old in TABLE for new in TABLE]


def issue_in(collector: Collector, status: str) -> int:
    """Return the id of a fresh issue that an override set to a status."""
    issue_id = int(collector.report(a_report(fresh_project()))["id"])
    if status != "NEW":
        collector.move(issue_id, status, force=True, reason="set up")
    return issue_id


def move(collector: Collector, issue_id: int | str, body: Any, **request: Any) -> httpx.Response:
    request = request or {"json": body}
    return collector.client.post(f"/api/v1/issues/{issue_id}/transitions", **request)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_table_decides_which_step_is_legal(shared_collector: Collector, old: str, new: str) -> None:
    issue_id = issue_in(shared_collector, old)

    response = move(shared_collector, issue_id, {"to": new})

    if new in TABLE[old]:
        assert (200, new) == (response.status_code, response.json()["status"])
        assert set(TABLE[new]) == set(response.json()["next_statuses"])
    else:
        problem = response.json()
        assert (409, "application/problem+json") == (response.status_code, response.headers["content-type"])
        assert (old, set(TABLE[old])) == (problem["status_now"], set(problem["allowed"]))
        assert old == shared_collector.issue(issue_id)["status"]


@pytest.mark.parametrize(("old", "new"), [(old, new) for old, new in PAIRS if old != new and new not in TABLE[old]])
def test_an_override_goes_from_any_status_to_any_other_and_is_recorded(
    shared_collector: Collector, old: str, new: str
) -> None:
    issue_id = issue_in(shared_collector, old)

    issue = shared_collector.move(issue_id, new, force=True, reason="we know better", actor="mai")

    change = shared_collector.get(f"/api/v1/issues/{issue_id}/history")["items"][-1]
    assert new == issue["status"]
    assert (old, new, True, "we know better", "mai") == tuple(
        change[name] for name in ("from", "to", "override", "reason", "actor")
    )


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": ""}, {"reason": " \n"}])
def test_an_override_without_a_reason_is_400(shared_collector: Collector, reason: dict[str, Any]) -> None:
    response = move(shared_collector, issue_in(shared_collector, "NEW"), {"to": "FIXED", "force": True, **reason})

    assert (400, ["reason"]) == (response.status_code, [error["field"] for error in response.json()["errors"]])


def test_a_reason_without_force_overrides_nothing(shared_collector: Collector) -> None:
    response = move(shared_collector, issue_in(shared_collector, "NEW"), {"to": "FIXED", "reason": "please"})

    assert 409 == response.status_code


@pytest.mark.parametrize("more", [{}, {"force": True, "reason": "hurry"}])
def test_a_move_from_another_status_than_expected_is_409(shared_collector: Collector, more: dict[str, Any]) -> None:
    issue_id = issue_in(shared_collector, "FIXING")

    lost = move(shared_collector, issue_id, {"to": "FIXED", "from": "PENDING_FIX", **more})
    won = move(shared_collector, issue_id, {"to": "FIXED", "from": "FIXING"})

    assert (409, "FIXING", {"FIXED", "FIX_FAILED"}) == (
        lost.status_code,
        lost.json()["status_now"],
        set(lost.json()["allowed"]),
    )
    assert (200, "FIXED") == (won.status_code, won.json()["status"])


def test_a_failed_move_leaves_no_trace_in_the_history(shared_collector: Collector) -> None:
    issue_id = issue_in(shared_collector, "NEW")

    move(shared_collector, issue_id, {"to": "FIXED"})

    assert [] == shared_collector.get(f"/api/v1/issues/{issue_id}/history")["items"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["to"]),
        ({"to": None}, ["to"]),
        ({"to": "DONE"}, ["to"]),
        ({"to": "fixed"}, ["to"]),
        ({"to": "VERIFYING", "from": "DONE"}, ["from"]),
        ({"to": "VERIFYING", "actor": "x" * 201}, ["actor"]),
        ({"to": "VERIFYING", "reason": "x" * 8193}, ["reason"]),
        ({"to": "VERIFYING", "force": "yes"}, ["force"]),
        ({"to": "VERIFYING", "fix": "c0ffee"}, ["fix"]),
        ({"to": 1, "actor": 2, "fix": {"commit_hash": "x" * 201, "version": 3}}, None),
        ([], ["(body)"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_fields_of_a_move_are_400_and_named(
    shared_collector: Collector, body: Any, fields: list[str] | None
) -> None:
    response = move(shared_collector, issue_in(shared_collector, "NEW"), body)

    expected = fields or ["to", "actor", "fix.commit_hash", "fix.version"]
    assert 400 == response.status_code
    assert expected == [error["field"].removeprefix("body.") for error in response.json()["errors"]]


def test_the_fix_is_on_the_issue_and_later_moves_add_to_it(shared_collector: Collector) -> None:
    issue_id = issue_in(shared_collector, "FIXING")

    shared_collector.move(issue_id, "FIXED", fix={"commit_hash": "c0ffee", "branch": "fix/1"})
    issue = shared_collector.move(issue_id, "VERIFIED", fix={"version": "2.0", "unknown": 1})

    assert {"commit_hash": "c0ffee", "branch": "fix/1", "pr_url": None, "version": "2.0"} == issue["fix"]


@pytest.mark.parametrize("issue_id", ["0", "-1", "999999999", "9" * 30])
def test_a_move_of_an_issue_that_is_not_there_is_404(shared_collector: Collector, issue_id: str) -> None:
    assert 404 == move(shared_collector, issue_id, {"to": "VERIFYING"}).status_code


def test_a_move_that_does_not_say_json_is_415(shared_collector: Collector) -> None:
    headers = {"Content-Type": "text/plain"}

    response = move(shared_collector, 1, None, content=b'{"to": "VERIFYING"}', headers=headers)

    assert 415 == response.status_code
