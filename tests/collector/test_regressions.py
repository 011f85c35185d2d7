"""When a report reopens a fixed issue and when it only counts: section 3 of the contract."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.collector import Collector
from support.sending import a_report, fresh_project

COUNTED = "Log deduplicated"
REOPENED = "Regression detected, reopened"
TO_FIXED = ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED")
SAID_FIXED = {"FIXED": (), "VERIFIED": ("VERIFIED",), "DEPLOYED": ("VERIFIED", "DEPLOYED")}


def fixed(
    collector: Collector, status: str = "FIXED", fix: dict[str, str] | None = None, **first: Any
) -> tuple[str, int]:
    """Return the project and id of an issue that was reported once and then went the usual way to ``status``."""
    project = fresh_project()
    issue_id = collector.report(a_report(project, **first))["id"]
    collector.move(issue_id, *TO_FIXED, fix=fix)
    if SAID_FIXED[status]:
        collector.move(issue_id, *SAID_FIXED[status])
    return project, issue_id


@pytest.mark.parametrize("status", SAID_FIXED)
def test_a_report_of_a_fixed_issue_reopens_it_and_keeps_its_history(shared_collector: Collector, status: str) -> None:
    project, issue_id = fixed(shared_collector, status, fix={"commit_hash": "c0ffee"})
    before = shared_collector.get(f"/api/v1/issues/{issue_id}/history")["items"]

    answer = shared_collector.report(a_report(project))

    issue = shared_collector.issue(issue_id)
    *kept, reopening = shared_collector.get(f"/api/v1/issues/{issue_id}/history")["items"]
    assert {"message": REOPENED, "id": issue_id} == answer
    assert ("NEW", 1, 2) == tuple(issue[name] for name in ("status", "regression_count", "occurrence_count"))
    assert before == kept
    assert (status, "NEW", True) == (reopening["from"], reopening["to"], reopening["regression"])


@pytest.mark.parametrize("status", ["NEW", "VERIFYING", "CANNOT_REPRODUCE", "PENDING_FIX", "FIXING", "FIX_FAILED"])
def test_in_every_other_status_a_report_only_counts(shared_collector: Collector, status: str) -> None:
    project = fresh_project()
    issue_id = shared_collector.report(a_report(project))["id"]
    if status != "NEW":
        shared_collector.move(issue_id, status, force=True, reason="set up")

    answer = shared_collector.report(a_report(project))

    issue = shared_collector.issue(issue_id)
    assert {"message": COUNTED, "id": issue_id, "status": status} == answer
    assert (status, 0, 2) == tuple(issue[name] for name in ("status", "regression_count", "occurrence_count"))


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


@pytest.mark.parametrize("status", SAID_FIXED)
@pytest.mark.parametrize(
    ("timestamp", "message"),
    [(ago(hours=1), COUNTED), (ago(minutes=-3), REOPENED), (ago(hours=-1), REOPENED), (None, REOPENED)],
    ids=["before the fix", "after the fix", "far ahead", "absent"],
)
def test_a_report_from_before_the_fix_that_was_delivered_late_only_counts(
    shared_collector: Collector, status: str, timestamp: str | None, message: str
) -> None:
    project, issue_id = fixed(shared_collector, status)

    answer = shared_collector.report(a_report(project, timestamp=timestamp))

    assert message == answer["message"]
    assert 2 == shared_collector.issue(issue_id)["occurrence_count"]
    assert answer.get("status", "NEW") == shared_collector.issue(issue_id)["status"]


OLD, NEW = {"commit_hash": "old", "version": "1"}, {"commit_hash": "new", "version": "2"}


@pytest.mark.parametrize("status", ["FIXED", "VERIFIED"])
@pytest.mark.parametrize(
    ("fix", "build", "message"),
    [
        pytest.param(NEW, OLD, COUNTED, id="a build it was seen with before"),
        pytest.param({"version": "2"}, {"version": "1"}, COUNTED, id="a release it was seen with before"),
        pytest.param({"commit_hash": "new"}, {"commit_hash": "old"}, COUNTED, id="a commit it was seen with before"),
        pytest.param(NEW, NEW, REOPENED, id="the build with the fix"),
        pytest.param(NEW, {"commit_hash": "unknown"}, REOPENED, id="a build nobody knows"),
        pytest.param(NEW, {"version": "1"}, COUNTED, id="the release where no commit is named"),
        pytest.param(
            NEW, {"commit_hash": "unknown", "version": "1"}, REOPENED, id="the commit goes before the release"
        ),
        pytest.param(NEW, {"commit_hash": "old", "version": "2"}, COUNTED, id="and so does an old one"),
        pytest.param({"version": "2"}, {"commit_hash": "old"}, REOPENED, id="another kind than the fix named"),
        pytest.param({"branch": "fix/1"}, OLD, REOPENED, id="a fix that names no build"),
        pytest.param({"version": "1"}, {"version": "1"}, REOPENED, id="a fix in the release it was seen with"),
        pytest.param(NEW, {}, REOPENED, id="a report that names no build"),
    ],
)
def test_a_report_from_a_build_known_to_be_older_than_the_fix_only_counts(
    shared_collector: Collector, status: str, fix: dict[str, str], build: dict[str, str], message: str
) -> None:
    project, _ = fixed(shared_collector, status, fix, **OLD)

    assert message == shared_collector.report(a_report(project, **build))["message"]


def test_when_the_fix_is_live_the_build_does_not_matter(shared_collector: Collector) -> None:
    project, _ = fixed(shared_collector, "DEPLOYED", NEW, **OLD)

    assert REOPENED == shared_collector.report(a_report(project, **OLD))["message"]


def test_builds_that_a_later_move_names_do_not_count_as_the_fixs(shared_collector: Collector) -> None:
    project, issue_id = fixed(shared_collector, "FIXED", None, **OLD)
    shared_collector.move(issue_id, "VERIFIED", fix=NEW)

    assert REOPENED == shared_collector.report(a_report(project, **OLD))["message"]


def test_after_a_second_fix_the_builds_of_the_first_are_old(shared_collector: Collector) -> None:
    project, issue_id = fixed(shared_collector, "FIXED", NEW, **OLD)
    shared_collector.report(a_report(project, **NEW))
    shared_collector.move(issue_id, *TO_FIXED, fix={"version": "3"})

    answers = [shared_collector.report(a_report(project, version=version)) for version in ("1", "2", "3")]

    assert [COUNTED, COUNTED, REOPENED] == [answer["message"] for answer in answers]


def test_one_regression_is_counted_for_many_reports_at_once(shared_collector: Collector) -> None:
    project, issue_id = fixed(shared_collector)

    answers = shared_collector.report_batch([a_report(project, occurrences=2)] * 3).json()

    issue = shared_collector.issue(issue_id)
    assert [REOPENED, COUNTED, COUNTED] == [answer["message"] for answer in answers]
    assert ("NEW", 1, 7) == tuple(issue[name] for name in ("status", "regression_count", "occurrence_count"))
