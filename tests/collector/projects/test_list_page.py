"""The page of all projects, over HTTP: who finds what, and who makes a new one."""

import gzip
import re
from html import unescape

import pytest

from collector.projects.conftest import Visit
from logcenter_collector.domain.access import Role
from logcenter_collector.store.sql import SqlStore
from support.stores import START, Reporter
from support.visiting import OWN, text_of


def rows_of(page: str) -> list[str]:
    """Return the ids of the projects of a page, in its order."""
    return re.findall(r'<td class="named"><a href="/\?project=([^"]+)"', page)


def next_of(page: str) -> str | None:
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return unescape(found[1]) if found else None


def test_a_project_is_shown_with_what_is_open_its_last_days_and_the_ways_on(visit: Visit, store: SqlStore) -> None:
    Reporter(store, "shop").report(timestamp=START.isoformat(), occurrences=7)
    store.put_project("shop", {"name": "The shop", "description": "Orders & carts"}, START)

    page = visit().get("/projects").text

    assert "The shop shop Orders & carts 1 open" in text_of(page)
    assert 'aria-label="The last 14 days: 7 occurrences"' in page
    assert 'datetime="2026-03-02T10:20:31' in page
    for way in ("/?project=shop", "/projects/shop/connect", "/projects/shop"):
        assert f'href="{way}"' in page


def test_many_projects_come_page_by_page_each_once(visit: Visit, store: SqlStore) -> None:
    ids = [f"p{number:03}" for number in range(101)]
    for project_id in ids:
        store.put_project(project_id, {"name": f"Team {project_id}"}, START)
    client, path, found = visit(), "/projects?q=team", list[list[str]]()

    while path:
        page = client.get(path).text
        found.append(rows_of(page))
        path = next_of(page) or ""

    assert [50, 50, 1] == [len(part) for part in found]
    assert ids == [project_id for part in found for project_id in part]


def test_a_project_is_found_by_its_name_and_nothing_is_said_to_be_nothing(visit: Visit, store: SqlStore) -> None:
    for project_id, name in (("shop", "网店"), ("cart", "Cart")):
        store.put_project(project_id, {"name": name}, START)
    client = visit()

    assert ["shop"] == rows_of(client.get("/projects", params={"q": "网"}).text)
    nothing = client.get("/projects", params={"q": "<script>"}).text
    assert "No project has this name" in nothing
    assert 'value="&lt;script&gt;"' in nothing


def test_a_page_of_many_projects_weighs_little(visit: Visit, store: SqlStore) -> None:
    for number in range(50):
        changes = {"name": f"Name {number} " + "x" * 100, "description": f"{number} " + "Orders and carts. " * 20}
        store.put_project(f"project-{number}", changes, START)
        Reporter(store, f"project-{number}").report(timestamp=START.isoformat(), occurrences=number + 1)

    page = visit().get("/projects").text

    assert 50 == len(rows_of(page))
    assert 60 * 1024 > len(gzip.compress(page.encode()))


def test_script_in_a_name_or_a_description_stays_text(visit: Visit, store: SqlStore) -> None:
    script = "<script>alert('stored')</script>"
    store.put_project("shop", {"name": script, "description": script, "local_path": f"/{script}"}, START)
    client = visit()

    for path in ("/projects", "/projects/shop", "/projects/shop/connect"):
        page = client.get(path).text
        assert "&lt;script&gt;alert(" in page
        assert "<script>" not in page


def test_who_is_limited_to_some_projects_finds_no_others_and_makes_none(visit: Visit, store: SqlStore) -> None:
    for project_id in ("shop", "cart"):
        store.put_project(project_id, {}, START)
    client = visit(projects=frozenset({"shop"}))

    page = client.get("/projects").text

    assert ["shop"] == rows_of(page)
    assert 'action="/projects"' not in page.replace('method="get" action="/projects"', "")
    assert 403 == client.post("/projects", data={"project_id": "new"}, headers=OWN).status_code
    assert store.project("new") is None


def test_a_viewer_is_offered_neither_settings_nor_a_new_project(visit: Visit, store: SqlStore) -> None:
    store.put_project("shop", {}, START)

    page = visit(Role.VIEWER).get("/projects").text

    assert 'href="/projects/shop/connect"' in page
    assert 'href="/projects/shop"' not in page
    assert "New project" not in page


@pytest.mark.parametrize(("role", "said"), [(Role.MEMBER, "Make one here"), (Role.VIEWER, "Ask a member")])
def test_where_there_is_no_project_the_page_tells_what_to_do(visit: Visit, role: Role, said: str) -> None:
    page = visit(role).get("/projects").text

    assert "There is no project yet" in page
    assert said in page
    assert (role is Role.MEMBER) == ('name="project_id"' in page)


def test_a_new_project_leads_to_the_page_that_connects_it(visit: Visit, store: SqlStore) -> None:
    client = visit()

    answer = client.post("/projects", data={"project_id": "shop-2", "name": " The shop "}, headers=OWN)

    assert (303, "/projects/shop-2/connect") == (answer.status_code, answer.headers["location"])
    made = store.project("shop-2")
    assert made is not None
    assert "The shop" == made.name


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"project_id": "my shop"}, "The id must be 1 to 64 letters"),
        ({"project_id": ".."}, "The id must be 1 to 64 letters"),
        ({"project_id": ""}, "The id must be 1 to 64 letters"),
        ({"project_id": "x" * 65}, "The id must be 1 to 64 letters"),
        ({"project_id": "shop"}, "There is a project with this id already."),
        ({"project_id": "new", "name": "x" * 201}, "The name may have 200 characters at most."),
    ],
)
def test_what_cannot_be_made_is_said_at_the_field_and_stays_typed(
    visit: Visit, store: SqlStore, typed: dict[str, str], said: str
) -> None:
    store.put_project("shop", {}, START)

    answer = visit().post("/projects", data=typed, headers=OWN)

    assert 400 == answer.status_code
    assert said in text_of(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{typed["project_id"]}"' in answer.text
    assert ["shop"] == [project.project_id for project in store.projects()]
