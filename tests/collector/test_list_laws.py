"""Laws of lists: a list is what looking at every issue would say, in whichever way the store finds it."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain import recent
from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery, Sort
from logcenter_collector.domain.muting import MuteWish, as_of
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.base import Arrival, Page, arrive
from logcenter_collector.store.database import bulk_of
from logcenter_collector.store.finding import Effort
from logcenter_collector.store.listing import list_issues
from logcenter_collector.store.search.grams import contains
from logcenter_collector.store.search.places import INDEXED
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.limits import OTHER
from logcenter_sdk.contract.report import Level, Report, ReportedError, Source
from logcenter_sdk.contract.status import Status
from support.sending import fresh_project

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
A_DAY_BEFORE = NOW - timedelta(days=1)
LETTERS = "aAbBsSkK ßſKİıÄäéﬁ超时连接失败が한😀%_\\/.'"  # noqa: RUF001 - letters whose other case is another letter
PROJECTS = ["shop", "pay", "mail"]
ENVIRONMENTS = ["production", "staging", "other"]
PEOPLE = ["mei", "tom"]
MUTES = [MuteWish(more=1), MuteWish(more=1_000), MuteWish(until=NOW), MuteWish(until=NOW + timedelta(hours=1))]
VERSIONS = ["1.0", "1.1", "2.0", "3.0"]
INSTANTS = [
    NOW,
    NOW - timedelta(microseconds=1),
    NOW - timedelta(seconds=1),
    *(NOW - timedelta(days=days) for days in (1, 13, 30, 400)),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2, 1, 1, tzinfo=UTC),
]
EFFORTS = [
    Effort(few=0, few_in_place=0, step=2, beginning=0, in_time=0),
    Effort(few=9, few_in_place=3, step=5, beginning=10**9, in_time=9),
    Effort(),
]


@frozen
class World:
    """Issues of every kind."""

    store: SqlStore
    issues: list[Issue] = field(repr=False)


@pytest.fixture(scope="module", params=["queued", "indexed", "half indexed"])
def world(request: pytest.FixtureRequest, sql_store: SqlStore) -> World:
    """Sixty issues, each reported and some of them moved several times, between runs of the indexer."""
    chance = random.Random(request.param)
    projects = {name: fresh_project() for name in PROJECTS}
    ids: set[int] = set()
    for _ in range(4):
        if request.param == "half indexed":
            index_all(sql_store)
        ids |= {sql_store.record([an_arrival(chance, projects)])[0].issue_id for _ in range(60)}
        if request.param == "half indexed":
            sql_store.index_search(limit=20)
        move_some(chance, sql_store, sorted(ids))
    care_for_some(chance, sql_store, sorted(ids))
    if request.param == "indexed":
        index_all(sql_store)
    return World(sql_store, [issue for issue_id in ids if (issue := sql_store.issue(issue_id))])


def an_arrival(chance: random.Random, projects: dict[str, str]) -> Arrival:
    """Return a report of one of sixty issues, which differs from the usual one of that issue in one thing at most."""
    number = chance.randrange(60)
    report = the_usual(number, projects[PROJECTS[number % 3]])
    changes: list[Callable[[], Report]] = [
        lambda: report,
        lambda: evolve(report, environment="staging"),
        lambda: evolve(report, version=chance.choice(VERSIONS)),
        lambda: evolve(report, level=chance.choice([*Level])),
        lambda: evolve(report, occurrences=chance.choice([2, 3, 1000])),
        lambda: evolve(report, timestamp=chance.choice(INSTANTS).isoformat()),
        lambda: evolve(report, error=evolve(report.error, message=a_text(chance))),
    ]
    return arrive(chance.choice(changes)(), NOW)


def the_usual(number: int, project_id: str) -> Report:
    chance = random.Random(number)
    error = ReportedError(
        type=chance.choice(["ValueError", "KeyError", "超时"]),
        message=a_text(chance),
        file_path=chance.choice([None, "app/users.py", "应用/main.py"]),
        line_number=1,
        stack_trace=("x",),
    )
    return Report(
        project_id=project_id,
        environment="production",
        level=chance.choice([*Level]),
        source=chance.choice([*Source]),
        timestamp=chance.choice(INSTANTS[:3]).isoformat(),
        fingerprint=(str(number),),
        error=error,
    )


def a_text(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randint(1, 12)))


def move_some(chance: random.Random, store: SqlStore, ids: list[int]) -> None:
    for issue_id in chance.sample(ids, 15):
        issue = store.issue(issue_id)
        assert issue is not None
        to = chance.choice([status for status in Status if status is not issue.status])
        store.move(issue_id, a_move(to), A_DAY_BEFORE)


def care_for_some(chance: random.Random, store: SqlStore, ids: list[int]) -> None:
    for issue_id in chance.sample(ids, 30):
        store.assign(issue_id, chance.choice(PEOPLE), NOW)
    for issue_id in chance.sample(ids, 30):
        store.mute(issue_id, chance.choice(MUTES), NOW)


def index_all(store: SqlStore) -> None:
    while store.index_search(limit=17):
        pass


def walk(store: SqlStore, query: IssueQuery, effort: Effort) -> list[int]:
    """Return the ids of all pages, in order."""
    found: list[int] = []
    while True:
        with store.database.read() as connection:
            page: Page[Issue] = list_issues(bulk_of(connection), query, effort=effort)
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
            not query.assignee or (issue.assignee or NOBODY) in query.assignee,
            query.muted is None or query.muted is is_muted(issue),
            query.first_since is None or issue.first_seen >= query.first_since,
            query.regressed is None or query.regressed is (issue.regression_count > 0),
            all(any(contains(text, wanted.casefold()) for text in texts) for wanted in query.texts),
            not any(any(contains(text, without.casefold()) for text in texts) for without in query.without.texts),
            not leaves_out(issue, query.without),
        ]
    )


def is_muted(issue: Issue) -> bool:
    now = as_of(issue, NOW)
    return (now.muted_until, now.muted_until_count) != (None, None)


def leaves_out(issue: Issue, without: Filters) -> bool:
    own = ("project_id", "status", "source", "level", "assignee")
    has: dict[str, Collection[str]] = {name: [getattr(issue, name) or NOBODY] for name in own}
    has |= {"environment": issue.environments, "version": issue.versions}
    return any(not {*getattr(without, name)}.isdisjoint(values) for name, values in has.items())


def some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return a strategy of filters: most often none, else one or two values."""
    return st.just(()) | st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


