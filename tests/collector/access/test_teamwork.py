"""Teamwork as one principal sees it, and what the audit log keeps of it."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from logcenter_collector.access.doorway import NotAllowedError
from logcenter_collector.access.view import View
from logcenter_collector.domain.access import ANYONE, SCOPES_OF, Principal, PrincipalKind, Role
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.memory import MemoryStore
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.teamwork import CommentRequest, SavedViewRequest
from support.stores import START, reporter_of


def mei(*projects: str) -> Principal:
    scopes = SCOPES_OF[Role.MEMBER]
    return Principal(
        kind=PrincipalKind.PERSON, name="mei", scopes=scopes, projects=frozenset(projects) if projects else None
    )


def test_nothing_of_other_projects_can_be_cared_for() -> None:
    store = MemoryStore()
    issue_id = reporter_of(store).report().issue_id
    said = View(store, By(principal=ANYONE)).comment(issue_id, CommentRequest(text="x"), START)
    assert said is not None
    view = View(store, By(principal=mei("elsewhere")))

    assert view.assign(issue_id, "mei", START) is None
    assert view.mute(issue_id, MuteWish(more=1), START) is None
    assert () == view.comments(issue_id)
    assert view.comment(issue_id, CommentRequest(text="x"), START) is None
    assert not view.delete_comment(issue_id, said.id, START)
    assert (said,) == store.comments(issue_id)


@pytest.mark.parametrize(("principal", "author"), [(mei(), "mei"), (ANYONE, "tom")])
def test_whoever_signed_in_is_the_author_of_a_comment(principal: Principal, author: str) -> None:
    store = MemoryStore()
    issue_id = reporter_of(store).report().issue_id

    said = View(store, By(principal=principal)).comment(issue_id, CommentRequest(text="x", author="tom"), START)

    assert said is not None
    assert author == said.author


def test_all_that_is_done_is_in_the_audit_log(sql_store: SqlStore) -> None:
    reporter = reporter_of(sql_store)
    issue_id = reporter.report().issue_id
    view = View(sql_store, By(principal=mei(), address="10.0.0.1"))

    view.assign(issue_id, "tom", START)
    view.mute(issue_id, MuteWish(more=5), START)
    view.mute(issue_id, MuteWish(), START)
    said = view.comment(issue_id, CommentRequest(text="a secret, perhaps"), START)
    assert said is not None
    view.delete_comment(issue_id, said.id, START)

    entries = entries_of(sql_store, reporter.project)
    assert {("mei", "10.0.0.1", str(issue_id))} == {(row["actor"], row["address"], row["subject"]) for row in entries}
    assert [
        ("issue.assign", {"assignee": "tom"}),
        ("issue.mute", {"more": 5}),
        ("issue.unmute", None),
        ("comment.create", {"comment": said.id}),
        ("comment.delete", {"comment": said.id}),
    ] == [(row["action"], row["detail"] and json.loads(row["detail"])) for row in entries]


def test_saved_views_are_in_the_audit_log(sql_store: SqlStore) -> None:
    view = View(sql_store, By(principal=mei()))

    saved = view.save_view(SavedViewRequest(name="mine", query=""), START)
    view.delete_view(saved.id, START)

    entries = [row for row in entries_of(sql_store, None) if row["subject"] == str(saved.id)]
    assert ["view.create", "view.delete"] == [row["action"] for row in entries]


def test_who_is_limited_to_some_projects_has_no_say_in_everybodys_views() -> None:
    store = MemoryStore()
    everybodys, elsewhere, without = (
        View(store, By(principal=mei())).save_view(SavedViewRequest(name=name, query=query, shared=True), START)
        for name, query in (("a", "env:main"), ("b", "project:shop,other"), ("c", "x -project:other"))
    )
    limited = View(store, By(principal=mei("shop")))
    own = limited.save_view(SavedViewRequest(name="d", query="project:other"), START)

    assert (everybodys, own) == limited.saved_views()
    with pytest.raises(NotAllowedError):
        limited.save_view(SavedViewRequest(name="e", query="", shared=True), START)
    with pytest.raises(NotAllowedError):
        limited.delete_view(everybodys.id, START)
    assert [False, False] == [limited.delete_view(each.id, START) for each in (elsewhere, without)]
    assert limited.delete_view(own.id, START)
    assert (everybodys, elsewhere, without) == store.saved_views("tom")


def entries_of(store: SqlStore, project_id: str | None) -> list[dict[str, Any]]:
    with store.database.read() as connection:
        found = connection.execute(select(audit).where(audit.c.project_id == project_id).order_by(audit.c.id))
        return [dict(row) for row in found.mappings()]
