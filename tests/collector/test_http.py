"""What holds for every route: problems, methods, health, the pages of the API, other origins (sections 1 and 6)."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.collector import Collector, start
from support.sending import a_report, fresh_project

REPORT = "/api/v1/logs/report"
ROUTES = {
    REPORT: {"post"},
    f"{REPORT}/batch": {"post"},
    "/api/v1/issues": {"get"},
    "/api/v1/issues/{issue_id}": {"get"},
    "/api/v1/issues/{issue_id}/occurrences": {"get"},
    "/api/v1/issues/{issue_id}/stats": {"get"},
    "/api/v1/issues/{issue_id}/history": {"get"},
    "/api/v1/issues/{issue_id}/transitions": {"post"},
    "/api/v1/projects": {"get"},
    "/api/v1/projects/{project_id}": {"get", "put"},
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/issues/0", 404),
        ("GET", REPORT, 405),
        ("DELETE", "/api/v1/issues/1", 405),
        ("PATCH", "/api/v1/projects/p", 405),
        ("POST", REPORT, 400),
        ("PUT", "/api/v1/projects/p", 415),
        ("GET", "/api/v1/issues?limit=0", 400),
    ],
)
def test_every_error_is_a_problem(shared_collector: Collector, method: str, path: str, status: int) -> None:
    response = shared_collector.client.request(method, path)

    problem = response.json()
    assert (status, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert {"title", "status", "detail"} <= problem.keys() <= {"title", "status", "detail", "errors"}
    assert status == problem["status"]
    assert (status == 405) == ("allow" in response.headers)


@pytest.mark.parametrize(("path", "body"), [("/healthz", {"status": "ok"}), ("/readyz", {"status": "ready"})])
def test_the_health_routes_answer(shared_collector: Collector, path: str, body: dict[str, str]) -> None:
    assert body == shared_collector.get(path)


def test_the_openapi_document_names_every_route_and_method(shared_collector: Collector) -> None:
    document = shared_collector.get("/openapi.json")

    named = {path: set(operations) & {"get", "post", "put"} for path, operations in document["paths"].items()}
    assert named.items() >= ROUTES.items()
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references <= document["components"]["schemas"].keys()


def test_the_openapi_document_says_which_credential_a_route_takes(shared_collector: Collector) -> None:
    paths = shared_collector.get("/openapi.json")["paths"]

    assert [{}, {"token": []}, {"key": []}] == paths[REPORT]["post"]["security"]
    assert [{}, {"token": []}] == paths["/api/v1/issues"]["get"]["security"]
    assert "scope `triage`" in paths["/api/v1/projects/{project_id}"]["put"]["description"]
    assert "security" not in paths["/healthz"]["get"]


def test_the_docs_page_and_all_it_loads_come_from_the_collector_itself(shared_collector: Collector) -> None:
    page = shared_collector.client.get("/docs")

    assets = [path for path in re.findall(r'(?:src|href)="([^"]+)"', page.text) if not path.startswith("data:")]
    assert "text/html" in page.headers["content-type"]
    assert 4 <= len(assets)
    assert all(path.startswith("/") for path in assets)
    assert {200} == {shared_collector.client.get(path).status_code for path in assets}


def preflight(collector: Collector, path: str, origin: str, method: str = "POST") -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return collector.client.options(path, headers=headers | {"Access-Control-Request-Headers": "content-type"})


@pytest.mark.parametrize("origin", ["https://shop.example", "null", "http://localhost:5173"])
@pytest.mark.parametrize("path", [REPORT, f"{REPORT}/batch"])
def test_a_page_of_any_origin_may_report_with_credentials(shared_collector: Collector, path: str, origin: str) -> None:
    body: Any = a_report(fresh_project())

    asked = preflight(shared_collector, path, origin)
    reported = shared_collector.client.post(path, json=body if path == REPORT else [body], headers={"Origin": origin})

    assert (204, "content-type") == (asked.status_code, asked.headers["access-control-allow-headers"])
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert 200 == reported.status_code
    for response in (asked, reported):
        assert origin == response.headers["access-control-allow-origin"]
        assert "true" == response.headers["access-control-allow-credentials"]
        assert "Origin" == response.headers["vary"]


def test_a_refused_report_can_be_read_by_the_page_too(shared_collector: Collector) -> None:
    response = shared_collector.post_report(b"{}", headers={"Origin": "https://shop.example"})

    assert (400, "https://shop.example") == (response.status_code, response.headers["access-control-allow-origin"])


OTHER_ROUTES = [("GET", "/api/v1/issues"), ("PUT", "/api/v1/projects/p"), ("POST", "/api/v1/issues/1/transitions")]


@pytest.mark.parametrize(("method", "path"), OTHER_ROUTES)
@pytest.mark.parametrize("origin", ["https://shop.example", "null"])
def test_other_routes_answer_no_other_origin(shared_collector: Collector, method: str, path: str, origin: str) -> None:
    asked = preflight(shared_collector, path, origin, method)
    answered = shared_collector.client.request(method, path, headers={"Origin": origin})

    for response in (asked, answered):
        assert not [name for name in response.headers if name.startswith("access-control-")]
        assert "Origin" == response.headers["vary"]


@pytest.fixture(scope="module")
def open_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    collector = start(
        tmp_path_factory.mktemp("cors") / "l.db", "--cors-origins", "https://a.example, https://b.example"
    )
    yield collector
    collector.stop()


@pytest.mark.parametrize(("method", "path"), OTHER_ROUTES)
def test_listed_origins_may_use_every_route_without_credentials(
    open_collector: Collector, method: str, path: str
) -> None:
    asked = preflight(open_collector, path, "https://b.example", method)
    answered = open_collector.client.request(method, path, headers={"Origin": "https://b.example"})
    refused = preflight(open_collector, path, "https://b.example.evil", method)

    assert method in asked.headers["access-control-allow-methods"]
    assert {"https://b.example"} == {r.headers["access-control-allow-origin"] for r in (asked, answered)}
    assert "access-control-allow-credentials" not in {*asked.headers, *answered.headers}
    assert "access-control-allow-origin" not in refused.headers


def test_an_answer_without_an_origin_is_kept_apart_by_caches(shared_collector: Collector) -> None:
    assert "Origin" == shared_collector.client.get("/api/v1/issues").headers["vary"]


def test_the_api_sets_no_cookies(shared_collector: Collector) -> None:
    responses = [shared_collector.client.get(path) for path in ("/docs", "/api/v1/issues", "/openapi.json")]

    assert not [response for response in responses if "set-cookie" in response.headers]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_may_ask_with_head(shared_collector: Collector, path: str) -> None:
    response = shared_collector.client.head(path)

    assert (200, b"") == (response.status_code, response.content)
