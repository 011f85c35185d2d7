"""Lists of issues: filters, orders, pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from logcenter_collector.domain.issue_query import Filters, IssueQuery, Sort
from logcenter_collector.store.base import InvalidCursorError
from logcenter_collector.store.search.places import INDEXED
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from support.stores import START, Reporter, reporter_of

List = Callable[..., list[int | None]]


def pages(reporter: Reporter, query: IssueQuery) -> list[list[Issue]]:
    """Return all pages of a list of the reporter's project."""
    query = evolve(query, project_id=query.project_id or (reporter.project,))
    page = reporter.store.issues(query)
    found = [list(page.items)]
    while page.next_cursor:
        page = reporter.store.issues(evolve(query, cursor=page.next_cursor))
        found.append(list(page.items))
    return found


@pytest.fixture
def listed(reporter: Reporter) -> List:
    """Lists five issues of different kinds, by their lines."""
    reporter.report(line_number=1, level="ERROR", message="no such USER", version="1.0")
    reporter.report(line_number=2, level="WARNING", source="cicd", context={"job_name": "j"}, message="100% of_it")
    reporter.report(
        line_number=3, level="CRITICAL", source="deployment", context={"namespace": "n"}, type="OutOfMemory"
    )
    reporter.report(line_number=4, message="nothing", file_path="app/没有/用户.py", environment="staging")
    issue_id = reporter.report(line_number=5, version="2.0").issue_id
    reporter.move(issue_id, "VERIFYING")
    reporter.report(line_number=4, message="nothing", file_path="app/没有/用户.py", level="WARNING")

    def lines(**filters: Any) -> list[int | None]:
        [page] = pages(reporter, IssueQuery(**filters))
        return [issue.error.line_number for issue in page]

    return lines


@pytest.mark.parametrize(
    ("filters", "lines"),
    [
        ({}, [4, 5, 3, 2, 1]),
        ({"status": (Status.VERIFYING,)}, [5]),
        ({"status": (Status.NEW, Status.VERIFYING)}, [4, 5, 3, 2, 1]),
        ({"source": (Source.CICD, Source.DEPLOYMENT)}, [3, 2]),
        ({"level": (Level.WARNING,)}, [4, 2]),
        ({"level": (Level.ERROR,)}, [5, 1]),
        ({"environment": ("staging",)}, [4]),
        ({"environment": ("production",)}, [4, 5, 3, 2, 1]),
        ({"environment": ("nowhere",)}, []),
        ({"version": ("1.0", "2.0")}, [5, 1]),
        ({"texts": ("user",)}, [5, 3, 2, 1]),
        ({"texts": ("SUCH",)}, [5, 3, 1]),
        ({"texts": ("outofmem",)}, [3]),
        ({"texts": ("用户",)}, [4]),
        ({"texts": ("0% of_i",)}, [2]),
        ({"texts": ("%",)}, [2]),
        ({"texts": ("_it",)}, [2]),
        ({"texts": ("no such thing",)}, []),
        ({"since": START + timedelta(seconds=3)}, [4, 5, 3]),
        ({"until": START + timedelta(seconds=3)}, [2, 1]),
        ({"since": START + timedelta(seconds=2), "until": START + timedelta(seconds=4)}, [3, 2]),
        ({"level": (Level.ERROR,), "version": ("2.0",), "texts": ("users",)}, [5]),
        ({"project_id": ("unknown",)}, []),
        ({"first_since": START + timedelta(seconds=3)}, [4, 5, 3]),
        ({"first_since": START + timedelta(seconds=3), "sort": Sort.FIRST_SEEN}, [5, 4, 3]),
        ({"texts": ("no", "user")}, [5, 3, 1]),
        ({"without": Filters(level=(Level.WARNING,))}, [5, 3, 1]),
        ({"without": Filters(level=(Level.WARNING, Level.ERROR))}, [3]),
        ({"without": Filters(level=tuple(Level))}, []),
        ({"without": Filters(status=(Status.NEW,))}, [5]),
        ({"without": Filters(source=(Source.RUNTIME,), level=(Level.WARNING,))}, [3]),
        ({"without": Filters(environment=("staging",))}, [5, 3, 2, 1]),
        ({"without": Filters(environment=("nowhere",))}, [4, 5, 3, 2, 1]),
        ({"without": Filters(version=("1.0", "2.0"))}, [4, 3, 2]),
        ({"without": Filters(texts=("USER",))}, [4]),
        ({"without": Filters(texts=("用户", "%"))}, [5, 3, 1]),
        ({"without": Filters(version=("1.0",)), "version": ("1.0", "2.0")}, [5]),
        ({"without": Filters(project_id=("unknown",))}, [4, 5, 3, 2, 1]),
        ({"regressed": True}, []),
        ({"regressed": False, "level": (Level.ERROR,)}, [5, 1]),
        ({"sort": Sort.FIRST_SEEN}, [5, 4, 3, 2, 1]),
        ({"sort": Sort.OCCURRENCE_COUNT}, [4, 5, 3, 2, 1]),
    ],
    ids=str,
)
def test_a_list_holds_what_its_filters_say_in_its_order(
    listed: List, filters: dict[str, Any], lines: list[int]
) -> None:
    assert lines == listed(**filters)


