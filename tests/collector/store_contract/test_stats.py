"""How often an issue occurred, per hour and per day, by environment."""

from datetime import UTC, datetime, timedelta

from logcenter_collector.store.base import Per
from logcenter_sdk.contract.issue import StatsBucket
from support.stores import Reporter

DAY = datetime(2026, 2, 20, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> str:
    return (DAY + timedelta(days=day, hours=hour, minutes=minute)).isoformat()


def bucket(day: int, hour: int, **environments: int) -> StatsBucket:
    return StatsBucket(
        start=DAY + timedelta(days=day, hours=hour), count=sum(environments.values()), environments=environments
    )


def occurred(reporter: Reporter) -> int:
    arrivals = [
        reporter.arrival(environment="a", timestamp=at(0, 1, 59)),
        reporter.arrival(environment="b", timestamp=at(0, 1, 1), occurrences=5),
        reporter.arrival(environment="a", timestamp=at(0, 1)),
        reporter.arrival(environment="a", timestamp=at(0, 23)),
        reporter.arrival(environment="a", timestamp=at(1, 0)),
    ]
    reporter.store.record(arrivals[:2])
    return reporter.store.record(arrivals[2:])[0].issue_id


def test_every_occurrence_is_counted_in_the_hour_that_its_report_names(reporter: Reporter) -> None:
    issue_id = occurred(reporter)

    found = reporter.store.stats(issue_id, Per.HOUR, DAY, DAY + timedelta(days=7))

    assert (bucket(0, 1, a=2, b=5), bucket(0, 23, a=1), bucket(1, 0, a=1)) == found


def test_days_are_days_in_utc(reporter: Reporter) -> None:
    issue_id = occurred(reporter)

    found = reporter.store.stats(issue_id, Per.DAY, DAY, DAY + timedelta(days=7))

    assert (bucket(0, 0, a=3, b=5), bucket(1, 0, a=1)) == found


def test_only_what_begins_in_the_time_asked_for_is_listed(reporter: Reporter) -> None:
    issue_id = occurred(reporter)

    found = reporter.store.stats(issue_id, Per.HOUR, DAY + timedelta(hours=2), DAY + timedelta(days=1))

    assert (bucket(0, 23, a=1),) == found
    assert () == reporter.store.stats(issue_id, Per.HOUR, DAY + timedelta(days=3), DAY + timedelta(days=4))


def test_bars_are_counted_by_release_as_well_where_one_was_named(reporter: Reporter) -> None:
    for environment, version in (("a", "1"), ("b", "1"), ("a", "2"), ("a", None), ("a", "")):
        reporter.report(environment=environment, version=version, timestamp=at(0, 1))
    issue_id = reporter.report(environment="a", version="2", timestamp=at(0, 5)).issue_id

    hours = reporter.store.stats(issue_id, Per.HOUR, DAY, DAY + timedelta(days=1))
    [day] = reporter.store.stats(issue_id, Per.DAY, DAY, DAY + timedelta(days=1))

    assert [(5, {"a": 4, "b": 1}, {"1": 2, "2": 1}), (1, {"a": 1}, {"2": 1})] == [
        (hour.count, hour.environments, hour.versions) for hour in hours
    ]
    assert (6, {"a": 5, "b": 1}, {"1": 2, "2": 2}) == (day.count, day.environments, day.versions)


def test_a_sparkline_has_a_count_for_each_of_the_last_days(reporter: Reporter) -> None:
    issue_id = occurred(reporter)
    before = reporter.report(line_number=2, timestamp=at(-3, 23)).issue_id
    reporter.report(line_number=2, timestamp=at(-1, 23, 59), occurrences=4)
    quiet = reporter.report(line_number=3, timestamp=at(-400, 0)).issue_id

    found = reporter.store.sparklines([issue_id, before, quiet], DAY + timedelta(days=1, hours=13), days=4)

    assert {issue_id: (0, 0, 8, 1), before: (0, 4, 0, 0), quiet: (0, 0, 0, 0)} == found


def test_a_sparkline_ends_with_today_to_its_last_hour(reporter: Reporter) -> None:
    issue_id = reporter.report(timestamp=at(0, 23, 59)).issue_id
    reporter.report(timestamp=at(1, 0))

    assert {issue_id: (1,)} == reporter.store.sparklines([issue_id], DAY + timedelta(hours=2), days=1)
    assert {} == reporter.store.sparklines([], DAY)


def test_counts_stand_for_every_occurrence_however_few_are_kept(reporter: Reporter) -> None:
    for _ in range(5):
        answers = reporter.store.record([reporter.arrival(timestamp=at(0, 1)) for _ in range(300)])

    [found] = reporter.store.stats(answers[0].issue_id, Per.DAY, DAY, DAY + timedelta(days=1))

    assert 1_500 == found.count == reporter.issue(answers[0].issue_id).occurrence_count
