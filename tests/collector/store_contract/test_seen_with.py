"""What an issue was seen with: the 50 latest environments and releases, the rest is "other"."""

from datetime import timedelta
from typing import Any

import pytest

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.base import Per
from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.limits import OTHER, SEEN_WITH
from logcenter_sdk.contract.outcome import Outcome
from support.stores import START, Reporter

EVER = (START - timedelta(days=1), START + timedelta(days=400))


def test_environments_and_releases_are_shown_latest_first(reporter: Reporter) -> None:
    for environment, version in (("a", "1"), ("b", "2"), ("a", "2"), ("c", "1")):
        answer = reporter.report(environment=environment, version=version)

    issue = reporter.issue(answer.issue_id)
    assert (("c", "a", "b"), ("1", "2")) == (issue.environments, issue.versions)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_beyond_the_50_latest_the_rest_is_other(reporter: Reporter, together: bool) -> None:
    names = [f"branch-{number}" for number in range(SEEN_WITH + 10)]
    arrivals = [reporter.arrival(environment=name, version=name, timestamp=None) for name in names]

    for batch in [arrivals] if together else [[arrival] for arrival in arrivals]:
        answer = reporter.store.record(batch)[-1]

    issue = reporter.issue(answer.issue_id)
    expected = (*reversed(names[10:]), OTHER)
    assert (expected, expected) == (issue.environments, issue.versions)
    [day] = reporter.store.stats(issue.id, Per.DAY, *EVER)
    assert dict.fromkeys(names[10:], 1) | {OTHER: 10} == day.environments == day.versions


def test_an_environment_that_was_forgotten_is_counted_by_its_name_again_when_it_comes_back(reporter: Reporter) -> None:
    names = [f"branch-{number}" for number in range(SEEN_WITH + 1)]
    for name in [*names, names[0]]:
        answer = reporter.report(environment=name)

    issue = reporter.issue(answer.issue_id)
    assert (names[0], names[-1], OTHER) == (issue.environments[0], issue.environments[1], issue.environments[-1])
    [day] = reporter.store.stats(issue.id, Per.DAY, *EVER)
    assert (1, 2, SEEN_WITH + 2) == (day.environments[names[0]], day.environments[OTHER], day.count)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_what_falls_out_of_the_releases_keeps_its_environment(reporter: Reporter, together: bool) -> None:
    names = [f"1.{number}" for number in range(SEEN_WITH + 3)]
    arrivals = [reporter.arrival(environment=f"e{number % 2}", version=name) for number, name in enumerate(names)]

    for batch in [arrivals] if together else [[arrival] for arrival in arrivals]:
        issue_id = reporter.store.record(batch)[-1].issue_id

    [day] = reporter.store.stats(issue_id, Per.DAY, *EVER)
    assert {"e0": 27, "e1": 26} == day.environments
    assert dict.fromkeys(names[3:], 1) | {OTHER: 3} == day.versions


def test_lists_find_an_issue_by_any_environment_and_release_that_it_was_seen_with(reporter: Reporter) -> None:
    def found(**filters: Any) -> bool:
        return bool(reporter.store.issues(IssueQuery(project_id=(reporter.project,), **filters)).items)

    names = [f"branch-{number}" for number in range(SEEN_WITH + 1)]
    for name in names:
        reporter.report(environment=name, version=name)

    assert [False, True, True, True] == [found(environment=(name,)) for name in (names[0], names[1], names[-1], OTHER)]
    assert [False, True, True, True] == [found(version=(name,)) for name in (names[0], names[1], names[-1], OTHER)]
    assert found(environment=(names[0], names[1]), version=(names[5],))


def test_a_build_that_is_not_among_the_50_latest_is_not_known_to_be_older_than_a_fix(reporter: Reporter) -> None:
    for number in range(SEEN_WITH + 1):
        answer = reporter.report(commit_hash=f"c{number}")
    reporter.fix(answer.issue_id, fix=Fix(commit_hash="fix"))

    assert Outcome.DEDUPLICATED is reporter.report(commit_hash="c1").outcome
    assert Outcome.REGRESSION is reporter.report(commit_hash="c0").outcome
