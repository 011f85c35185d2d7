"""Random histories of a store: what is reported and done, in what order, and what is seen of it afterwards."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

from attrs import define, evolve, field, frozen
from hypothesis import strategies as st

from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery, Sort
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.domain.workflow import Move, MoveRefusedError, ReasonMissingError
from logcenter_collector.ingest.envelope import QuickReader
from logcenter_collector.store.base import Arrival, Page, Per, Store, arrive
from logcenter_collector.store.memory import MemoryStore
from logcenter_sdk.contract.issue import Fix, Issue, Occurrence
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Level, Report, Source
from logcenter_sdk.contract.status import Status
from support.sending import a_report
from support.stores import START

PROJECTS: Final = ("a", "b")
ENVIRONMENTS = ("production", "staging", "other", "feature-1", "feature-2", "feature-3")
VERSIONS = ("1.0", "1.1", "2.0", "other")
_QUICK: Final = QuickReader()
_STEP: Final = 7 * 60 * 60


@define
class Told:
    """A store that a history is told to. Stores number issues as they like: here they are numbered as they appear."""

    store: Store
    now: datetime = START
    ids: list[int] = field(factory=list)

    def number(self, issue_id: int) -> int:
        """Return the number of an issue."""
        if issue_id not in self.ids:
            self.ids.append(issue_id)
        return self.ids.index(issue_id)

    def read(self, report: dict[str, Any]) -> Arrival:
        """Return the arrival of a report: read as they are over HTTP, in memory the plain way."""
        plain = None if isinstance(self.store, MemoryStore) else _QUICK.read(json.dumps(report).encode(), self.now)
        return plain or arrive(read(Report, report), self.now)

    def numbered(self, issue: Issue) -> Issue:
        """Return an issue with its number in the place of its id."""
        return evolve(issue, id=self.number(issue.id))


@frozen
class Reports:
    """Some reports that are recorded together, each with the seconds since the one before."""

    reports: list[tuple[int, dict[str, Any]]]

    def happen(self, told: Told) -> list[tuple[Outcome, int, Status]]:
        """Record them, and return what was answered."""
        arrivals: list[Arrival] = []
        for seconds, changes in self.reports:
            told.now += timedelta(seconds=seconds)
            report = a_report(changes["project"], **{name: changes[name] for name in changes if name != "project"})
            arrivals.append(told.read(report))
        answers = told.store.record(arrivals)
        return [(answer.outcome, told.number(answer.issue_id), answer.status) for answer in answers]


@frozen
class Moved:
    """An attempt to move an issue."""

    chosen: int
    move: Move

    def happen(self, told: Told) -> object:
        """Try it, and return the issue or why not."""
        if not told.ids:
            return None
        number = self.chosen % len(told.ids)
        try:
            issue = told.store.move(told.ids[number], self.move, told.now)
        except (MoveRefusedError, ReasonMissingError) as error:
            return str(error)
        return issue and told.numbered(issue)


@frozen
class Cared:
    """Somebody who assigns an issue, or mutes it."""

    chosen: int
    assignee: str | None
    wish: MuteWish | None

    def happen(self, told: Told) -> object:
        """Do it, and return the issue."""
        if not told.ids:
            return None
        issue_id = told.ids[self.chosen % len(told.ids)]
        if self.wish is None:
            issue = told.store.assign(issue_id, self.assignee, told.now)
        else:
            issue = told.store.mute(issue_id, self.wish, told.now)
        return issue and told.numbered(issue)


@frozen
class ProjectSet:
    """A project that somebody sets."""

    project_id: str
    changes: dict[str, str | None]

    def happen(self, told: Told) -> object:
        """Set it and return it."""
        return told.store.put_project(self.project_id, self.changes, told.now)


@frozen
class Passed:
    """Time that passes, or a clock that is set back."""

    seconds: int

    def happen(self, told: Told) -> None:
        """Set the clock."""
        told.now += timedelta(seconds=self.seconds)


class Step(Protocol):
    """Something that happens to a store."""

    def happen(self, told: Told) -> object:
        """Let it happen, and return what was answered."""
        ...


def histories(steps: int) -> st.SearchStrategy[list[Step]]:
    """Return lists of up to so many steps."""
    return st.lists(_reports() | _moves() | _cares() | _settings() | _passed(), max_size=steps)


def _reports() -> st.SearchStrategy[Step]:
    instants = st.sampled_from([-200_000, -7_000, -90, 200, 4_000]).map(
        lambda seconds: (START + timedelta(seconds=seconds)).isoformat()
    )
    some: dict[str, st.SearchStrategy[Any]] = {
        "environment": st.sampled_from(ENVIRONMENTS),
        "level": st.sampled_from([level.value for level in Level]),
        "version": st.sampled_from(VERSIONS),
        "commit_hash": st.sampled_from(["c1", "c2", "c3"]),
        "message": st.sampled_from(["no such user", "没有这个用户", "100% of_it"]),
        "stack_trace": st.sampled_from(["one\ntwo", ["one"], []]),
        "context": st.sampled_from([{"user": 1}, {"nested": [1, {"a": None}]}]),
        "timestamp": instants,
        "first_timestamp": instants,
        "occurrences": st.integers(1, 3),
        "event_id": st.integers(1, 4).map(lambda number: str(UUID(int=number))),
        "repo_url": st.just("https://git.example/a"),  # of several in one batch, any may be taken
        "source": st.sampled_from([source.value for source in Source]),
        "fingerprint": st.just(["the same"]),
        "type": st.just("ProjectInit"),
        "frames": st.just([{"file_path": "a.py", "locals": {"x": [1]}}]),
        "sdk": st.just({"name": "s", "version": "1"}),
    }
    needed: dict[str, st.SearchStrategy[Any]] = {
        "project": st.sampled_from(PROJECTS),
        "line_number": st.integers(1, 2),
    }
    gaps = st.sampled_from([0, 1, 20])
    return st.lists(st.tuples(gaps, st.fixed_dictionaries(needed, optional=some)), min_size=1, max_size=12).map(Reports)


def _moves() -> st.SearchStrategy[Step]:
    fix = st.builds(
        Fix,
        commit_hash=st.none() | st.sampled_from(["c1", "c2", ""]),
        version=st.none() | st.sampled_from(VERSIONS),
        branch=st.none() | st.just("fix/it"),
    )
    move = st.builds(
        Move,
        to=st.sampled_from([*Status, *[Status.FIXED] * 4]),
        expected=st.none() | st.none() | st.sampled_from(Status),
        actor=st.none() | st.just("mei"),
        reason=st.just("it is so") | st.none(),
        force=st.sampled_from([True, True, False]),
        fix=st.none() | fix,
    )
    return st.builds(Moved, st.integers(0, 5), move)


def _cares() -> st.SearchStrategy[Step]:
    wish = st.builds(
        MuteWish, until=st.sampled_from([None, START, START + timedelta(hours=9)]), more=st.sampled_from([None, 1, 4])
    )
    return st.builds(Cared, st.integers(0, 5), st.sampled_from([None, "mei", "tom"]), st.none() | wish)


def _settings() -> st.SearchStrategy[Step]:
    values = st.none() | st.sampled_from(["x", "/srv/app"])
    names = ("name", "repo_url", "local_path", "description")
    changes = st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))
    return st.builds(ProjectSet, st.sampled_from([*PROJECTS, "c"]), changes)


def _passed() -> st.SearchStrategy[Step]:
    # In steps of seven hours, no batch lies both before and after the end of an event id's 24 hours.
    return st.sampled_from([Passed(seconds) for seconds in (1, 40, -30, _STEP, 3 * _STEP, 4 * _STEP, -_STEP)])


QUERIES = (
    IssueQuery(limit=2),
    IssueQuery(limit=2, registration=None),
    IssueQuery(limit=1, sort=Sort.FIRST_SEEN),
    IssueQuery(limit=2, sort=Sort.OCCURRENCE_COUNT, registration=None),
    IssueQuery(project_id=("a",), status=(Status.NEW, Status.FIXED)),
    IssueQuery(source=(Source.RUNTIME,), level=(Level.ERROR, Level.CRITICAL)),
    IssueQuery(environment=("other",), registration=None),
    IssueQuery(environment=("staging", "feature-1"), version=("1.1", "other")),
    IssueQuery(texts=("SUCH",)),
    IssueQuery(texts=("0% of_",)),
    IssueQuery(texts=("这个", "用户")),
    IssueQuery(since=START, until=START + timedelta(hours=3)),
    IssueQuery(without=Filters(status=(Status.NEW,), environment=("staging", "other")), registration=None),
    IssueQuery(without=Filters(texts=("such",), version=("1.1",)), first_since=START),
    IssueQuery(regressed=True, registration=None),
    IssueQuery(muted=True, asked_at=START + timedelta(hours=1), registration=None),
    IssueQuery(muted=False, asked_at=START, registration=None),
    IssueQuery(assignee=("mei", NOBODY), registration=None),
    IssueQuery(assignee=("tom",), without=Filters(assignee=("mei",)), registration=None),
    IssueQuery(without=Filters(assignee=("mei",)), registration=None),
    IssueQuery(without=Filters(assignee=("mei", NOBODY)), registration=None),
    IssueQuery(regressed=False, registration=True),
)


def seen_of(told: Told) -> dict[str, Any]:
    """Return everything that a store shows, page by page."""
    store = told.store
    seen: dict[str, Any] = {"projects": store.projects()}
    for query in QUERIES:
        listed = [told.numbered(issue) for issue in _pages(_lister(store, query))]
        # Of two that are equal the one with the larger id comes first: whichever of a batch that is.
        seen[f"order of {query}"] = [getattr(issue, query.sort) for issue in listed]
        seen[f"list of {query}"] = sorted(listed, key=lambda issue: issue.id)
    lines = store.sparklines(told.ids, told.now, days=60)
    seen["sparklines"] = {number: lines[issue_id] for number, issue_id in enumerate(told.ids)}
    for number, issue_id in enumerate(told.ids):
        occurrences = _pages(partial(_list_occurrences, store, issue_id))
        seen[f"occurrences of {number}"] = [evolve(occurrence, issue_id=number) for occurrence in occurrences]
        seen[f"history of {number}"] = store.history(issue_id)
        for per in Per:
            seen[f"stats of {number} per {per}"] = store.stats(issue_id, per, *_EVER)
    return seen


_EVER: Final = (START - timedelta(days=20), START + timedelta(days=4_000))

Lister = Callable[[str | None], Page[Any]]


def _lister(store: Store, query: IssueQuery) -> Lister:
    return lambda cursor: store.issues(evolve(query, cursor=cursor))


def _list_occurrences(store: Store, issue_id: int, cursor: str | None) -> Page[Occurrence]:
    return store.occurrences(issue_id, limit=3, cursor=cursor)


def _pages(read_page: Lister) -> list[Any]:
    page = read_page(None)
    items = [*page.items]
    while page.next_cursor is not None:
        page = read_page(page.next_cursor)
        items += page.items
    return items
