"""What a report does to the store, alone and among others of its batch."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.base import Store
from logcenter_sdk.contract.issue import IssueError
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from support.stores import START, Reporter, reporter_of


def test_a_batch_of_nothing_changes_nothing(store: Store) -> None:
    assert [] == store.record([])
    assert () == store.issues(IssueQuery()).items


def test_the_first_report_of_an_error_begins_an_issue_with_all_that_it_said(reporter: Reporter) -> None:
    answer = reporter.report(
        level="warning", environment="staging", version="1.0", commit_hash="c1", context={"user": [1, {"a": None}]}
    )

    issue = reporter.issue(answer.issue_id)
    assert Answer(Outcome.NEW, issue.id, Status.NEW) == answer
    assert (reporter.project, Source.RUNTIME, Status.NEW) == (issue.project_id, issue.source, issue.status)
    assert (Level.WARNING, "staging", "1.0", "c1") == (issue.level, issue.environment, issue.version, issue.commit_hash)
    assert {"user": [1, {"a": None}]} == issue.context
    assert (1, 0) == (issue.occurrence_count, issue.regression_count)
    assert [reporter.now] * 2 == [issue.first_seen, issue.last_seen]
    assert (("staging",), ("1.0",), None) == (issue.environments, issue.versions, issue.fix)
    assert (issue.fingerprint,) == issue.fingerprints


def test_the_same_error_again_counts_and_the_issue_shows_what_was_reported_last(reporter: Reporter) -> None:
    first = reporter.report(version="1.0", context={"a": 1})
    second = reporter.report(message="another user", stack_trace="one\ntwo", level="CRITICAL", version="1.1")

    issue = reporter.issue(first.issue_id)
    assert Answer(Outcome.DEDUPLICATED, first.issue_id, Status.NEW) == second
    assert 2 == issue.occurrence_count
    assert (Level.CRITICAL, "1.1", {}) == (issue.level, issue.version, issue.context)
    expected = IssueError(
        type="ValueError", message="another user", file_path="app/users.py", line_number=12, stack_trace=("one", "two")
    )
    assert expected == issue.error
    assert timedelta(seconds=1) == issue.last_seen - issue.first_seen


def test_a_report_of_a_burst_counts_as_many_and_reaches_back_to_its_first(reporter: Reporter) -> None:
    first_at, last_at = START - timedelta(hours=2), START - timedelta(hours=1)

    answer = reporter.report(
        occurrences=41, timestamp=last_at.isoformat(), first_timestamp=first_at.isoformat(), context={"n": 1}
    )
    reporter.report(occurrences=2, timestamp=(first_at + timedelta(minutes=1)).isoformat())

    issue = reporter.issue(answer.issue_id)
    assert (43, first_at, last_at) == (issue.occurrence_count, issue.first_seen, issue.last_seen)


def test_a_reporter_whose_clock_is_far_ahead_is_given_the_collector_s_time(reporter: Reporter) -> None:
    answer = reporter.report(timestamp=(START + timedelta(hours=1)).isoformat())

    assert reporter.now == reporter.issue(answer.issue_id).last_seen


def test_of_equal_new_errors_in_one_batch_exactly_one_is_reported_and_the_answers_keep_their_order(
    reporter: Reporter,
) -> None:
    lines = [7, 8, 7, 7, 8]

    answers = reporter.store.record([reporter.arrival(line_number=line) for line in lines])

    assert ["NEW", "NEW", "DEDUPLICATED", "DEDUPLICATED", "DEDUPLICATED"] == [a.outcome.name for a in answers]
    assert lines == [reporter.issue(answer.issue_id).error.line_number for answer in answers]
    assert [3, 2] == [reporter.issue(answer.issue_id).occurrence_count for answer in answers[:2]]


def test_an_answer_tells_the_status_after_the_batch(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id)

    late, reopening = reporter.store.record(
        [reporter.arrival(timestamp=START.isoformat()), reporter.arrival(timestamp=None)]
    )

    assert Answer(Outcome.DEDUPLICATED, issue_id, Status.NEW) == late
    assert Answer(Outcome.REGRESSION, issue_id, Status.NEW) == reopening


def test_the_same_error_in_another_project_is_another_issue(reporter: Reporter) -> None:
    other = reporter_of(reporter.store)

    assert reporter.report().issue_id != other.report().issue_id


def test_an_issue_is_of_the_source_that_reported_it_first_within_one_batch_as_well(reporter: Reporter) -> None:
    alone = reporter.report(fingerprint=["alone"], source="cicd").issue_id
    reporter.report(fingerprint=["alone"], source="deployment")
    together, _ = reporter.store.record(
        [reporter.arrival(fingerprint=["together"], source=source) for source in ("cicd", "deployment")]
    )

    assert [Source.CICD] * 2 == [reporter.issue(issue_id).source for issue_id in (alone, together.issue_id)]


def test_what_storage_cannot_hold_is_replaced_and_what_is_too_long_is_cut(reporter: Reporter) -> None:
    answer = reporter.report(environment="a\0b", version="v" * 300, message="m\0" * 9_000)

    issue = reporter.issue(answer.issue_id)
    assert "a\ufffdb" == issue.environment
    assert (200, True) == (len(str(issue.version)), str(issue.version).endswith("… [cut]"))
    assert ("m\ufffdm\ufffd", True) == (issue.error.message[:4], issue.error.message.endswith("… [cut]"))
    assert ("a\ufffdb",) == issue.environments


def test_a_registration_stays_out_of_the_inbox_until_a_real_error_joins_it(reporter: Reporter) -> None:
    def inbox() -> list[int]:
        return [issue.id for issue in reporter.store.issues(IssueQuery(project_id=(reporter.project,))).items]

    answer = reporter.report(type="ProjectInit", fingerprint=["one"])
    asked_for = reporter.store.issues(IssueQuery(project_id=(reporter.project,), registration=None)).items
    assert ([], [answer.issue_id]) == (inbox(), [issue.id for issue in asked_for])

    reporter.report(fingerprint=["one"])
    reporter.report(type="ProjectInit", fingerprint=["one"])
    assert [answer.issue_id] == inbox()


def test_nothing_that_arrives_changes_nothing(store: Store) -> None:
    assert [] == store.record([])


def test_many_threads_at_once_lose_no_report_and_begin_each_issue_once(reporter: Reporter) -> None:
    batches = [[reporter.arrival(line_number=line) for line in (1, 2, 3)] for _ in range(40)]

    with ThreadPoolExecutor(8) as threads:
        answers = [answer for part in threads.map(reporter.store.record, batches) for answer in part]

    ids = {answer.issue_id for answer in answers}
    assert 3 == len(ids) == sum(answer.outcome is Outcome.NEW for answer in answers)
    assert [40] * 3 == [reporter.issue(issue_id).occurrence_count for issue_id in ids]
