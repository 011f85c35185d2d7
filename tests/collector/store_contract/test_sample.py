"""Which whole occurrences are kept: a bounded sample that shows all kinds and keeps the spread over time."""

from datetime import timedelta

from logcenter_collector.domain.sample import EAGER, KEPT_OCCURRENCES
from logcenter_sdk.contract.issue import IssueError, Occurrence
from logcenter_sdk.contract.report import Frame, Level, Sdk
from logcenter_sdk.contract.writing import to_wire
from support.stores import Reporter


def kept(reporter: Reporter, issue_id: int) -> list[Occurrence]:
    """Return the kept occurrences, oldest first, read page by page."""
    page = reporter.store.occurrences(issue_id, limit=7)
    found = [*page.items]
    while page.next_cursor:
        page = reporter.store.occurrences(issue_id, limit=7, cursor=page.next_cursor)
        found += page.items
    return found[::-1]


def test_an_occurrence_is_kept_with_all_that_its_report_said(reporter: Reporter) -> None:
    event, sdk = "3f2b8c1e-9a4d-4c6b-8f1e-2d7a5b9c0e11", Sdk(name="python", version="1")
    frame = Frame(file_path="a.py", line_number=3, locals={"x": [1]})
    happened = reporter.now - timedelta(hours=5)
    answer = reporter.report(
        level="warning", version="1.0", commit_hash="c1", stack_trace="a\nb", context={"k": "v"}, occurrences=3,
        event_id=event.upper(), timestamp=happened.isoformat(), frames=[to_wire(frame)], sdk=to_wire(sdk),
    )  # fmt: skip

    expected = Occurrence(
        id=3, issue_id=answer.issue_id, timestamp=happened, arrived_at=reporter.now, level=Level.WARNING,
        environment="production", version="1.0", commit_hash="c1", context={"k": "v"}, event_id=event, occurrences=3,
        regression=False, frames=(frame,), sdk=sdk, error=IssueError(
            type="ValueError", message="no such user", file_path="app/users.py", line_number=12, stack_trace=("a", "b")
        ),
    )  # fmt: skip
    assert [expected] == kept(reporter, answer.issue_id)


def test_the_first_ten_and_the_latest_are_kept_however_close_they_are(reporter: Reporter) -> None:
    answers = reporter.store.record([reporter.arrival(context={"n": number}) for number in range(8)])
    for _ in range(20):
        reporter.now -= timedelta(seconds=1)  # all at one instant
        reporter.report(context={"n": "more"})

    numbers = [occurrence.id for occurrence in kept(reporter, answers[0].issue_id)]
    assert [*range(1, EAGER + 1), 28] == numbers


def test_a_storm_is_kept_as_a_bounded_sample_that_is_spread_over_its_time(reporter: Reporter) -> None:
    begin = reporter.now
    for minute in range(500):
        arrivals = [reporter.arrival(context={"minute": minute}) for _ in range(3)]
        issue_id = reporter.store.record(arrivals)[0].issue_id
        reporter.wait(seconds=57)
        if minute % 50 == 49:
            assert len(kept(reporter, issue_id)) <= KEPT_OCCURRENCES

    found = kept(reporter, issue_id)
    assert 1_500 == reporter.issue(issue_id).occurrence_count
    assert KEPT_OCCURRENCES // 3 <= len(found) <= KEPT_OCCURRENCES
    assert [1, 1_500] == [found[0].id, found[-1].id]
    fifths = {(occurrence.arrived_at - begin) // timedelta(minutes=100) for occurrence in found}
    assert {0, 1, 2, 3, 4} == fifths


def test_regressions_and_the_first_of_each_environment_and_release_are_kept_in_a_storm(reporter: Reporter) -> None:
    def storm() -> int:
        return reporter.store.record([reporter.arrival() for _ in range(400)])[0].issue_id

    issue_id = storm()
    staging = reporter.report(environment="staging").issue_id
    storm()
    reporter.report(version="2.0")
    storm()
    reporter.fix(issue_id)
    reporter.report(context={"this": "reopens"})
    storm()

    found = kept(reporter, issue_id)
    assert staging == issue_id
    assert [401] == [occurrence.id for occurrence in found if occurrence.environment == "staging"]
    assert [802] == [occurrence.id for occurrence in found if occurrence.version == "2.0"]
    assert [{"this": "reopens"}] == [occurrence.context for occurrence in found if occurrence.regression]
    assert len(found) <= KEPT_OCCURRENCES


def test_many_environments_and_regressions_leave_room_for_the_rest(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    for number in range(60):
        reporter.wait(minutes=30)
        reporter.report(environment=f"branch-{number}", version=f"{number}")
        reporter.wait(minutes=30)
        reporter.report(context={"ordinary": number})
        reporter.fix(issue_id)
        reporter.report(context={"reopens": number})

    found = kept(reporter, issue_id)
    assert len(found) <= KEPT_OCCURRENCES
    assert [{"reopens": number} for number in range(40, 60)] == [o.context for o in found if o.regression]
    assert {"branch-59", "branch-40"} <= {occurrence.environment for occurrence in found}
    assert 20 <= sum("ordinary" in occurrence.context for occurrence in found)


def test_every_kept_occurrence_and_the_issue_keep_their_stack_traces(reporter: Reporter) -> None:
    for number in range(300):
        issue_id = reporter.report(stack_trace=[f"line {number % 60}"], context={"number": number}).issue_id
        reporter.wait(seconds=20)

    found = kept(reporter, issue_id)
    assert [(f"line {o.context['number'] % 60}",) for o in found] == [o.error.stack_trace for o in found]
    assert ("line 59",) == reporter.issue(issue_id).error.stack_trace
