"""Every golden case, sent over HTTP to a collector that was started as a process."""

from typing import Any

import pytest

from support.cases import CASES, MORE_CASES, Player
from support.collector import Collector

_SEQUENCES = [*CASES["sequences"], *MORE_CASES["sequences"]]


def test_each_report_gets_the_issue_of_its_fingerprint(collector: Collector) -> None:
    answers = [collector.report(case["report"]) for case in CASES["reports"]]

    assert [case["fingerprint"] for case in CASES["reports"]] == [
        collector.issue(answer["id"])["fingerprint"] for answer in answers
    ]


def test_a_batch_of_all_reports_is_answered_as_one_by_one(collector: Collector) -> None:
    response = collector.client.post("/api/v1/logs/report/batch", json=[case["report"] for case in CASES["reports"]])

    fingerprints = [case["fingerprint"] for case in CASES["reports"]]
    messages = [
        "Log deduplicated" if fingerprint in fingerprints[:index] else "Log reported"
        for index, fingerprint in enumerate(fingerprints)
    ]
    assert messages == [answer["message"] for answer in response.json()]


@pytest.mark.parametrize(("index", "sequence"), list(enumerate(_SEQUENCES)), ids=[case["name"] for case in _SEQUENCES])
def test_a_sequence_is_answered_as_its_case_states(
    shared_collector: Collector, index: int, sequence: dict[str, Any]
) -> None:
    player = Player(shared_collector, f".case-{index}")

    for step in sequence["steps"]:
        player.play(step)


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_a_refused_body_is_a_problem_that_names_every_wrong_field(
    shared_collector: Collector, case: dict[str, Any]
) -> None:
    response = shared_collector.client.post("/api/v1/logs/report", content=case["body"])

    problem = response.json()
    assert case["status"] == response.status_code
    assert response.headers["content-type"] == "application/problem+json"
    assert {"title", "status", "detail"} <= problem.keys()
    assert case["status"] == problem["status"]
    if "fields" in case:
        assert case["fields"] == [error["field"] for error in problem["errors"]]
