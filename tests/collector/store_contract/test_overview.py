"""What the overview says of a period: the same on every kind of store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from logcenter_collector.domain.overview import OverviewQuery
from logcenter_sdk.contract.overview import DayCounts, Durations, Overview
from support.sending import fresh_project
from support.stores import START, Reporter

TODAY = START.replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)


def overview(reporter: Reporter, *projects: str, **changes: Any) -> Overview:
    """Return the overview of the seven days up to the end of today."""
    own: dict[str, Any] = {"since": TODAY - 6 * DAY, "until": TODAY + DAY, "project_ids": (reporter.project, *projects)}
    return reporter.store.overview(OverviewQuery(**own | changes))


def days_ago(days: int, hour: int = 1) -> str:
    return (TODAY - days * DAY + timedelta(hours=hour)).isoformat()


def test_nothing_happened_in_a_project_without_reports(reporter: Reporter) -> None:
    found = overview(reporter)

    assert (0, 0, 0, 0, None, None) == (
        found.occurrences,
        found.new_issues,
        found.regressions,
        found.fixed,
        found.fix_rate_percent,
        found.time_to_fixed,
    )
    assert [TODAY - days * DAY for days in range(6, -1, -1)] == [day.start for day in found.days]
    assert ((), (), (), ()) == (found.top_issues, found.newest_issues, found.latest_regressions, found.projects)


def test_occurrences_are_counted_on_the_day_that_their_report_names_by_source(reporter: Reporter) -> None:
    reporter.report(timestamp=days_ago(2, 1), occurrences=5)
    reporter.report(timestamp=days_ago(2, 23))
    reporter.report(timestamp=days_ago(2), source="cicd", context={"job_name": "build"})
    reporter.report(timestamp=days_ago(0))

    days = {day.start: day for day in overview(reporter).days}

    assert DayCounts(start=TODAY - 2 * DAY, count=7, sources={"runtime": 6, "cicd": 1}) == days[TODAY - 2 * DAY]
    assert DayCounts(start=TODAY - DAY, count=0, sources={}) == days[TODAY - DAY]
    assert DayCounts(start=TODAY, count=1, sources={"runtime": 1}) == days[TODAY]


def test_what_lies_outside_of_the_period_is_not_counted(reporter: Reporter) -> None:
    reporter.report(timestamp=days_ago(7, 23))
    reporter.report(timestamp=days_ago(6, 0))

    found = overview(reporter)

    assert (1, 0) == (found.occurrences, found.new_issues)
    assert 1 == overview(reporter, until=TODAY - 6 * DAY, since=TODAY - 9 * DAY).new_issues


def test_only_the_projects_that_are_asked_for_are_shown(reporter: Reporter) -> None:
    other, third = fresh_project(), fresh_project()
    reporter.report()
    reporter.report(project=other, occurrences=10)
    reporter.report(project=third)

    found = overview(reporter, other)

    assert 11 == found.occurrences
    assert [other, reporter.project] == [each.issue.project_id for each in found.top_issues]
    assert {other, reporter.project} == {issue.project_id for issue in found.newest_issues}
    assert [other, reporter.project] == [project.project_id for project in found.projects]


def test_who_may_see_no_project_sees_nothing(reporter: Reporter) -> None:
    reporter.report()

    found = overview(reporter, project_ids=())

    assert (0, (), (), ()) == (found.occurrences, found.top_issues, found.newest_issues, found.projects)


def test_registrations_of_projects_are_no_errors(reporter: Reporter) -> None:
    reporter.report(type="ProjectInit")

    found = overview(reporter)

    assert (0, 0, (), ()) == (found.occurrences, found.new_issues, found.top_issues, found.newest_issues)
    [project] = found.projects
    assert (0, None) == (project.open_issues, project.last_report)


def test_the_top_issues_are_those_that_occurred_most_often_within_the_period(reporter: Reporter) -> None:
    old = reporter.report(line_number=1, timestamp=days_ago(20), occurrences=1_000).issue_id
    reporter.report(line_number=1)
    busy = reporter.report(line_number=2, occurrences=30).issue_id
    rare = reporter.report(line_number=3, occurrences=2).issue_id
    reporter.report(line_number=4, timestamp=days_ago(20), occurrences=500)

    top = overview(reporter).top_issues

    assert [(busy, 30), (rare, 2), (old, 1)] == [(each.issue.id, each.count) for each in top]


def test_a_list_has_as_many_issues_as_are_asked_for(reporter: Reporter) -> None:
    ids = [reporter.report(line_number=line, occurrences=line).issue_id for line in range(1, 5)]

    found = overview(reporter, limit=2)

    assert [ids[3], ids[2]] == [each.issue.id for each in found.top_issues]
    assert [ids[3], ids[2]] == [issue.id for issue in found.newest_issues]
    assert (4, 10) == (found.new_issues, found.occurrences)


def test_the_newest_issues_are_those_first_seen_last_within_the_period(reporter: Reporter) -> None:
    reporter.report(line_number=1, timestamp=days_ago(20))
    reporter.report(line_number=1)
    late = reporter.report(line_number=2, timestamp=days_ago(3)).issue_id
    latest = reporter.report(line_number=3, timestamp=days_ago(1)).issue_id

    found = overview(reporter)

    assert [latest, late] == [issue.id for issue in found.newest_issues]
    assert 2 == found.new_issues


def test_an_issue_that_came_back_is_shown_with_the_last_time_it_did(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    for _ in range(2):
        reporter.fix(issue_id)
        reporter.report()

    found = overview(reporter)

    assert 2 == found.regressions
    [regression] = found.latest_regressions
    assert (issue_id, reporter.store.history(issue_id)[-1].at) == (regression.issue.id, regression.at)


def test_the_time_to_a_fix_begins_when_an_issue_was_first_seen(reporter: Reporter) -> None:
    for line, hours in ((1, 1), (2, 3), (3, 10)):
        issue_id = reporter.report(line_number=line, timestamp=(reporter.now - timedelta(hours=hours)).isoformat())
        reporter.now = START
        reporter.fix(issue_id.issue_id)

    found = overview(reporter)

    assert Durations(count=3, median_seconds=3 * 3_600, p90_seconds=10 * 3_600) == found.time_to_fixed
    assert (3, 3, 100) == (found.fixed, found.new_issues, found.fix_rate_percent)


def test_the_time_to_a_second_fix_begins_when_the_issue_came_back(reporter: Reporter) -> None:
    issue_id = reporter.report(timestamp=days_ago(5)).issue_id
    reporter.now = TODAY - 4 * DAY
    reporter.fix(issue_id)
    reporter.now = TODAY
    reporter.report()
    reporter.now = TODAY + timedelta(hours=2, seconds=1)
    reporter.fix(issue_id)

    found = overview(reporter, since=TODAY)

    assert Durations(count=1, median_seconds=7_200, p90_seconds=7_200) == found.time_to_fixed


def test_an_override_past_fixed_is_a_fix_as_well_and_verifying_it_is_no_second_one(reporter: Reporter) -> None:
    first = reporter.report(line_number=1).issue_id
    reporter.fix(first)
    reporter.move(first, "VERIFIED")
    second = reporter.report(line_number=2).issue_id
    reporter.move(second, "DEPLOYED", force=True, reason="it was a test")

    found = overview(reporter)

    assert (2, 1) == (found.fixed, found.deployed)
    assert found.time_to_deployed is not None
    assert 1 == found.time_to_deployed.count


def test_a_project_shows_its_open_issues_its_last_report_and_fourteen_days(reporter: Reporter) -> None:
    reporter.store.put_project(reporter.project, {"name": "The shop"}, reporter.now)
    reporter.report(line_number=1, timestamp=days_ago(10), occurrences=4)
    fixed = reporter.report(line_number=2, timestamp=days_ago(1)).issue_id
    reporter.fix(fixed)
    reporter.report(line_number=3, timestamp=days_ago(0))
    last = reporter.now

    [project] = overview(reporter).projects

    assert ("The shop", 2, last) == (project.name, project.open_issues, project.last_report)
    assert (0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1) == project.days
    assert (2, 2) == (project.occurrences, project.new_issues)


def test_a_project_that_is_quiet_shows_when_its_last_report_came(reporter: Reporter) -> None:
    reporter.now = datetime(2025, 5, 5, 5, tzinfo=UTC)
    reporter.report()
    last = reporter.now

    [project] = overview(reporter).projects

    assert (1, last) == (project.open_issues, project.last_report)
