"""What is limited to some projects is shown nothing of others, and does nothing to them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from logcenter_collector.access.view import View
from logcenter_collector.domain.access import Principal, PrincipalKind, Scope
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.overview import OverviewQuery, begin_of, day_of
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.base import Per
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.status import Status
from support.doors import closed_door, open_door, tokens_of
from support.sending import fresh_project
from support.served import served
from support.stores import START, Reporter

if TYPE_CHECKING:
    from logcenter_sdk.contract.issue import Issue

PROJECTS = ("cart", "shop", "till")


def view_of(store: Any, projects: Sequence[str] | None) -> View:
    """Return what a token for some projects sees."""
    shown = None if projects is None else frozenset(projects)
    principal = Principal(kind=PrincipalKind.TOKEN, name="token:ci", scopes=frozenset(Scope), projects=shown)
    return View(store, By(principal=principal))


@given(
    reported=st.lists(st.tuples(st.sampled_from(PROJECTS), st.integers(1, 3)), max_size=12),
    shown=st.sets(st.sampled_from([*PROJECTS, "empty"])),
    asked=st.sets(st.sampled_from(PROJECTS)),
    limit=st.integers(1, 3),
)
def test_a_list_shows_just_those_issues_of_the_whole_that_are_shown(
    reported: list[tuple[str, int]], shown: set[str], asked: set[str], limit: int
) -> None:
    store = MemoryStore()
    for project, line in reported:
        Reporter(store, project).report(line_number=line)
    query = IssueQuery(project_id=tuple(sorted(asked)))

    whole = view_of(store, None).issues(query).items
    listed: list[Issue] = []
    cursor: str | None = None
    first = True
    while first or cursor:
        page = view_of(store, sorted(shown)).issues(
            IssueQuery(project_id=tuple(sorted(asked)), limit=limit, cursor=cursor)
        )
        listed, cursor, first = [*listed, *page.items], page.next_cursor, False

    assert [issue for issue in whole if issue.project_id in shown] == listed


def test_nothing_of_another_project_is_shown() -> None:
    store = MemoryStore()
    issue_id = Reporter(store, "cart").report().issue_id
    view = view_of(store, ["shop"])

    assert view.issue(issue_id) is None
    assert not view.exists(issue_id)
    assert () == view.occurrences(issue_id).items
    assert () == view.history(issue_id)
    assert () == view.stats(issue_id, Per.DAY, START.replace(year=2000), START.replace(year=2100))
    assert () == view.projects()
    assert view.project("cart") is None
    assert () == view.issues(IssueQuery(project_id=("cart",))).items


@given(
    reported=st.lists(st.tuples(st.sampled_from(PROJECTS), st.integers(1, 3)), max_size=12),
    shown=st.sets(st.sampled_from([*PROJECTS, "empty"])),
    asked=st.none() | st.sets(st.sampled_from(PROJECTS)),
)
def test_an_overview_is_that_of_the_projects_that_are_shown(
    reported: list[tuple[str, int]], shown: set[str], asked: set[str] | None
) -> None:
    store = MemoryStore()
    for project, line in reported:
        Reporter(store, project).report(line_number=line)
    week = OverviewQuery(since=begin_of(day_of(START) - 6), until=begin_of(day_of(START) + 1))

    found = view_of(store, sorted(shown)).overview(evolve(week, project_ids=None if asked is None else tuple(asked)))

    wanted = shown if asked is None else shown & asked
    assert store.overview(evolve(week, project_ids=tuple(wanted))) == found
    assert sum(project in wanted for project, _ in reported) == found.occurrences
    assert {project for project, _ in reported if project in wanted} == {each.project_id for each in found.projects}


async def test_what_the_collector_does_is_only_for_who_sees_all_of_it(
    closed: httpx.AsyncClient, secrets: dict[str, str]
) -> None:
    for who, is_told in (("viewer", True), ("shop member", False)):
        answer = await closed.get("/api/v1/overview", headers={"Authorization": f"Bearer {secrets[who]}"})

        assert is_told is (answer.json()["collector"] is not None)


def test_nothing_is_done_to_another_project() -> None:
    store = MemoryStore()
    issue_id = Reporter(store, "cart").report().issue_id
    view = view_of(store, ["shop"])

    assert view.move(issue_id, Move(to=Status.VERIFYING), START) is None
    assert view.put_project("cart", {"name": "mine"}, START) is None
    assert view.put_project("new", {}, START) is None

    assert ["cart"] == [project.name for project in store.projects()]
    assert () == store.history(issue_id)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path_factory.mktemp('view') / 'logcenter.db'}")) as store:
        yield store


@pytest.fixture(scope="module")
def secrets(store: SqlStore) -> dict[str, str]:
    return tokens_of(closed_door(store))


@pytest.fixture
async def closed(store: SqlStore) -> AsyncIterator[httpx.AsyncClient]:
    async with served(store, doorway=closed_door(store)) as client:
        yield client


def by(secrets: dict[str, str], who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secrets[who]}"}


async def test_over_http_a_token_for_one_project_sees_nothing_of_another(
    closed: httpx.AsyncClient, store: SqlStore, secrets: dict[str, str]
) -> None:
    own, other = (Reporter(store, project).report().issue_id for project in ("shop", "cart"))
    headers = by(secrets, "shop member")

    listed = await closed.get("/api/v1/issues", params={"limit": 1}, headers=headers)
    assert ([own], None) == ([issue["id"] for issue in listed.json()["items"]], listed.json()["next_cursor"])
    asked = await closed.get("/api/v1/issues", params={"project_id": ["cart", "shop"]}, headers=headers)
    assert [own] == [issue["id"] for issue in asked.json()["items"]]
    projects = await closed.get("/api/v1/projects", headers=headers)
    assert ["shop"] == [project["project_id"] for project in projects.json()]

    for path in ("", "/occurrences", "/history", "/stats"):
        shown = await closed.get(f"/api/v1/issues/{own}{path}", headers=headers)
        hidden = await closed.get(f"/api/v1/issues/{other}{path}", headers=headers)
        unknown = await closed.get(f"/api/v1/issues/{10**9}{path}", headers=headers)
        assert (200, 404) == (shown.status_code, hidden.status_code)
        # What is hidden looks as what never was.
        assert unknown.text.replace(str(10**9), str(other)) == hidden.text


@pytest.mark.parametrize("who", ["member", "admin", "shop member"])
async def test_where_people_sign_in_the_actor_is_whoever_signed_in(
    closed: httpx.AsyncClient, store: SqlStore, secrets: dict[str, str], who: str
) -> None:
    issue_id = Reporter(store, "shop").report(fingerprint=[who]).issue_id
    moved = await closed.post(
        f"/api/v1/issues/{issue_id}/transitions",
        json={"to": "VERIFYING", "actor": "mei", "reason": "so"},
        headers=by(secrets, who),
    )
    history = await closed.get(f"/api/v1/issues/{issue_id}/history", headers=by(secrets, who))

    [change] = history.json()["items"]
    name = f"token:{who.removesuffix(' member')}"
    assert (200, name, "mei") == (moved.status_code, change["actor"], change["on_behalf_of"])


async def test_while_nobody_signs_in_the_actor_is_the_one_who_was_named(store: SqlStore) -> None:
    issue_id = Reporter(store, "shop").report(line_number=77).issue_id
    async with served(store, doorway=open_door(store)) as client:
        await client.post(f"/api/v1/issues/{issue_id}/transitions", json={"to": "VERIFYING", "actor": "mei"})
        history = await client.get(f"/api/v1/issues/{issue_id}/history")

    [change] = history.json()["items"]
    assert ("mei", None) == (change["actor"], change["on_behalf_of"])


async def test_who_moved_and_set_what_is_in_the_audit_log(
    closed: httpx.AsyncClient, store: SqlStore, secrets: dict[str, str]
) -> None:
    issue_id = Reporter(store, "shop").report(line_number=78).issue_id
    move = {"to": "VERIFYING", "actor": "mei"}
    await closed.post(f"/api/v1/issues/{issue_id}/transitions", json=move, headers=by(secrets, "member"))
    await closed.post(f"/api/v1/issues/{issue_id}/transitions", json=move, headers=by(secrets, "member"))  # 409
    await closed.put("/api/v1/projects/shop", json={"name": "The shop"}, headers=by(secrets, "shop admin"))
    log = await closed.get("/api/v1/audit", params={"limit": 2}, headers=by(secrets, "admin"))

    put, moved = log.json()["items"]
    assert ("project.put", "token:shop-admin", "token", "shop") == tuple(
        put[name] for name in ("action", "actor", "actor_kind", "subject")
    )
    assert {"name": "The shop"} == put["detail"]
    assert ("issue.move", "token:member", "shop", str(issue_id)) == tuple(
        moved[name] for name in ("action", "actor", "project_id", "subject")
    )
    assert {"from": "NEW", "to": "VERIFYING", "actor": "token:member"} == moved["detail"]
    older = await closed.get(
        "/api/v1/audit", params={"limit": 1, "cursor": log.json()["next_cursor"]}, headers=by(secrets, "admin")
    )
    assert moved["id"] > older.json()["items"][0]["id"]
    wrong = await closed.get("/api/v1/audit", params={"cursor": "x"}, headers=by(secrets, "admin"))
    assert (400, "cursor") == (wrong.status_code, wrong.json()["errors"][0]["field"])


def entries_of(store: SqlStore, project_id: str) -> list[str | None]:
    """Return what the audit log has of a project, as it is kept."""
    statement = select(audit.c.detail).where(audit.c.subject == project_id, audit.c.action == "project.put")
    with store.database.read() as connection:
        return list(connection.execute(statement.order_by(audit.c.id)).scalars())


def test_only_what_changes_a_project_is_in_the_audit_log(sql_store: SqlStore) -> None:
    project_id = fresh_project()
    for changes in ({}, {}, {"name": "A", "description": None}, {"name": "A"}, {"name": "B", "repo_url": "x"}):
        sql_store.put_project(project_id, changes, START)

    assert [None, '{"name": "A"}', '{"name": "B", "repo_url": "x"}'] == entries_of(sql_store, project_id)


def test_a_move_that_is_undone_leaves_no_entry_in_the_audit_log(store: SqlStore) -> None:
    issue_id = Reporter(store, "shop").report(line_number=79).issue_id

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    event.listen(store.database.engine, "commit", fail)
    try:
        with pytest.raises(RuntimeError):
            store.move(issue_id, Move(to=Status.VERIFYING), START)
    finally:
        event.remove(store.database.engine, "commit", fail)

    with store.database.read() as connection:
        subjects = connection.execute(select(audit.c.subject).where(audit.c.action == "issue.move")).scalars().all()
    assert str(issue_id) not in subjects
    assert () == store.history(issue_id)
