"""Lists by rising: what occurred far more often in the last 24 hours than in the days before."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from logcenter_collector.domain.issue_query import IssueQuery, Sort
from logcenter_collector.domain.rising import RISING_ISSUES, Ranking, score
from support.stores import START, Reporter


def occur(reporter: Reporter, line_number: int, *, before: int = 0, last_day: int = 0) -> int:
    """Let an issue occur so often on the day before yesterday and so often in the last hour; return its id."""
    for hours, count in ((49, before), (1, last_day)):
        if count:
            at = (START - timedelta(hours=hours)).isoformat()
            issue_id = reporter.report(line_number=line_number, timestamp=at, occurrences=count).issue_id
    return issue_id


def rising(reporter: Reporter, limit: int = 50, **asked: Any) -> list[int]:
    query = IssueQuery(project_id=(reporter.project,), sort=Sort.RISING, limit=limit)
    found: list[int] = []
    while True:
        page = reporter.store.issues(evolve(query, **asked))
        found += [issue.id for issue in page.items]
        if page.next_cursor is None:
            return found
        query = evolve(query, cursor=page.next_cursor)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_what_rises_the_most_comes_first_and_what_does_not_is_left_out(reporter: Reporter, limit: int) -> None:
    new = occur(reporter, 1, last_day=1_000_010)
    much_more = occur(reporter, 2, before=70, last_day=1_000_100)
    occur(reporter, 3, before=7_000_000, last_day=1_000_000)
    occur(reporter, 4, before=1_000_000)

    reporter.store.rank_rising(START)

    assert [new, much_more] == rising(reporter, limit)


def test_a_ranking_is_that_of_its_last_day(reporter: Reporter) -> None:
    issue_id = occur(reporter, 1, last_day=1_000_000)
    reporter.store.rank_rising(START)
    assert [issue_id] == rising(reporter)

    reporter.store.rank_rising(START + timedelta(days=2))

    assert [] == rising(reporter)


def test_filters_and_texts_hold_for_what_rises(reporter: Reporter) -> None:
    ids = [occur(reporter, number, last_day=1_000_000) for number in range(2)]
    reporter.store.assign(ids[0], "mei", START)
    reporter.store.rank_rising(START)

    assert ids[:1] == rising(reporter, assignee=("mei",))
    assert ids[::-1] == rising(reporter, texts=("users",))
    assert [] == rising(reporter, texts=("absent",))


def test_more_of_little_says_more_than_a_little_more_of_much() -> None:
    assert score(30, 7 * 10) > score(1_050, 7 * 1_000) > 0
    assert 0 == score(0, 0) == score(10, 70) == score(5, 70)


def test_a_ranking_keeps_the_best_and_knows_what_cannot_enter() -> None:
    ranking = Ranking(size=2)

    assert ranking.may_enter(1)
    ranking.take([(3_000, 1), (0, 2), (1_000, 3)])
    ranking.take([(2_000, 4)])

    assert {1: 3_000, 4: 2_000} == ranking.scores
    assert [False, True] == [ranking.may_enter(count) for count in (2, 3)]
    assert 500 == RISING_ISSUES
