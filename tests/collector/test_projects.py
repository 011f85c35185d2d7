"""Projects: section 4 of the contract."""

import json
from typing import Any

import httpx
import pytest

from support.collector import Collector
from support.sending import a_report, fresh_project

FIELDS = {"project_id", "name", "repo_url", "local_path", "description", "created_at", "updated_at"}


def put(collector: Collector, project_id: str, body: Any, **request: Any) -> httpx.Response:
    request = request or {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
    return collector.client.put(f"/api/v1/projects/{project_id}", **request)


def test_a_put_creates_an_unknown_project_and_answers_it(shared_collector: Collector) -> None:
    project_id = fresh_project()

    response = put(shared_collector, project_id, {"name": "错误中心", "local_path": "/srv/app"})

    project = response.json()
    assert 200 == response.status_code
    assert project.keys() == FIELDS
    assert (project_id, "错误中心", "/srv/app", None) == tuple(
        project[name] for name in ("project_id", "name", "local_path", "repo_url")
    )
    assert project == shared_collector.get(f"/api/v1/projects/{project_id}")
    assert project in shared_collector.get("/api/v1/projects")


def test_a_put_sets_what_it_names_leaves_the_rest_and_empties_with_null(shared_collector: Collector) -> None:
    project_id = fresh_project()
    put(shared_collector, project_id, {"name": "App", "repo_url": "https://git.example/app", "description": "d"})

    after = put(shared_collector, project_id, {"description": None, "local_path": r"C:\app", "unknown": 1}).json()

    assert ("App", "https://git.example/app", None, r"C:\app") == tuple(
        after[name] for name in ("name", "repo_url", "description", "local_path")
    )


def test_a_put_empties_with_an_empty_text_too(shared_collector: Collector) -> None:
    project_id = fresh_project()
    put(shared_collector, project_id, {"repo_url": "https://git.example/app"})

    assert put(shared_collector, project_id, {"repo_url": ""}).json()["repo_url"] is None


def test_an_empty_put_changes_nothing(shared_collector: Collector) -> None:
    project_id = fresh_project()
    before = put(shared_collector, project_id, {"name": "App"}).json()

    assert before == put(shared_collector, project_id, {}).json()


def test_a_project_without_a_name_is_called_by_its_id(shared_collector: Collector) -> None:
    project_id = fresh_project()

    assert project_id == put(shared_collector, project_id, {"name": None}).json()["name"]


@pytest.mark.parametrize("project_id", ["a" * 65, "no%20blanks", "%E4%B8%AD", "a@b"])
def test_a_project_id_that_no_report_may_have_is_400(shared_collector: Collector, project_id: str) -> None:
    assert 400 == put(shared_collector, project_id, {}).status_code


@pytest.mark.parametrize("project_id", ["a" * 64, "A-b_c.9"])
def test_every_project_id_that_a_report_may_have_can_be_put(shared_collector: Collector, project_id: str) -> None:
    assert 200 == put(shared_collector, project_id, {}).status_code


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"local_path": "srv/app"}, "local_path"),
        ({"local_path": "/" + "x" * 1024}, "local_path"),
        ({"name": "x" * 201}, "name"),
        ({"name": 1}, "name"),
        ([], "(body)"),
        (None, "(body)"),
    ],
)
def test_a_wrong_put_is_400_names_the_field_and_creates_nothing(
    shared_collector: Collector, body: Any, field: str
) -> None:
    project_id = fresh_project()

    response = put(shared_collector, project_id, body)

    assert (400, [field]) == (response.status_code, [error["field"] for error in response.json()["errors"]])
    assert 404 == shared_collector.client.get(f"/api/v1/projects/{project_id}").status_code


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_put_that_does_not_say_json_is_415(shared_collector: Collector, content_type: str) -> None:
    response = put(shared_collector, "p", None, content=b"{}", headers={"Content-Type": content_type})

    assert 415 == response.status_code


def test_a_charset_beside_json_is_fine(shared_collector: Collector) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert 200 == put(shared_collector, "p", None, content=b"{}", headers=headers).status_code


def test_a_report_creates_its_project_and_fills_only_an_empty_repo_url(shared_collector: Collector) -> None:
    project_id = fresh_project()
    urls = []

    for repo_url in (None, "https://git.example/one", "https://git.example/two"):
        shared_collector.report(a_report(project_id, repo_url=repo_url))
        urls.append(shared_collector.get(f"/api/v1/projects/{project_id}")["repo_url"])

    assert [None, "https://git.example/one", "https://git.example/one"] == urls


def test_a_registration_is_answered_as_any_report_and_stays_out_of_the_inbox(shared_collector: Collector) -> None:
    project_id = fresh_project()

    answer = shared_collector.report(a_report(project_id, type="ProjectInit", file_path=None, line_number=None))

    assert "Log reported" == answer["message"]
    assert [] == shared_collector.issues(project_id=project_id)
    [asked_for] = shared_collector.issues(project_id=project_id, registrations=True)
    assert answer["id"] == asked_for["id"]


def test_an_issue_that_also_holds_errors_is_in_the_inbox_although_a_registration_began_it(
    shared_collector: Collector,
) -> None:
    project_id = fresh_project()
    own = {"fingerprint": ["all of it"]}
    shared_collector.report(a_report(project_id, type="ProjectInit", **own))

    answer = shared_collector.report(a_report(project_id, type="ValueError", **own))
    shared_collector.report(a_report(project_id, type="ProjectInit", **own))

    assert [answer["id"]] == [issue["id"] for issue in shared_collector.issues(project_id=project_id)]


@pytest.mark.parametrize("project_id", ["nobody-knows-it", "%E4%B8%AD", "%ED%A0%80"])
def test_an_unknown_project_is_404(shared_collector: Collector, project_id: str) -> None:
    response = shared_collector.client.get(f"/api/v1/projects/{project_id}")

    assert (404, "application/problem+json") == (response.status_code, response.headers["content-type"])