FILTERS: dict[str, st.SearchStrategy[Any]] = {
    "status": some([*Status]),
    "source": some([*Source]),
    "level": some([*Level]),
    "environment": some(ENVIRONMENTS),
    "version": some([*VERSIONS, "9"]),
    "assignee": some([*PEOPLE, NOBODY]),
    "texts": some(["a", "超", "超时", "ss", "s", "app", "%", "\\"])
    | st.text(LETTERS, min_size=1, max_size=3).map(lambda text: (text,)),
}
QUERIES = st.builds(
    IssueQuery,
    **FILTERS,
    without=st.just(Filters()) | st.builds(Filters, **FILTERS),
    muted=st.sampled_from([None, None, True, False]),
    asked_at=st.just(NOW),
    regressed=st.sampled_from([None, None, True, False]),
    first_since=st.none() | st.none() | st.sampled_from(INSTANTS),
    since=st.none() | st.sampled_from(INSTANTS),
    until=st.none() | st.sampled_from(INSTANTS),
    sort=st.sampled_from(INDEXED),
    limit=st.sampled_from([3, 20, 200]),
)


@given(query=QUERIES, effort=st.sampled_from(EFFORTS), projects=st.integers(0, 2))
def test_all_pages_are_the_filtered_and_sorted_issues(
    world: World, query: IssueQuery, effort: Effort, projects: int
) -> None:
    named = sorted({issue.project_id for issue in world.issues})
    query = evolve(query, project_id=tuple(named[: projects or 3]))

    assert looked_up(world.issues, query) == walk(world.store, query, effort)


CHANGES = {
    "level": ({"level": Level.CRITICAL}, IssueQuery(level=(Level.CRITICAL,))),
    "environment": ({"environment": "staging"}, IssueQuery(environment=("staging",))),
    "version": ({"version": "9.9"}, IssueQuery(version=("9.9",))),
    "text": ({"error": ReportedError(type="E", message="新的错误", stack_trace=())}, IssueQuery(texts=("新的",))),
    "regression": ({"timestamp": NOW.isoformat()}, IssueQuery(status=(Status.NEW,))),
    "first seen": ({"timestamp": INSTANTS[-1].isoformat()}, IssueQuery(level=(Level.ERROR,), sort=Sort.FIRST_SEEN)),
    "count": ({"occurrences": 1000}, IssueQuery(level=(Level.ERROR,), sort=Sort.OCCURRENCE_COUNT)),
}


@pytest.mark.parametrize("effort", EFFORTS, ids=str)
@pytest.mark.parametrize(("changes", "query"), CHANGES.values(), ids=CHANGES)
def test_an_indexed_issue_is_found_by_what_a_report_changes(
    sql_store: SqlStore, changes: dict[str, Any], query: IssueQuery, effort: Effort
) -> None:
    report = evolve(the_usual(1, fresh_project()), level=Level.ERROR, timestamp=(NOW - timedelta(hours=1)).isoformat())
    issue_id = sql_store.record([arrive(report, NOW)] * 5)[0].issue_id
    sql_store.move(issue_id, a_move(Status.FIXED), A_DAY_BEFORE if "timestamp" in changes else NOW)
    index_all(sql_store)

    sql_store.record([arrive(evolve(report, **changes), NOW)])

    assert [issue_id] == walk(sql_store, evolve(query, project_id=(report.project_id,)), effort)


@pytest.mark.parametrize("kind", ["environment", "version"])
def test_an_issue_is_left_out_for_what_it_has_and_not_for_what_fell_out_of_that(
    sql_store: SqlStore, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(recent, "SEEN_WITH", 2)
    report = the_usual(1, fresh_project())
    for number, value in enumerate(("old", "newer", "newest")):
        changes: dict[str, Any] = {kind: value}
        sql_store.record([arrive(evolve(report, **changes), NOW + timedelta(seconds=number))])
        index_all(sql_store)

    def without(value: str) -> int:
        left_out: dict[str, Any] = {kind: (value,)}
        return len(walk(sql_store, IssueQuery(project_id=(report.project_id,), without=Filters(**left_out)), Effort()))

    assert [1, 0, 0, 0] == [without(value) for value in ("old", "newer", "newest", OTHER)]


def a_move(to: Status) -> Move:
    return Move(to=to, expected=None, actor=None, reason="law", force=True, fix=None)
