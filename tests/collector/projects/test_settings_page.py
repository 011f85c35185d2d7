"""The settings of a project, over HTTP: who sets what, and what is wrong with it."""

from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from collector.projects.conftest import Visit
from logcenter_collector.domain.access import Role
from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.sql import SqlStore
from support.stores import START
from support.visiting import OWN, text_of


@pytest.fixture(autouse=True)
def shop(store: SqlStore) -> None:
    store.put_project("shop", {"name": "The shop", "repo_url": "git@git.example.org:team/shop.git"}, START)


@pytest.fixture
def client(visit: Visit) -> TestClient[Any]:
    return visit()


def send(client: TestClient[Any], **fields: str) -> Any:
    return client.post("/projects/shop", data=fields, headers=OWN)


def test_what_is_set_is_kept_shown_and_in_the_audit_log(client: TestClient[Any], store: SqlStore) -> None:
    answer = send(client, name="Shop", repo_url="", local_path="/srv/shop", description="Orders\r\nand carts")

    assert (303, "/projects/shop?done") == (answer.status_code, answer.headers["location"])
    project = store.project("shop")
    assert project is not None
    assert ("Shop", None, "/srv/shop", "Orders\nand carts") == (
        project.name,
        project.repo_url,
        project.local_path,
        project.description,
    )
    page = client.get("/projects/shop?done").text
    assert "Saved." in page
    assert 'value="/srv/shop"' in page
    with store.database.read() as connection:
        latest = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(1)).mappings().one()
    assert ("ada", "project.put", "shop") == (latest["actor"], latest["action"], latest["project_id"])


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "x" * 201, "The name may have 200 characters at most."),
        ("repo_url", "the shop's repository", "This is no address of a repository."),
        ("repo_url", "git.example.org/team/shop", "This is no address of a repository."),
        ("repo_url", f"https://git.example.org/{'x' * 1_024}", "This is no address of a repository."),
        ("local_path", "srv/shop", "The path must begin at the root"),
        ("description", "x" * 8_193, "The description may have 8 KiB at most."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    client: TestClient[Any], store: SqlStore, field: str, typed: str, said: str
) -> None:
    before = store.project("shop")

    answer = send(client, **{"description": "new", field: typed})

    assert 400 == answer.status_code
    assert said in text_of(answer.text)
    assert f'aria-describedby="{field}-wrong {field}-hint" aria-invalid="true"' in answer.text
    assert 1 == answer.text.count('aria-invalid="true"')
    assert before == store.project("shop")


@pytest.mark.parametrize(
    "repository", ["https://git.example.org/team/shop", "ssh://git@git.example.org:2222/a/b.git", "git@h.example:a/b"]
)
def test_every_usual_address_of_a_repository_is_taken(
    client: TestClient[Any], store: SqlStore, repository: str
) -> None:
    assert 303 == send(client, repo_url=repository).status_code

    project = store.project("shop")
    assert project is not None
    assert repository == project.repo_url


def test_a_field_that_a_form_does_not_have_stays_as_it_is(client: TestClient[Any], store: SqlStore) -> None:
    send(client, name="Another")

    project = store.project("shop")
    assert project is not None
    assert ("Another", "git@git.example.org:team/shop.git") == (project.name, project.repo_url)


def test_what_stands_there_already_keeps_nobody_from_changing_the_rest(
    client: TestClient[Any], store: SqlStore
) -> None:
    store.put_project("shop", {"repo_url": "somewhere"}, START)  # the API takes any text

    assert 303 == send(client, name="Shop", repo_url="somewhere").status_code


@pytest.mark.parametrize(
    ("role", "projects", "shown"), [(Role.MEMBER, None, 0), (Role.ADMIN, None, 2), (Role.ADMIN, frozenset({"shop"}), 0)]
)
def test_the_keys_and_limits_are_linked_for_who_may_see_them(
    visit: Visit, role: Role, projects: frozenset[str] | None, shown: int
) -> None:
    assert shown == visit(role, projects).get("/projects/shop").text.count('href="/admin/projects/shop"')


def test_a_project_that_is_not_there_has_no_settings(client: TestClient[Any], store: SqlStore) -> None:
    assert 404 == client.get("/projects/of-nobody").status_code
    assert 404 == client.post("/projects/of-nobody", data={"name": "x"}, headers=OWN).status_code
    assert store.project("of-nobody") is None
