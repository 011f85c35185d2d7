"""Text search finds what looking at every text would find, whatever the index knows at that moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.base import Arrival, arrive
from logcenter_collector.store.search.indexing import index_queued
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.report import Level, Report, ReportedError
from logcenter_sdk.contract.status import Status
from support.sending import fresh_project

NOW = parse_instant("2026-11-01T12:00:00Z")
TEXTS = st.text("aAbBsSkKßÄä超时连接失败か한😀%_\\/. ", max_size=8) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5
)


def an_arrival(project_id: str, number: int, message: str, level: Level = Level.ERROR) -> Arrival:
    error = ReportedError(type="E", message=message, stack_trace=("x",))
    report = Report(project_id=project_id, environment="p", level=level, error=error, fingerprint=(str(number),))
    return arrive(report, NOW)


def index_all(store: SqlStore) -> None:
    while store.index_search():
        pass


def searched(store: SqlStore, project_id: str, text: str) -> list[int]:
    query = IssueQuery(project_id=(project_id,), texts=(text,) if text else ())
    return sorted(issue.id for issue in store.issues(query).items)


def looked_up(store: SqlStore, ids: list[int], text: str) -> list[int]:
    """Return the issues of which one text contains another, as looking at each says."""
    errors = [(issue_id, issue.error) for issue_id in ids if (issue := store.issue(issue_id))]
    folded = text.casefold()
    return [
        issue_id for issue_id, error in errors if folded in error.type.casefold() or folded in error.message.casefold()
    ]


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=6),
    later=st.lists(TEXTS, min_size=1, max_size=3),
    part=st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 4)),
)
def test_a_search_finds_the_texts_that_contain_it(
    sql_store: SqlStore, texts: list[str], later: list[str], part: tuple[int, int, int]
) -> None:
    project_id = fresh_project()
    number, begin, length = part
    text = texts[number % len(texts)][begin : begin + length].swapcase()

    answers = sql_store.record([an_arrival(project_id, number, each) for number, each in enumerate(texts)])
    ids = [answer.issue_id for answer in answers]
    assert looked_up(sql_store, ids, text) == searched(sql_store, project_id, text)
    index_all(sql_store)
    assert looked_up(sql_store, ids, text) == searched(sql_store, project_id, text)

    changed = [an_arrival(project_id, number, each) for number, each in enumerate(later[: len(texts)])]
    sql_store.record(changed)
    assert looked_up(sql_store, ids, text) == searched(sql_store, project_id, text)
    index_all(sql_store)
    assert looked_up(sql_store, ids, text) == searched(sql_store, project_id, text)


def test_two_indexers_at_once_leave_the_index_as_one_would(sql_store: SqlStore) -> None:
    project_id = fresh_project()
    index_all(sql_store)
    arrivals = [an_arrival(project_id, number, f"text {number}") for number in range(20)]
    ids = [answer.issue_id for answer in sql_store.record(arrivals)]

    @contextmanager
    def write_late() -> Iterator[Connection]:
        sql_store.index_search(limit=5)
        ids.append(sql_store.record([an_arrival(project_id, 20, "text 20")])[0].issue_id)
        index_all(sql_store)
        with sql_store.database.write() as connection:
            yield connection

    both = index_queued(sql_store.database.read, write_late) + sql_store.index_search()
    index_all(sql_store)

    assert both in {0, 21}  # SQLite: the others did it meanwhile; PostgreSQL: they waited
    assert sorted(ids) == searched(sql_store, project_id, "text")


def test_counts_by_status_are_those_of_the_issues_indexed_or_not(sql_store: SqlStore) -> None:
    project_id = fresh_project()
    before = sql_store.count_by_status()
    ids = [answer.issue_id for answer in sql_store.record([an_arrival(project_id, n, "x") for n in range(5)])]
    index_all(sql_store)
    move = Move(to=Status.FIXED, expected=None, actor=None, reason="so", force=True, fix=None)
    sql_store.move(ids[0], move, NOW)
    sql_store.move(ids[1], evolve(move, to=Status.DEPLOYED), NOW)

    after = sql_store.count_by_status()

    changes = {status: after[status] - before[status] for status in Status if after[status] != before[status]}
    assert {Status.NEW: 3, Status.FIXED: 1, Status.DEPLOYED: 1} == changes


def test_lists_go_by_what_they_look_at_where_a_term_is_shared(sql_store: SqlStore) -> None:
    project_id = fresh_project()
    sql_store.record([an_arrival(project_id, 1, "abcd"), an_arrival(project_id, 2, "abc bcd")])
    index_all(sql_store)

    found = sql_store.issues(IssueQuery(project_id=(project_id,), texts=("abcd",)))

    assert ["abcd"] == [issue.error.message for issue in found.items]
