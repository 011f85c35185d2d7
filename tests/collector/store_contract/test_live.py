"""What a store says to who looks at a list: the same on every kind of store."""

from datetime import timedelta

from attrs import define, field

from logcenter_collector.store.base import LiveChanges, LiveMark
from logcenter_sdk.contract.status import Status
from support.stores import Reporter


@define
class Watcher:
    """Whoever looks again and again."""

    reporter: Reporter
    mark: LiveMark = field()

    def look(self, *watched: int) -> LiveChanges:
        changes = self.reporter.store.live_changes(self.mark, watched, self.reporter.now)
        self.mark = changes.mark
        return changes


def watch(reporter: Reporter) -> Watcher:
    return Watcher(reporter, reporter.store.live_mark())


def test_an_issue_is_new_once(reporter: Reporter) -> None:
    reporter.report(line_number=1)
    watcher = watch(reporter)
    new = reporter.report(line_number=2).issue_id

    first, second = watcher.look(), watcher.look()

    assert (frozenset({new}), frozenset()) == (first.new, second.new)
    assert new in {issue.id for issue in first.issues}


def test_an_issue_is_new_even_when_its_report_came_late(reporter: Reporter) -> None:
    watcher = watch(reporter)

    new = reporter.report(timestamp=(reporter.now - timedelta(days=3)).isoformat()).issue_id

    assert {new} == watcher.look().new


def test_a_known_issue_is_found_when_it_is_reported_again(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.wait(hours=1)
    watcher = watch(reporter)
    before = [issue for issue in watcher.look().issues if issue.id == issue_id]
    reporter.report(occurrences=4)

    [found] = [issue for issue in watcher.look().issues if issue.id == issue_id]

    assert 5 == found.occurrence_count
    assert reporter.issue(issue_id).last_seen == found.last_seen
    assert [1] * len(before) == [issue.occurrence_count for issue in before]


def test_what_is_watched_is_told_whenever_it_was_seen(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.wait(days=3)
    watcher = watch(reporter)
    reporter.report(timestamp=(reporter.now - timedelta(days=2)).isoformat())

    assert 2 == {issue.id: issue for issue in watcher.look(issue_id).issues}[issue_id].occurrence_count


def test_a_move_is_found_however_long_ago_the_issue_was_seen(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.wait(days=3)
    watcher = watch(reporter)
    reporter.move(issue_id, "VERIFYING")

    assert Status.VERIFYING is {issue.id: issue for issue in watcher.look().issues}[issue_id].status


def test_who_comes_later_gets_what_came_meanwhile_and_what_is_shown(reporter: Reporter) -> None:
    shown = reporter.report(line_number=1).issue_id
    reporter.report(line_number=2)
    newest = reporter.store.newest_issue()
    later = reporter.report(line_number=3).issue_id

    found = reporter.store.newer_issues(newest, [shown])

    assert [shown, later] == [issue.id for issue in found]