def test_regressed_issues_are_those_that_a_report_reopened(reporter: Reporter) -> None:
    ids = [reporter.report(line_number=number).issue_id for number in range(3)]
    for issue_id in ids[:2]:
        reporter.fix(issue_id)
    reporter.report(line_number=1)

    found = [pages(reporter, IssueQuery(regressed=regressed)) for regressed in (True, False)]

    assert [[[1]], [[2, 0]]] == [[[issue.error.line_number for issue in page] for page in each] for each in found]


def test_registrations_are_listed_alone_with_the_rest_or_not(reporter: Reporter) -> None:
    error_id, registration_id = reporter.report().issue_id, reporter.report(type="ProjectInit").issue_id

    found = [pages(reporter, IssueQuery(registration=registration))[0] for registration in (False, True, None)]

    assert [[error_id], [registration_id], [registration_id, error_id]] == [
        [issue.id for issue in page] for page in found
    ]


def test_a_project_can_be_left_out(reporter: Reporter) -> None:
    other = reporter_of(reporter.store)
    ids = [reporter.report().issue_id, other.report().issue_id]
    query = IssueQuery(project_id=(reporter.project, other.project), without=Filters(project_id=(other.project,)))

    assert ids[:1] == [issue.id for issue in reporter.store.issues(query).items]


def test_several_projects_are_listed_together(reporter: Reporter) -> None:
    other = reporter_of(reporter.store)
    ids = [reporter.report().issue_id, other.report().issue_id]

    [page] = pages(reporter, IssueQuery(project_id=(reporter.project, other.project)))

    assert sorted(ids) == sorted(issue.id for issue in page)


@pytest.mark.parametrize("sort", INDEXED)
@pytest.mark.parametrize("limit", [1, 3, 4, 12])
def test_pages_join_to_the_whole_list_also_where_many_are_equal(reporter: Reporter, sort: Sort, limit: int) -> None:
    for number in range(12):
        reporter.now = START + timedelta(seconds=number // 4, microseconds=number // 2)
        reporter.report(line_number=number, occurrences=1 + number // 3)

    found = pages(reporter, IssueQuery(sort=sort, limit=limit))

    assert [limit] * (12 // limit) == [len(page) for page in found]
    assert list(range(11, -1, -1)) == [issue.error.line_number for page in found for issue in page]


def test_a_page_goes_on_where_the_one_before_ended_although_issues_came_in_between(reporter: Reporter) -> None:
    for number in range(4):
        reporter.report(line_number=number)
    query = IssueQuery(project_id=(reporter.project,), limit=2)
    first = reporter.store.issues(query)

    reporter.report(line_number=99)
    second = reporter.store.issues(evolve(query, cursor=first.next_cursor))

    assert [[3, 2], [1, 0]] == [[issue.error.line_number for issue in page.items] for page in (first, second)]


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "[]", "last_seen/1", "last_seen/a/b", "é", "a" * 5_000])
def test_what_is_no_cursor_is_refused(reporter: Reporter, cursor: str) -> None:
    issue_id = reporter.report().issue_id

    with pytest.raises(InvalidCursorError):
        reporter.store.issues(IssueQuery(cursor=cursor))
    with pytest.raises(InvalidCursorError):
        reporter.store.occurrences(issue_id, cursor=cursor)


def test_a_cursor_of_another_order_is_refused(reporter: Reporter) -> None:
    for number in range(2):
        issue_id = reporter.report(line_number=number).issue_id
    cursor = reporter.store.issues(IssueQuery(project_id=(reporter.project,), limit=1)).next_cursor

    with pytest.raises(InvalidCursorError):
        reporter.store.issues(IssueQuery(sort=Sort.FIRST_SEEN, cursor=cursor))
    with pytest.raises(InvalidCursorError):
        reporter.store.occurrences(issue_id, cursor=cursor)


def test_an_unknown_issue_has_nothing(reporter: Reporter) -> None:
    unknown = 2**62

    assert reporter.store.issue(unknown) is None
    assert () == reporter.store.occurrences(unknown).items
    assert () == reporter.store.history(unknown)
