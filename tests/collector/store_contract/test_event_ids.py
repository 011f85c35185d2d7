"""A retry counts once: within the project, for 24 hours after the event was last seen."""

from datetime import timedelta
from uuid import uuid4

import pytest

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.status import Status
from support.stores import Reporter, reporter_of


def outcomes(answers: list[Answer]) -> list[str]:
    return [answer.outcome.name for answer in answers]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_a_retry_counts_once(reporter: Reporter, together: bool) -> None:
    arrivals = [reporter.arrival(event_id=event_id) for event_id in [str(uuid4())] * 3]

    record = reporter.store.record
    answers = record(arrivals) if together else [answer for arrival in arrivals for answer in record([arrival])]

    assert ["NEW", "DEDUPLICATED", "DEDUPLICATED"] == outcomes(answers)
    assert 1 == reporter.issue(answers[0].issue_id).occurrence_count
    assert 1 == len(reporter.store.occurrences(answers[0].issue_id).items)


def test_a_batch_that_is_sent_again_adds_only_what_is_new_in_it(reporter: Reporter) -> None:
    events = [str(uuid4()) for _ in range(6)]
    reporter.store.record([reporter.arrival(event_id=event, line_number=1) for event in events[:4]])

    answers = reporter.store.record(
        [reporter.arrival(event_id=event, line_number=1 + number % 2) for number, event in enumerate(events)]
    )

    assert ["DEDUPLICATED"] * 5 + ["NEW"] == outcomes(answers)
    assert [5, 1] == [reporter.issue(answer.issue_id).occurrence_count for answer in answers[-2:]]


def test_the_same_event_id_of_another_project_is_another_event(reporter: Reporter) -> None:
    event, other = str(uuid4()), reporter_of(reporter.store)

    assert ["NEW", "NEW"] == outcomes([reporter.report(event_id=event), other.report(event_id=event)])


def test_two_spellings_of_an_event_id_are_one_event(reporter: Reporter) -> None:
    event = uuid4()

    answers = [reporter.report(event_id=spelling) for spelling in (str(event), str(event).upper(), event.hex)]

    assert 1 == reporter.issue(answers[0].issue_id).occurrence_count


def test_an_event_is_known_for_24_hours_after_it_was_last_seen(reporter: Reporter) -> None:
    event = str(uuid4())
    found = []
    for hours, seconds in ((0, 0), (24, -2), (24, -2), (24, -1)):  # reporting takes a second
        reporter.now += timedelta(hours=hours, seconds=seconds)
        found.append(reporter.report(event_id=event))

    assert ["NEW", "DEDUPLICATED", "DEDUPLICATED", "DEDUPLICATED"] == outcomes(found)
    assert 2 == reporter.issue(found[0].issue_id).occurrence_count


def test_an_event_of_yesterday_that_begins_anew_is_a_retry_from_then_on(reporter: Reporter) -> None:
    event = str(uuid4())
    first = reporter.report(event_id=event)
    reporter.wait(hours=30)

    later = [reporter.report(event_id=event, line_number=99) for _ in range(2)]

    assert ["NEW", "DEDUPLICATED"] == outcomes(later)
    assert [later[0].issue_id] * 2 == [answer.issue_id for answer in later]
    assert 1 == reporter.issue(first.issue_id).occurrence_count


def test_a_clock_that_is_set_back_makes_no_retry_count_again(reporter: Reporter) -> None:
    event = str(uuid4())
    first = reporter.report(event_id=event)
    reporter.wait(days=-3)

    assert Outcome.DEDUPLICATED is reporter.report(event_id=event).outcome
    assert Outcome.DEDUPLICATED is reporter.report(event_id=event).outcome
    assert 1 == reporter.issue(first.issue_id).occurrence_count


@pytest.mark.parametrize("beside", [True, False], ids=["beside its issue's own reports", "alone"])
def test_an_event_that_comes_back_with_another_error_counts_nowhere_and_answers_as_its_issue(
    reporter: Reporter, beside: bool
) -> None:
    event = str(uuid4())
    known = reporter.report(event_id=event, line_number=1)
    reporter.move(known.issue_id, "VERIFYING")

    others = [reporter.arrival(line_number=1)] if beside else []
    answers = reporter.store.record([*others, reporter.arrival(event_id=event, line_number=2)])

    assert Answer(Outcome.DEDUPLICATED, known.issue_id, Status.VERIFYING) == answers[-1]
    assert 1 + len(others) == reporter.issue(known.issue_id).occurrence_count


def test_a_retry_never_reopens(reporter: Reporter) -> None:
    event = str(uuid4())
    known = reporter.report(event_id=event)
    reporter.fix(known.issue_id)

    assert Answer(Outcome.DEDUPLICATED, known.issue_id, Status.FIXED) == reporter.report(event_id=event)
    assert 0 == reporter.issue(known.issue_id).regression_count
