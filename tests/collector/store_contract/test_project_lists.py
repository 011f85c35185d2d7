"""Projects are found by name, part by part, with their numbers: the same on every kind of store."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest

from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.store.base import Store
from support.stores import START, Reporter


def ids_of(store: Store, query: ProjectQuery) -> Iterator[list[str]]:
    """Yield the ids of each part of a list."""
    cursor: str | None = ""
    while cursor is not None:
        page = store.find_projects(ProjectQuery(**{**parts_of(query), "cursor": cursor or None}))
        yield [project.project_id for project in page.items]
        cursor = page.next_cursor


def parts_of(query: ProjectQuery) -> dict[str, Any]:
    return {"text": query.text, "limit": query.limit, "among": query.among}


@pytest.fixture
def ids(reporter: Reporter) -> list[str]:
    """Five projects that no other test has."""
    made = [f"{reporter.project}-{number}" for number in range(5)]
    for project_id in reversed(made):
        reporter.store.put_project(project_id, {}, START)
    return made


@pytest.mark.parametrize(("limit", "lengths"), [(2, [2, 2, 1]), (5, [5]), (4, [4, 1])])
def test_a_list_comes_in_parts_and_has_every_project_once(
    reporter: Reporter, ids: list[str], limit: int, lengths: list[int]
) -> None:
    parts = list(ids_of(reporter.store, ProjectQuery(text=reporter.project, limit=limit)))

    assert lengths == [len(part) for part in parts]
    assert ids == [project_id for part in parts for project_id in part]


def test_a_project_is_found_by_a_part_of_its_name_or_id_in_any_case(reporter: Reporter, ids: list[str]) -> None:
    reporter.store.put_project(ids[0], {"name": "Der Kleine Laden 结算"}, START)

    def found(text: str) -> list[str]:
        return [each.project_id for each in reporter.store.find_projects(ProjectQuery(text=text)).items]

    assert ids[0] in found("kleine LADEN")
    assert ids[0] in found("结算")
    assert [ids[0]] == found(ids[0].upper())


@pytest.mark.parametrize("text", ["%", "_", "\\", "50%_"])
def test_what_means_something_to_a_database_is_looked_for_as_it_is(
    reporter: Reporter, ids: list[str], text: str
) -> None:
    reporter.store.put_project(ids[1], {"name": f"{reporter.project} a{text}b"}, START)

    found = reporter.store.find_projects(ProjectQuery(text=f"{reporter.project} a{text}b")).items

    assert [ids[1]] == [project.project_id for project in found]
    assert () == reporter.store.find_projects(ProjectQuery(text=f"{reporter.project}{text}b")).items


def test_who_sees_some_projects_finds_no_others(reporter: Reporter, ids: list[str]) -> None:
    among = (ids[0], ids[3], "of-nobody")

    assert [[ids[0], ids[3]]] == list(ids_of(reporter.store, ProjectQuery(among=among)))
    assert () == reporter.store.find_projects(ProjectQuery(among=())).items


def test_the_numbers_of_a_project_are_what_is_open_and_its_last_fourteen_days(
    reporter: Reporter, ids: list[str]
) -> None:
    day = timedelta(days=1)
    long_ago = reporter.report(project=ids[0], timestamp=(START - 20 * day).isoformat())
    reporter.report(project=ids[0], line_number=2, timestamp=(START - 13 * day).isoformat(), occurrences=3)
    fixed = reporter.report(project=ids[0], line_number=3, timestamp=START.isoformat())
    reporter.fix(fixed.issue_id)

    numbers = reporter.store.project_numbers(ids[:2], START)

    assert set(ids[:2]) == set(numbers)
    assert 2 == numbers[ids[0]].open_issues
    assert (3, *(0,) * 12, 1) == numbers[ids[0]].days
    assert reporter.now == numbers[ids[0]].last_report
    assert (0, None, (0,) * 14) == (numbers[ids[1]].open_issues, numbers[ids[1]].last_report, numbers[ids[1]].days)
    assert reporter.issue(long_ago.issue_id).first_seen.astimezone(UTC) < START - 14 * day
