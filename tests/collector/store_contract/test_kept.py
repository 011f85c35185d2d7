"""The kept occurrences of an issue one by one."""

from logcenter_collector.store.kept_line import line_of
from support.stores import Reporter


def test_every_kept_occurrence_has_a_line_the_newest_first(reporter: Reporter) -> None:
    for number in range(30):
        reporter.wait(seconds=number)
        issue_id = reporter.report(
            environment=f"e{number % 3}", version=f"{number}", commit_hash="a81f3c0", level="WARNING"
        ).issue_id

    kept = reporter.store.occurrences(issue_id, limit=200).items

    assert 10 < len(kept)
    assert tuple(line_of(occurrence) for occurrence in kept) == reporter.store.kept(issue_id)


def test_a_regression_is_marked_in_its_line(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id)
    reporter.report()

    assert [True, False] == [line.regression for line in reporter.store.kept(issue_id)]


def test_one_kept_occurrence_is_found_by_its_id(reporter: Reporter) -> None:
    for number in range(12):
        issue_id = reporter.report(context={"number": number}).issue_id
    kept = reporter.store.occurrences(issue_id, limit=200).items

    assert kept == tuple(reporter.store.occurrence(issue_id, occurrence.id) for occurrence in kept)


def test_an_occurrence_that_is_not_kept_is_none(reporter: Reporter) -> None:
    for _ in range(40):
        issue_id = reporter.report().issue_id
    ids = {line.id for line in reporter.store.kept(issue_id)}
    [dropped, *_] = [number for number in range(1, 41) if number not in ids]

    assert [None, None, None] == [reporter.store.occurrence(issue_id, number) for number in (0, dropped, 41)]


def test_of_an_unknown_issue_nothing_is_kept(reporter: Reporter) -> None:
    assert () == reporter.store.kept(999_999)
    assert reporter.store.occurrence(999_999, 1) is None
