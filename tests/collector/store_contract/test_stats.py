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


def test_counts_stand_for_every_occurrence_however_few_are_kept(reporter: Reporter) -> None:
    for _ in range(5):
        answers = reporter.store.record([reporter.arrival(timestamp=at(0, 1)) for _ in range(300)])

    [found] = reporter.store.stats(answers[0].issue_id, Per.DAY, DAY, DAY + timedelta(days=1))

    assert 1_500 == found.count == reporter.issue(answers[0].issue_id).occurrence_count
