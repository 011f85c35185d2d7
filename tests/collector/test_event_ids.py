"""A retried report counts once: ``event_id`` in section 1 of the contract."""

from collections.abc import Callable
from uuid import uuid4

from support.collector import Collector
from support.sending import a_report, another_error, fresh_project


def test_a_retry_counts_once_and_answers_deduplicated(shared_collector: Collector) -> None:
    report = a_report(fresh_project(), event_id=str(uuid4()))

    answers = [shared_collector.report(report) for _ in range(3)]

    assert ["Log reported", "Log deduplicated", "Log deduplicated"] == [answer["message"] for answer in answers]
    assert 1 == shared_collector.issue(answers[0]["id"])["occurrence_count"]


def test_two_spellings_of_one_uuid_are_one_event(shared_collector: Collector) -> None:
    project, event_id = fresh_project(), uuid4()

    for spelling in (str(event_id), str(event_id).upper(), event_id.hex):
        answer = shared_collector.report(a_report(project, event_id=spelling))

    assert 1 == shared_collector.issue(answer["id"])["occurrence_count"]


def test_the_same_id_in_another_project_is_another_event(shared_collector: Collector) -> None:
    event_id = str(uuid4())

    answers = [shared_collector.report(a_report(fresh_project(), event_id=event_id)) for _ in range(2)]

    assert ["Log reported", "Log reported"] == [answer["message"] for answer in answers]


def test_an_event_that_comes_back_with_another_error_counts_nowhere(shared_collector: Collector) -> None:
    project, event_id = fresh_project(), str(uuid4())
    first = shared_collector.report(a_report(project, event_id=event_id))

    second = shared_collector.report(a_report(project, event_id=event_id, **another_error()))

    assert {"message": "Log deduplicated", "id": first["id"], "status": "NEW"} == second
    assert [1] == [issue["occurrence_count"] for issue in shared_collector.issues(project_id=project)]


def test_a_replay_never_reopens_a_fixed_issue(shared_collector: Collector) -> None:
    report = a_report(fresh_project(), event_id=str(uuid4()))
    issue_id = shared_collector.report(report)["id"]
    shared_collector.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIXED")

    answer = shared_collector.report(report)

    assert {"message": "Log deduplicated", "id": issue_id, "status": "FIXED"} == answer


def test_a_replay_within_one_batch_counts_once(shared_collector: Collector) -> None:
    report = a_report(fresh_project(), event_id=str(uuid4()))

    answers = shared_collector.report_batch([report, report, report]).json()

    assert ["Log reported", "Log deduplicated", "Log deduplicated"] == [answer["message"] for answer in answers]
    assert 1 == shared_collector.issue(answers[0]["id"])["occurrence_count"]


def test_events_are_remembered_over_a_restart(start_collector: Callable[..., Collector]) -> None:
    report = a_report("p", event_id=str(uuid4()))
    first = start_collector()
    first.report(report)
    first.kill()

    second = start_collector(database=first.database)

    assert "Log deduplicated" == second.report(report)["message"]
    assert 1 == second.issue(1)["occurrence_count"]


def test_what_is_no_uuid_is_a_wrong_field(shared_collector: Collector) -> None:
    response = shared_collector.post_report(a_report("p", event_id="retry-1"))

    assert (400, ["event_id"]) == (response.status_code, [error["field"] for error in response.json()["errors"]])
