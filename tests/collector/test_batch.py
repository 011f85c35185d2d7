"""Many reports in one request: the batch route in section 5 of the contract."""

import gzip
import json
from typing import Any

import pytest

from support.collector import Collector
from support.sending import a_report, another_error, fresh_project


def test_the_answers_come_in_the_order_of_the_reports(shared_collector: Collector) -> None:
    project = fresh_project()
    known = a_report(project)
    issue_id = shared_collector.report(known)["id"]

    first, second, third = shared_collector.report_batch(
        [a_report(project, **another_error()), known, a_report(project, **another_error())]
    ).json()

    assert ["Log reported", "Log reported"] == [first["message"], third["message"]]
    assert {"message": "Log deduplicated", "id": issue_id, "status": "NEW"} == second


def test_of_equal_new_reports_exactly_one_answers_log_reported(shared_collector: Collector) -> None:
    report = a_report(fresh_project())

    answers = shared_collector.report_batch([report] * 5).json()

    assert ["Log reported", *["Log deduplicated"] * 4] == [answer["message"] for answer in answers]
    assert 1 == len({answer["id"] for answer in answers})
    assert 5 == shared_collector.issue(answers[0]["id"])["occurrence_count"]


def test_a_wrong_report_gets_its_problem_in_its_place_and_the_others_are_stored(shared_collector: Collector) -> None:
    good, wrong = a_report(fresh_project()), a_report(fresh_project(), level="FATAL")
    large = a_report(fresh_project(), context={"body": "x" * 1024 * 1024})

    answers = shared_collector.report_batch([wrong, good, "no report", large]).json()

    assert "Log reported" == answers[1]["message"]
    assert [400, 400, 413] == [answers[place]["status"] for place in (0, 2, 3)]
    assert [["level"], ["(body)"]] == [[error["field"] for error in answers[place]["errors"]] for place in (0, 2)]


def test_a_bad_character_in_one_report_spoils_no_other(shared_collector: Collector) -> None:
    reports = [a_report(fresh_project(), message="\ud800\x00"), a_report(fresh_project(), line_number=2**64)]

    first, second = shared_collector.report_batch(reports).json()

    assert ("Log reported", 400) == (first["message"], second["status"])


def test_an_empty_batch_answers_an_empty_array(shared_collector: Collector) -> None:
    response = shared_collector.report_batch([])

    assert (200, []) == (response.status_code, response.json())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{}", 400, id="an object"),
        pytest.param(b"", 400, id="empty"),
        pytest.param(b"[1", 400, id="no JSON"),
        pytest.param(b"[" + b"1," * 500 + b"1]", 413, id="501 entries"),
        pytest.param(b"[" + b" " * 8 * 1024 * 1024 + b"]", 413, id="over 8 MiB"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(shared_collector: Collector, body: bytes, status: int) -> None:
    response = shared_collector.client.post("/api/v1/logs/report/batch", content=body)

    assert (status, "application/problem+json") == (response.status_code, response.headers["content-type"])


def test_five_hundred_reports_come_in_one_gzip_beacon(shared_collector: Collector) -> None:
    project = fresh_project()
    body = json.dumps([a_report(project, line_number=number % 7) for number in range(500)]).encode()
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}

    response = shared_collector.client.post("/api/v1/logs/report/batch", content=gzip.compress(body), headers=headers)

    assert (200, 500) == (response.status_code, len(response.json()))
    assert 500 == sum(issue["occurrence_count"] for issue in shared_collector.issues(project_id=project))


def test_a_batch_keeps_its_occurrences_in_their_order(shared_collector: Collector) -> None:
    project = fresh_project()
    issue_id = shared_collector.report(a_report(project))["id"]
    shared_collector.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIXED")
    late: dict[str, Any] = {"timestamp": "2020-01-01T00:00:00Z"}

    answers = shared_collector.report_batch(
        [a_report(project, message="1", **late), a_report(project, message="2"), a_report(project, message="3")]
    ).json()

    kept = shared_collector.get(f"/api/v1/issues/{issue_id}/occurrences")["items"]
    assert "Regression detected, reopened" == answers[1]["message"]
    assert ["3", "2", "1", "no such user"] == [occurrence["error"]["message"] for occurrence in kept]


def test_the_halves_of_pairs_are_told_from_pairs_and_from_escaped_backslashes(shared_collector: Collector) -> None:
    texts = [r"\ud83d\ude00", r"\ude00\ud83d", r"\ud83d\ud83d\ude00", r"\\ud800", r"\\\ud800"]
    body = json.dumps([a_report(fresh_project(), message=f"TEXT{number}", **another_error()) for number in range(5)])
    for number, text in enumerate(texts):
        body = body.replace(f"TEXT{number}", text)

    answers = shared_collector.client.post("/api/v1/logs/report/batch", content=body.encode()).json()
    messages = [shared_collector.issue(answer["id"])["error"]["message"] for answer in answers]

    assert ["😀", "\ufffd\ufffd", "\ufffd😀", r"\ud800", "\\\ufffd"] == messages
