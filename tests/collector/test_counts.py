"""What is counted of reports, and what the log says of those that are refused."""

import logging
from datetime import UTC, datetime

import pytest

from logcenter_collector.ingest.counts import NAMED_PROJECTS, Counts, Histogram
from logcenter_collector.ingest.refusal import Reason, RefusedError, invalid_fields, too_many
from logcenter_collector.ingest.refusal_log import QUIET_SECONDS, RefusalLog
from logcenter_collector.store.base import Arrival, arrive
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Report, ReportedError

REFUSAL = invalid_fields([])


def arrival(project_id: str = "p", source: str | None = None) -> Arrival:
    error = ReportedError(type="T", message="m", stack_trace=())
    report = Report(project_id=project_id, environment="e", level="ERROR", error=error, source=source)
    return arrive(report, datetime.now(UTC))


def answers(*outcomes: Outcome) -> list[Answer | RefusedError]:
    return [Answer(outcome, 1) for outcome in outcomes]


def test_accepted_reports_are_counted_by_project_source_and_outcome() -> None:
    counts = Counts()

    arrivals = [arrival("p"), arrival("p"), arrival("p", "runtime"), arrival("q", "cicd")]
    counts.answered(arrivals, answers(Outcome.NEW, *[Outcome.DEDUPLICATED] * 2, Outcome.REGRESSION), 0.1)

    assert {
        ("p", "runtime", Outcome.NEW): 1,
        ("p", "runtime", Outcome.DEDUPLICATED): 2,
        ("q", "cicd", Outcome.REGRESSION): 1,
    } == counts.snapshot().accepted


def test_a_batch_counts_each_of_its_reports_once_whether_stored_or_not() -> None:
    counts = Counts()

    counts.answered([arrival()] * 3, [Answer(Outcome.NEW, 1), REFUSAL, REFUSAL], 0.1)

    counted = counts.snapshot()
    assert {"accepted": 1, "rejected": 2} == counts.totals
    assert 2 == counted.rejected[Reason.INVALID_FIELDS]
    assert (1, 1) == (sum(counted.batch_reports.counts), counted.batch_reports.total)


def test_a_batch_of_which_nothing_was_stored_is_no_commit() -> None:
    counts = Counts()

    counts.answered([arrival()], [REFUSAL], 2.0)

    assert (0, 0) == (sum(counts.snapshot().commit_seconds.counts), counts.snapshot().commit_seconds.total)


def test_a_refused_batch_counts_all_reports_that_it_had() -> None:
    counts = Counts()

    counts.refused(too_many(500, sent=731))

    assert 731 == counts.snapshot().rejected[Reason.TOO_MANY]


def test_an_error_of_the_collector_counts_as_one_rejected_report() -> None:
    counts = Counts()

    counts.refused(ValueError("a bug"))

    assert {"accepted": 0, "rejected": 1} == counts.totals
    assert 1 == counts.snapshot().rejected[Reason.INTERNAL_ERROR]


def test_past_a_number_of_projects_all_others_are_counted_together() -> None:
    counts = Counts()

    for number in (*range(NAMED_PROJECTS + 50), 0):
        counts.answered([arrival(f"p{number}")], answers(Outcome.NEW), 0.1)

    accepted = counts.snapshot().accepted
    assert NAMED_PROJECTS + 1 == len(accepted)
    assert (50, 2, NAMED_PROJECTS + 51) == (
        accepted["other", "runtime", Outcome.NEW],
        accepted["p0", "runtime", Outcome.NEW],
        sum(accepted.values()),
    )


def test_a_snapshot_changes_no_more() -> None:
    counts = Counts()
    before = counts.snapshot()

    counts.answered([arrival(), arrival()], [*answers(Outcome.NEW), REFUSAL], 0.1)

    assert counts.snapshot() != before
    assert Counts().snapshot() == before


def test_a_histogram_counts_a_value_that_is_a_bound_below_it() -> None:
    histogram = Histogram((1, 2, 5))

    for value in (1, 1.5, 2, 5, 6):
        histogram.observe(value)

    assert ([1, 2, 1, 1], 15.5) == (histogram.counts, histogram.total)


def test_of_a_kind_of_refusal_one_line_is_logged_and_the_next_after_a_while_says_how_many_there_were(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    heard = RefusalLog(lambda: now)

    for now in (0.0, 1.0, QUIET_SECONDS - 1.0, float(QUIET_SECONDS)):  # noqa: B007 - the clock reads it
        heard.hear(Reason.QUEUE_FULL, "More reports are waiting than can be stored now.", 10)
    heard.hear(Reason.NOT_JSON, "The body is empty.", 1)

    lines = [(record.levelno, vars(record)["reason"], vars(record)["reports"]) for record in caplog.records]
    assert [(logging.WARNING, "queue_full", 10), (logging.WARNING, "queue_full", 30), (30, "not_json", 1)] == lines
    assert caplog.records[2].message.endswith("The body is empty.")
