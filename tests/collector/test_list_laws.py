"""Laws of lists: a list is what looking at every issue would say, in whichever way the store finds it."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.base import Arrival, IssueQuery, Page, Sort, arrive
from logcenter_collector.store.finding import FEW
from logcenter_collector.store.listing import list_issues
from logcenter_collector.store.search.grams import contains
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.report import Level, Report, ReportedError, Source
from logcenter_sdk.contract.status import Status
from support.postgres import Postgres
from support.sending import fresh_project

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LETTERS = "aAbBsSkK ßſKİıÄäéﬁ超时连接失败が한😀%_\\/.'"
PROJECTS = ["shop", "pay", "mail"]
ENVIRONMENTS = ["production", "staging", "other"]
VERSIONS = ["1.0", "1.1", "2.0", "3.0"]
INSTANTS = [
    NOW,
    NOW - timedelta(microseconds=1),
    NOW - timedelta(seconds=1),
    *(NOW - timedelta(days=days) for days in (1, 13, 30, 400)),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2, 1, 1, tzinfo=UTC),
]
WAYS = [0, 3, FEW]
"""Up to how many issues are looked at one by one: the others are walked."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A store on each kind of database, for all tests of this module."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('laws') / 'logcenter.db'}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    store = SqlStore(url)
    yield store
    store.close()


@frozen
class World:
    """Issues of every kind."""

    store: SqlStore
    issues: list[Issue]


@pytest.fixture(scope="module", params=["queued", "indexed", "half indexed"])
def world(request: pytest.FixtureRequest, store: SqlStore) -> World:
    chance = random.Random(request.param)
    projects = {name: fresh_project() for name in PROJECTS}
    ids = set()
    for part in range(3):
        for begin in range(0, 150, 50):
            arrivals = [an_arrival(chance, projects, number) for number in range(begin, begin + 50)]
            ids |= {answer.issue_id for answer in store.record(arrivals)}
        move_some(chance, store, sorted(ids))
        if request.param == "indexed" or (request.param == "half indexed" and part == 0):
            index_all(store)
    issues = [issue for issue_id in ids if (issue := store.issue(issue_id))]
    return World(store, issues)


def an_arrival(chance: random.Random, projects: dict[str, str], number: int) -> Arrival:
    text = "".join(chance.choices(LETTERS, k=chance.randint(1, 12)))
    error = ReportedError(
        type=chance.choice(["ValueError", "KeyError", "超时"]),
        message=text,
        file_path=chance.choice([None, "app/users.py", "应用/main.py"]),
        line_number=1,
        stack_trace=["x"],
    )
    report = Report(
        project_id=projects[PROJECTS[number % 3]],
        environment=chance.choice(ENVIRONMENTS[:2]),
        level=chance.choice([*Level]),
        source=chance.choice([*Source]) if number % 7 == 0 else Source.RUNTIME,
        version=chance.choice([None, *VERSIONS]),
        timestamp=chance.choice(INSTANTS).isoformat(),
        occurrences=chance.choice([1, 1, 1, 2, 3, 1000]),
        fingerprint=[str(number)],
        error=error,
    )
    return arrive(report, NOW)


def move_some(chance: random.Random, store: SqlStore, ids: list[int]) -> None:
    for issue_id in chance.sample(ids, 30):
        issue = store.issue(issue_id)
        assert issue is not None
        to = chance.choice([status for status in Status if status is not issue.status])
        store.move(issue_id, Move(to=to, expected=None, actor=None, reason="law", force=True, fix=None), NOW)


def index_all(store: SqlStore) -> None:
    while store.index_search(limit=40):
        pass


def walk(store: SqlStore, query: IssueQuery, few: int) -> list[int]:
    """Return the ids of all pages, in order."""
    found: list[int] = []
    while True:
        with store._read() as connection:
            page: Page[Issue] = list_issues(connection, query, few=few)
        found += [issue.id for issue in page.items]
        if page.next_cursor is None:
            return found
        query = evolve(query, cursor=page.next_cursor)


def looked_up(issues: list[Issue], query: IssueQuery) -> list[int]:
    """Return the ids that looking at every issue says."""
    found = [issue for issue in issues if matches(issue, query)]
    return [issue.id for issue in sorted(found, key=lambda issue: (getattr(issue, query.sort), issue.id), reverse=True)]


def matches(issue: Issue, query: IssueQuery) -> bool:
    texts = (issue.error.type, issue.error.message, issue.error.file_path or "")
    return all(
        [
            not query.project_id or issue.project_id in query.project_id,
            not query.status or issue.status in query.status,
            not query.source or issue.source in query.source,
            not query.level or issue.level in query.level,
            not query.environment or not {*query.environment}.isdisjoint(issue.environments),
            not query.version or not {*query.version}.isdisjoint(issue.versions),
            query.since is None or issue.last_seen >= query.since,
            query.until is None or issue.last_seen < query.until,
            any(contains(text, query.q.casefold()) for text in texts),
        ]
    )


def some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return a strategy of filters: most often none, else one or two values."""
    return st.just(()) | st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


QUERIES = st.builds(
    IssueQuery,
    status=some([*Status]),
    source=some([*Source]),
    level=some([*Level]),
    environment=some(ENVIRONMENTS),
    version=some([*VERSIONS, "9"]),
    q=st.sampled_from(["", "", "", "a", "超", "超时", "ss", "s", "app", "%", "\\"]) | st.text(LETTERS, max_size=3),
    since=st.none() | st.sampled_from(INSTANTS),
    until=st.none() | st.sampled_from(INSTANTS),
    sort=st.sampled_from(Sort),
    limit=st.sampled_from([1, 7, 50, 200]),
)


@given(query=QUERIES, few=st.sampled_from(WAYS), projects=st.integers(0, 2))
def test_all_pages_are_the_filtered_and_sorted_issues(world: World, query: IssueQuery, few: int, projects: int) -> None:
    named = sorted({issue.project_id for issue in world.issues})
    query = evolve(query, project_id=tuple(named[: projects or 3]))

    assert looked_up(world.issues, query) == walk(world.store, query, few)
