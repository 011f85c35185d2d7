"""The inbox as HTML: search and chips, what is done with several issues, saved views, and how much it weighs."""

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from logcenter_collector.domain.access import Principal, PrincipalKind, Scope
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection
from logcenter_collector.web.ui.site import STATIC
from logcenter_sdk.contract.status import Status
from support.dashboards import dashboard_for
from support.stores import START, Reporter, reporter_of

OWN = {"Sec-Fetch-Site": "same-origin"}
KIB = 1024
MOST_OF_A_PAGE = 60 * KIB
MOST_OF_SCRIPT = 40 * KIB
ADA = Principal(kind=PrincipalKind.PERSON, name="ada", scopes=frozenset({Scope.READ, Scope.TRIAGE}))
CHARACTERS = 240


async def ada(_connection: Connection) -> Principal:
    return ADA


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/logs.db")
    yield store
    store.close()


@pytest.fixture
def reporter(store: SqlStore) -> Reporter:
    return reporter_of(store)


@pytest.fixture
def client(store: SqlStore) -> Iterator[TestClient[Any]]:
    with TestClient(dashboard_for(store, ada)) as client:
        client.follow_redirects = False
        yield client


def send(client: TestClient[Any], path: str, **fields: Any) -> Any:
    return client.post(path, data=fields, headers=OWN)


def issue(reporter: Reporter, **changes: Any) -> int:
    return reporter.report(timestamp=(START - timedelta(hours=1)).isoformat(), **changes).issue_id


def rows_of(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-issue="(\d+)"', page)]


def links_of(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]*)"', page)]


def test_a_search_that_is_not_understood_says_why_at_the_box_in_the_readers_language(client: TestClient[Any]) -> None:
    answer = client.get("/", params={"q": "statsu:NEW level:bad"}, headers={"Accept-Language": "zh"})

    assert 400 == answer.status_code
    assert 'aria-describedby="wrong"' in answer.text
    assert "statsu:NEW：没有这个筛选项" in answer.text
    assert "level:bad：没有这个值。可用的有 ERROR, WARNING, CRITICAL。" in answer.text
    assert "data-live=" not in answer.text


def test_every_part_of_a_search_is_a_chip_that_leads_to_the_search_without_it(client: TestClient[Any]) -> None:
    page = client.get("/", params={"q": "status:NEW -level:WARNING sort:rising"}).text

    assert "Remove the filter -level:WARNING" in page
    assert "/?q=-level%3AWARNING+sort%3Arising" in [link.replace("%20", "+") for link in links_of(page)]


def test_a_menu_adds_a_filter_and_keeps_the_rest(client: TestClient[Any]) -> None:
    links = links_of(client.get("/", params={"q": "refused since:7d"}).text)

    assert "/?q=refused+since%3A7d+status%3ANEW" in links
    assert "/?q=refused+since%3A7d+with%3Amuted" in links
    assert "/?q=refused+since%3A7d+sort%3Afirst_seen" in links


def test_environments_and_releases_of_the_listed_issues_are_offered(
    client: TestClient[Any], reporter: Reporter
) -> None:
    reporter.report(environment="release/2.8", version="2.8.0", type="PipelineError")

    links = links_of(client.get("/", params={"q": "PipelineError"}).text)

    assert "/?q=PipelineError+env%3Arelease%2F2.8" in links
    assert "/?q=PipelineError+release%3A2.8.0" in links


def test_muted_issues_keep_quiet_unless_asked_for(client: TestClient[Any], reporter: Reporter, store: SqlStore) -> None:
    loud, quiet = issue(reporter), issue(reporter, line_number=2)
    store.mute(quiet, MuteWish(more=10), START)

    assert [loud] == rows_of(client.get("/").text)
    assert [quiet] == rows_of(client.get("/?q=is:muted").text)


def test_an_inbox_of_muted_issues_is_quiet_and_not_one_that_nothing_was_reported_to(
    client: TestClient[Any], reporter: Reporter, store: SqlStore
) -> None:
    store.mute(issue(reporter), MuteWish(more=9), reporter.now)

    page = client.get("/").text

    assert "All is quiet" in page
    assert "/?q=is:muted" in links_of(page)
    assert "Nothing has been reported yet" not in page


def test_a_row_shows_its_last_fourteen_days(client: TestClient[Any], reporter: Reporter) -> None:
    issue(reporter, occurrences=7)

    assert 'aria-label="7 in 14 days"' in client.get("/").text


def test_selected_issues_are_moved_and_the_list_is_where_it_was(
    client: TestClient[Any], reporter: Reporter, store: SqlStore
) -> None:
    ids = [issue(reporter), issue(reporter, line_number=2)]

    answer = send(client, "/issues/bulk", id=ids, do="move", to="VERIFYING", reason="together", q="status:NEW")

    assert (303, "/?q=status%3ANEW&done=moved&n=2") == (answer.status_code, answer.headers["location"])
    assert [("VERIFYING", "ada", "together")] * 2 == [
        (change.to, change.actor, change.reason) for each in ids for change in store.history(each)
    ]


