"""What a project's rules scrub is in no byte that the collector keeps, whichever way it came."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from support.collector import Collector, start
from support.sending import a_report, fresh_project

SECRET: Final = "tok_hunter2"
PASSWORD: Final = "correct horse"
RULES: Final = {"scrub_names": ["password"], "scrub_patterns": [r"tok_\w+"]}
WAYS: Final[dict[str, dict[str, str]]] = {
    "quick": {},
    "compressed": {"Content-Encoding": "gzip"},
    "of a page": {"Origin": "https://shop.example"},
}


@pytest.fixture(scope="module")
def scrubbing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector for the tests of this file."""
    collector = start(tmp_path_factory.mktemp("scrubbing") / "logcenter.db")
    yield collector
    assert 0 == collector.stop()


def demand(collector: Collector, project: str, **demands: Any) -> None:
    """Set what a project demands."""
    collector.client.put(f"/api/v1/projects/{project}/doors", json=demands).raise_for_status()


def a_leak(project: str, **changes: Any) -> dict[str, Any]:
    """Return a report that holds the secrets wherever a report can hold one."""
    frame = {"file_path": "app/users.py", "line_number": 12, "context_line": f"login('{SECRET}')"}
    return a_report(
        project,
        **{
            "message": f"cannot log in with {SECRET}",
            "stack_trace": ["Traceback (most recent call last):", f"ValueError: {SECRET}"],
            "context": {"request": {"Password": PASSWORD, "url": f"/login?t={SECRET}"}, SECRET: 1},
            "fingerprint": ["{{default}}", SECRET],
            "frames": [{**frame, "locals": {"password": PASSWORD, "token": SECRET}, "pre_context": [SECRET]}],
            **changes,
        },
    )


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_stored_and_the_issue_is_the_same_as_without_rules(scrubbing: Collector, way: str) -> None:
    project, report = fresh_project(), None
    demand(scrubbing, project, **RULES)
    report = a_leak(project)
    content = json.dumps(report).encode()
    content = gzip.compress(content) if way == "compressed" else content

    answer = scrubbing.client.post("/api/v1/logs/report", content=content, headers=WAYS[way])

    assert "Log reported" == answer.json()["message"]
    issue = scrubbing.issue(answer.json()["id"])
    [kept] = scrubbing.get(f"/api/v1/issues/{issue['id']}/occurrences")["items"]
    assert fingerprint_of(read(Report, report)) == issue["fingerprint"]
    assert "cannot log in with [scrubbed]" == issue["error"]["message"]
    assert {"request": {"Password": "[scrubbed]", "url": "/login?t=[scrubbed]"}, "[scrubbed]": 1} == issue["context"]
    assert {"password": "[scrubbed]", "token": "[scrubbed]"} == kept["frames"][0]["locals"]
    for shown in (json.dumps(issue), json.dumps(kept)):
        assert SECRET not in shown
        assert PASSWORD not in shown


def test_a_report_that_the_quick_reader_takes_is_scrubbed_as_well(scrubbing: Collector) -> None:
    project = fresh_project()
    demand(scrubbing, project, **RULES)

    answer = scrubbing.report(a_leak(project, frames=None, fingerprint=None))

    assert SECRET not in json.dumps(scrubbing.issue(answer["id"]))


def test_a_large_report_is_scrubbed_as_well_alone_and_in_a_batch(scrubbing: Collector) -> None:
    project = fresh_project()
    demand(scrubbing, project, **RULES)
    large = a_leak(project, frames=None, fingerprint=None, context={"log": f"{'x' * 20_000} {SECRET} {'y' * 20_000}"})

    alone = scrubbing.report(large)
    [first, second] = scrubbing.report_batch([large, a_leak(project)]).json()

    assert alone["id"] == first["id"]
    for issue_id in (first["id"], second["id"]):
        assert SECRET not in json.dumps(scrubbing.issue(issue_id))
    assert {"accepted": 3, "refused": 0} == scrubbing.get(f"/api/v1/projects/{project}/doors")["today"]


def test_rules_and_limits_hold_together(scrubbing: Collector) -> None:
    project = fresh_project()
    demand(scrubbing, project, **RULES, per_day=1)

    assert [200, 429, 429] == [scrubbing.post_report(a_leak(project)).status_code for _ in range(3)]
    assert {"accepted": 1, "refused": 2} == scrubbing.get(f"/api/v1/projects/{project}/doors")["today"]


def test_the_reports_of_a_batch_are_scrubbed_by_the_rules_of_their_own_projects(scrubbing: Collector) -> None:
    project, other = fresh_project(), fresh_project()
    demand(scrubbing, project, scrub_patterns=["hunter2"])

    answers = scrubbing.report_batch([a_leak(project), a_leak(other)]).json()

    messages = [scrubbing.issue(answer["id"])["error"]["message"] for answer in answers]
    assert ["cannot log in with tok_[scrubbed]", "cannot log in with tok_hunter2"] == messages


def test_a_secret_that_a_limit_would_cut_in_two_is_scrubbed_before(scrubbing: Collector) -> None:
    project = fresh_project()
    demand(scrubbing, project, scrub_patterns=["SECRET-[0-9]{20}"])
    message = "x" * (8 * 1024 - 20) + "SECRET-12345678901234567890"

    answer = scrubbing.report(a_report(project, message=message))

    assert "SECRET" not in scrubbing.issue(answer["id"])["error"]["message"]


def test_the_files_of_the_database_hold_no_byte_of_a_secret(tmp_path: Path) -> None:
    collector = start(tmp_path / "logcenter.db")
    demand(collector, "p", **RULES)
    plain = a_report("q", message="a-text-that-no-rule-scrubs", context={"a": "another-such-text"})
    for report in (a_leak("p"), a_leak("p", frames=None, fingerprint=None), plain):
        collector.report(report)
        collector.report(report)
    assert SECRET.encode() not in stored_bytes(tmp_path)  # with what waits in the write-ahead log
    collector.stop()

    kept = stored_bytes(tmp_path)
    assert SECRET.encode() not in kept
    assert PASSWORD.encode() not in kept
    assert b"a-text-that-no-rule-scrubs" in kept  # so that a secret would have been seen
    assert b"another-such-text" in kept


def stored_bytes(folder: Path) -> bytes:
    """Return all files of a database."""
    return b"".join(file.read_bytes() for file in folder.glob("logcenter.db*"))
