"""When a report reopens an issue that was called fixed, and when it only counts."""

from datetime import timedelta
from typing import Any

import pytest

from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.status import Status
from support.stores import START, Reporter


@pytest.mark.parametrize("status", ["FIXED", "VERIFIED", "DEPLOYED"])
def test_a_report_of_what_was_fixed_reopens_it(reporter: Reporter, status: str) -> None:
    issue_id = reporter.report().issue_id
    reporter.move(issue_id, status, force=True, reason="it is so", fix=Fix(branch="fix/it"))

    answer = reporter.report()

    issue = reporter.issue(issue_id)
    assert (Outcome.REGRESSION, issue_id) == (answer.outcome, answer.issue_id)
    assert (Status.NEW, 1, 2) == (issue.status, issue.regression_count, issue.occurrence_count)
    *_, change = reporter.store.history(issue_id)
    assert (Status(status), Status.NEW, True) == (change.from_, change.to, change.regression)
    assert (reporter.now, None, None) == (change.at, change.actor, change.fix)


@pytest.mark.parametrize(
    "status", [status for status in Status if status not in {"NEW", "FIXED", "VERIFIED", "DEPLOYED"}]
)
def test_in_every_other_status_a_report_only_counts(reporter: Reporter, status: Status) -> None:
    issue_id = reporter.report().issue_id
    reporter.move(issue_id, status, force=True, reason="it is so")

    answer = reporter.report()

    assert (Outcome.DEDUPLICATED, status) == (answer.outcome, answer.status)
    assert (status, 0, 2) == (
        (issue := reporter.issue(issue_id)).status,
        issue.regression_count,
        issue.occurrence_count,
    )


def test_a_batch_reopens_an_issue_once(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id)

    answers = reporter.store.record([reporter.arrival() for _ in range(3)])

    assert ["REGRESSION", "DEDUPLICATED", "DEDUPLICATED"] == [answer.outcome.name for answer in answers]
    assert 1 == reporter.issue(issue_id).regression_count


def test_a_report_from_before_the_fix_that_is_delivered_late_only_counts(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id)

    late = reporter.report(timestamp=(reporter.now - timedelta(seconds=1)).isoformat())
    then = reporter.report(timestamp=(reporter.now + timedelta(seconds=1)).isoformat())

    assert [Outcome.DEDUPLICATED, Outcome.REGRESSION] == [late.outcome, then.outcome]


OLD, NEW = {"commit_hash": "old", "version": "1.0"}, {"commit_hash": "new", "version": "2.0"}


@pytest.mark.parametrize(
    ("seen", "fix", "reported", "outcome"),
    [
        ([OLD], {"commit_hash": "new"}, {"commit_hash": "old"}, "DEDUPLICATED"),
        ([OLD], {"commit_hash": "new"}, {"commit_hash": "new"}, "REGRESSION"),
        ([OLD], {"commit_hash": "new"}, {"commit_hash": "never seen"}, "REGRESSION"),
        ([OLD], {"version": "2.0"}, {"version": "1.0"}, "DEDUPLICATED"),
        ([OLD], {"version": "2.0"}, {"commit_hash": "old"}, "REGRESSION"),
        ([OLD], NEW, {"commit_hash": "new", "version": "1.0"}, "REGRESSION"),
        ([OLD], NEW, {"commit_hash": "old", "version": "2.0"}, "DEDUPLICATED"),
        ([OLD], {}, OLD, "REGRESSION"),
        ([{}], {"commit_hash": "new"}, {"commit_hash": "old"}, "REGRESSION"),
        ([OLD, NEW], {"commit_hash": "newest"}, {"commit_hash": "old"}, "DEDUPLICATED"),
    ],
)
def test_a_report_from_a_build_known_to_be_older_than_the_fix_only_counts(
    reporter: Reporter, seen: list[dict[str, Any]], fix: dict[str, Any], reported: dict[str, Any], outcome: str
) -> None:
    for build in seen:
        issue_id = reporter.report(**build).issue_id
    reporter.fix(issue_id, fix=Fix(**fix))

    assert outcome == reporter.report(**reported).outcome.name


def test_once_a_fix_is_deployed_its_build_does_not_matter(reporter: Reporter) -> None:
    issue_id = reporter.report(commit_hash="old").issue_id
    reporter.fix(issue_id, fix=Fix(commit_hash="new"))
    reporter.move(issue_id, "VERIFIED", "DEPLOYED")

    assert Outcome.REGRESSION is reporter.report(commit_hash="old").outcome


def test_what_was_seen_between_two_fixes_is_older_than_the_second_although_no_time_passed(reporter: Reporter) -> None:
    reporter.now = START
    issue_id = reporter.report(commit_hash="c1").issue_id
    reporter.fix(issue_id, fix=Fix(commit_hash="c2"))
    now = reporter.now
    assert Outcome.REGRESSION is reporter.report(commit_hash="c2").outcome
    reporter.now = now
    reporter.fix(issue_id, fix=Fix(commit_hash="c3"))

    assert Outcome.DEDUPLICATED is reporter.report(commit_hash="c2").outcome