def test_what_cannot_be_moved_is_named_with_the_reason_and_stays_selected(
    client: TestClient[Any], reporter: Reporter, store: SqlStore
) -> None:
    movable, stuck = issue(reporter), issue(reporter, line_number=2)
    reporter.fix(stuck)

    answer = send(client, "/issues/bulk", id=[movable, stuck], do="move", to="VERIFYING")

    assert 409 == answer.status_code
    assert "it is Fixed, and from there this step is not possible" in answer.text
    assert f'name="id" value="{stuck}" aria-label="Select issue #{stuck}" checked' in answer.text
    assert Status.VERIFYING == _known(store, movable).status
    assert Status.FIXED == _known(store, stuck).status


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("mei", {"do": "assign", "assignee": "mei"}),
        ("ada", {"do": "me", "assignee": "mei"}),
        (None, {"do": "assign", "assignee": ""}),
    ],
)
def test_selected_issues_are_assigned(
    client: TestClient[Any], reporter: Reporter, store: SqlStore, expected: str | None, fields: dict[str, str]
) -> None:
    issue_id = issue(reporter)
    store.assign(issue_id, "somebody", START)

    assert 303 == send(client, "/issues/bulk", id=issue_id, **fields).status_code

    assert expected == _known(store, issue_id).assignee


@pytest.mark.parametrize(
    ("mute", "expected"),
    [
        ("7d", (START + timedelta(days=7), None, "Muted: 1")),
        ("100", (None, 101, "Muted: 1")),
        ("off", (None, None, "Not muted any more: 1")),
    ],
)
def test_selected_issues_are_muted_for_a_time_or_until_some_more(
    client: TestClient[Any], reporter: Reporter, store: SqlStore, expected: Any, mute: str
) -> None:
    issue_id = issue(reporter)

    answer = send(client, "/issues/bulk", id=issue_id, do="mute", mute=mute)

    [said] = re.findall(r'class="done" role="status">([^<]+)<', client.get(answer.headers["location"]).text)
    known = _known(store, issue_id)
    assert expected == (known.muted_until, known.muted_until_count, said)


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "1", "do": "paint"},
        {"id": "1", "do": "move", "to": "LOST"},
        {"id": "1", "do": "mute", "mute": "9d"},
        {"id": "one", "do": "me"},
    ],
)
def test_a_form_that_no_page_sends_is_refused(client: TestClient[Any], fields: dict[str, str]) -> None:
    assert 400 == send(client, "/issues/bulk", **fields).status_code


def test_a_selection_of_nothing_says_what_to_do(client: TestClient[Any]) -> None:
    answer = send(client, "/issues/bulk", do="me")

    assert 400 == answer.status_code
    assert "Select at least one issue first." in answer.text


def test_a_search_is_saved_under_a_name_and_deleted_again(client: TestClient[Any], store: SqlStore) -> None:
    saved = send(client, "/views", q="env:production since:7d", name="Live", shared="1")
    page = client.get(saved.headers["location"]).text
    [view] = store.saved_views("somebody else")
    deleted = send(client, f"/views/{view.id}/delete", q=view.query)

    assert ("Live", "env:production since:7d") == (view.name, view.query)
    assert '<a href="/?q=env%3Aproduction+since%3A7d" aria-current="true">Live</a>' in page
    assert "Delete the view Live" in page
    assert "/?q=env%3Aproduction+since%3A7d&done=deleted" == deleted.headers["location"]
    assert () == store.saved_views("ada")


@pytest.mark.parametrize(
    ("expected", "fields"),
    [("Give the view a name", {"q": "a"}), ("Only a search that is understood", {"q": "statsu:NEW", "name": "x"})],
)
def test_a_view_without_a_name_or_a_sense_is_not_saved(
    client: TestClient[Any], store: SqlStore, expected: str, fields: dict[str, str]
) -> None:
    answer = send(client, "/views", **fields)

    assert (400, ()) == (answer.status_code, store.saved_views("ada"))
    assert expected in answer.text


def test_whoever_may_only_read_is_offered_nothing_to_do(store: SqlStore, reporter: Reporter) -> None:
    async def reader(_connection: Connection) -> Principal:
        return Principal(kind=PrincipalKind.PERSON, name="eve", scopes=frozenset({Scope.READ}))

    issue(reporter)
    with TestClient(dashboard_for(store, reader)) as client:
        page = client.get("/?q=status:NEW").text

    assert 'name="id"' not in page
    assert 'action="/views"' not in page


def test_nothing_that_rises_is_no_mistake_and_says_so(client: TestClient[Any]) -> None:
    assert "No issue occurred far more often" in client.get("/?q=sort:rising").text


def test_a_full_page_stays_small(client: TestClient[Any], reporter: Reporter) -> None:
    for number in range(50):
        noise = "".join(chr(33 + (number * 7919 + at * at * 31 + at * 17) % 90) for at in range(CHARACTERS))
        issue(reporter, line_number=number + 1, message=noise, occurrences=number + 1)

    page = client.get("/", params={"q": "-level:WARNING since:30d"})

    assert 50 == len(rows_of(page.text))
    assert len(gzip.compress(page.content)) <= MOST_OF_A_PAGE


def test_all_script_together_stays_small() -> None:
    scripts = sorted(STATIC.glob("*.js"))

    assert {"app.js", "inbox.js", "live.js", "palette.js"} <= {script.name for script in scripts}
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) <= MOST_OF_SCRIPT


def _known(store: SqlStore, issue_id: int) -> Any:
    known = store.issue(issue_id)
    assert known is not None
    return known
