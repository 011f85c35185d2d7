"""Ingest keys at real collectors: shown in every way, on every way in, and good for one project until revoked."""

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest
from attrs import define

from support.collector import Collector, start
from support.metrics import REJECTED, scrape
from support.sending import a_report, another_error, fresh_project

REPORT: Final = "/api/v1/logs/report"
BATCH: Final = "/api/v1/logs/report/batch"
ADMIN: Final = "an-administrators-token-for-tests"

WAYS: Final[dict[str, dict[str, str]]] = {
    "quick": {},
    "compressed": {"Content-Encoding": "gzip"},
    "of a page": {"Origin": "https://shop.example"},
}
"""Headers that lead a report through the quick protocol, through the short way, and through Litestar."""
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


@define
class Doors:
    """A collector as its administrator sees it; ``reporter`` has no credential of its own."""

    collector: Collector
    reporter: httpx.Client
    token: str = ""

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Do something as the administrator and return the answer, which must be good."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        response = self.reporter.request(method, path, json=body, headers=headers)
        assert response.status_code == 200, response.text
        return response.json()

    def new_key(self, project: str, **more: Any) -> dict[str, Any]:
        """Make a key and return it, its secret with it."""
        return dict(self.ask("POST", f"/api/v1/projects/{project}/keys", {"name": "a key", **more}))

    def demand(self, project: str, **demands: Any) -> dict[str, Any]:
        """Set what a project demands."""
        return dict(self.ask("PUT", f"/api/v1/projects/{project}/doors", demands))

    def send(self, report: object, way: str = "quick", *, path: str = REPORT, **headers: str) -> httpx.Response:
        """Send a report, or with another path a batch, on one of the ways in."""
        content = report if isinstance(report, bytes) else json.dumps(report).encode()
        if way == "compressed":
            content = gzip.compress(content)
        return self.reporter.post(path, content=content, headers=WAYS[way] | headers)


def served(folder: Any, *flags: str, token: str = "") -> Iterator[Doors]:
    """Start a collector, and end it afterwards; its log must hold no key."""
    collector = start(folder / "logcenter.db", *flags)
    with httpx.Client(base_url=collector.api_url, timeout=30, trust_env=False) as reporter:
        yield Doors(collector, reporter, token)
    assert 0 == collector.stop()
    assert [] == re.findall(r"lck_\S+", collector.output.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def open_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A collector that lets everybody in; what a project demands is up to it."""
    yield from served(tmp_path_factory.mktemp("open"))


@pytest.fixture(scope="module")
def closed_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A collector with an administrator's token, which nobody enters without a credential."""
    yield from served(tmp_path_factory.mktemp("closed"), "--admin-token", ADMIN, token=ADMIN)


@pytest.fixture(scope="module", params=["for all", "closed"])
def demanding(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A collector that demands a key of every report, for either reason."""
    if request.param == "closed":
        yield request.getfixturevalue("closed_one")
    else:
        yield from served(tmp_path_factory.mktemp("for-all"), "--require-ingest-key")


def said(response: httpx.Response) -> tuple[int, str]:
    """Return the status of an answer, and its title or its message."""
    body = response.json()
    return response.status_code, body.get("title") or body["message"]


@EVERY_WAY
def test_a_report_needs_a_key_and_any_of_its_project_is_good(demanding: Doors, way: str) -> None:
    project = fresh_project()
    keys = [demanding.new_key(project)["key"] for _ in range(2)]

    assert (401, "Key missing") == said(demanding.send(a_report(project), way))
    assert [200, 200] == [
        demanding.send(a_report(project), way, **{"X-Log-Center-Key": key}).status_code for key in keys
    ]


@EVERY_WAY
def test_a_wrong_key_and_one_of_another_project_are_refused(demanding: Doors, way: str) -> None:
    project, other = fresh_project(), fresh_project()
    key = demanding.new_key(other)["key"]

    for wrong in (key, "lck_nonsense", key[:-1], key.upper(), "lck_" + "x" * 10_000):
        assert (403, "Key wrong") == said(demanding.send(a_report(project), way, **{"X-Log-Center-Key": wrong}))
    assert (401, "Key missing") == said(demanding.send(a_report(project), way, **{"X-Log-Center-Key": ""}))


@EVERY_WAY
def test_a_beacon_shows_its_key_in_the_address(demanding: Doors, way: str) -> None:
    project = fresh_project()
    key = demanding.new_key(project)["key"]

    answers = [
        demanding.send(a_report(project), way, path=f"{REPORT}?{query}").status_code
        for query in (
            f"key={key}",
            f"a=1&key={key}",
            f"key={key}&key=x",
            "key=lck_x",
            "other=1",
            "&".join(["a=1"] * 50),
        )
    ]

    assert [200, 200, 200, 403, 401, 401] == answers


@EVERY_WAY
def test_a_token_with_the_scope_report_is_as_good_as_a_key(closed_one: Doors, way: str) -> None:
    project = fresh_project()

    answers = [
        closed_one.send(a_report(project), way, Authorization=value).status_code
        for value in (f"Bearer {ADMIN}", f"bearer {ADMIN}", "Bearer lct_nonsense", "Basic abc", "")
    ]

    assert [200, 200, 403, 401, 401] == answers


@EVERY_WAY
def test_a_token_without_that_scope_or_for_other_projects_is_not(closed_one: Doors, way: str) -> None:
    project, other = fresh_project(), fresh_project()

    def answer(**wish: Any) -> int:
        token = closed_one.ask("POST", "/api/v1/tokens", {"name": "a token", **wish})["token"]
        return closed_one.send(a_report(project), way, Authorization=f"Bearer {token}").status_code

    assert 200 == answer(scopes=["report"])
    assert 200 == answer(scopes=["report"], projects=[project])
    assert 403 == answer(scopes=["report"], projects=[other])
    assert 403 == answer(scopes=["read", "triage", "admin"])


@EVERY_WAY
def test_a_revoked_key_is_refused_from_the_next_report_on(demanding: Doors, way: str) -> None:
    project = fresh_project()
    key = demanding.new_key(project)
    headers = {"X-Log-Center-Key": key["key"]}
    assert 200 == demanding.send(a_report(project), way, **headers).status_code

    revoked = demanding.ask("DELETE", f"/api/v1/projects/{project}/keys/{key['id']}")

    assert revoked["revoked_at"] is not None
    assert (403, "Key wrong") == said(demanding.send(a_report(project), way, **headers))


@EVERY_WAY
@pytest.mark.parametrize("path", [REPORT, BATCH])
def test_without_a_key_nothing_is_unpacked_or_read(demanding: Doors, way: str, path: str) -> None:
    bomb = gzip.compress(b" " * 2**24) if way == "compressed" else b" " * 2_000_000
    for body in (b"{", b'{"project_id": 7}', b"\xff", bomb):
        response = demanding.reporter.post(path, content=body, headers=WAYS[way])
        assert (401, "Key missing") == said(response)
    assert 'Bearer realm="Log Center"' == response.headers["WWW-Authenticate"]


@EVERY_WAY
def test_a_project_may_demand_a_key_where_others_do_not(open_one: Doors, way: str) -> None:
    project, other = fresh_project(), fresh_project()
    open_one.demand(project, requires_key=True)
    key = open_one.new_key(project)["key"]

    assert (401, "Key missing") == said(open_one.send(a_report(project), way))
    assert (403, "Key wrong") == said(open_one.send(a_report(project), way, **{"X-Log-Center-Key": "lck_x"}))
    assert 200 == open_one.send(a_report(project), way, **{"X-Log-Center-Key": key}).status_code
    # Where none is demanded, a key decides nothing: it may be there before its collector asks for it.
    assert 200 == open_one.send(a_report(other), way, **{"X-Log-Center-Key": "lck_x"}).status_code


@EVERY_WAY
def test_of_a_batch_the_reports_that_the_key_is_good_for_are_committed(demanding: Doors, way: str) -> None:
    project, other = fresh_project(), fresh_project()
    key = demanding.new_key(project)["key"]
    reports = [a_report(project), a_report(other), a_report(project, **another_error()), {"project_id": project}]

    response = demanding.send(reports, way, path=BATCH, **{"X-Log-Center-Key": key})

    assert 200 == response.status_code
    assert ["Log reported", "Key wrong", "Log reported", "Invalid fields"] == [
        entry.get("message") or entry["title"] for entry in response.json()
    ]
    assert [2, 0] == [
        len(demanding.ask("GET", f"/api/v1/issues?project_id={name}")["items"]) for name in (project, other)
    ]


@EVERY_WAY
def test_a_batch_of_which_the_key_is_good_for_nothing_is_refused_as_a_whole(demanding: Doors, way: str) -> None:
    key = demanding.new_key(fresh_project())["key"]

    response = demanding.send([a_report(fresh_project())] * 2, way, path=BATCH, **{"X-Log-Center-Key": key})

    assert (403, "Key wrong") == said(response)


def test_reports_without_a_key_come_in_where_people_sign_in_if_the_operator_says_so(
    start_collector: Callable[..., Collector],
) -> None:
    collector = start_collector("--admin-token", ADMIN, "--keyless-reports")
    doors = Doors(collector, collector.client, ADMIN)
    project, strict = fresh_project(), fresh_project()
    doors.demand(strict, requires_key=True)

    assert [200, 401] == [doors.send(a_report(name)).status_code for name in (project, strict)]
    assert 401 == collector.client.get("/api/v1/issues").status_code


def test_a_key_that_was_revoked_elsewhere_is_refused_within_seconds(
    start_collector: Callable[..., Collector], database_url: str
) -> None:
    one, other = (start_collector("--require-ingest-key", database=database_url) for _ in range(2))
    here, there = Doors(one, one.client), Doors(other, other.client)
    key = here.new_key("p")
    headers = {"X-Log-Center-Key": key["key"]}

    wait_for(200, lambda: there.send(a_report("p"), **headers).status_code)
    here.ask("DELETE", f"/api/v1/projects/p/keys/{key['id']}")
    wait_for(403, lambda: there.send(a_report("p"), **headers).status_code)


def wait_for(expected: int, ask: Callable[[], int]) -> None:
    """Ask again until the answer is the expected one."""
    deadline = time.monotonic() + 30
    while (answer := ask()) != expected:
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def test_what_is_refused_is_counted_by_its_reason_and_by_its_project(open_one: Doors) -> None:
    project, stranger, before = fresh_project(), fresh_project(), scrape(open_one.collector)
    open_one.demand(project, requires_key=True)
    key = open_one.new_key(stranger)["key"]

    open_one.send(a_report(project))
    open_one.send(a_report(project), **{"X-Log-Center-Key": key})
    open_one.send([a_report(project), a_report(project), a_report(stranger)], path=BATCH)

    assert {"key_missing": 3, "key_wrong": 1} == scrape(open_one.collector, before).by("reason", REJECTED)
    assert {"accepted": 0, "refused": 4} == open_one.ask("GET", f"/api/v1/projects/{project}/doors")["today"]


def test_a_page_may_ask_before_it_sends_a_key(demanding: Doors) -> None:
    for path in (REPORT, BATCH):
        headers = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-log-center-key",
        }
        response = demanding.reporter.options(path, headers=headers)

        assert 204 == response.status_code
        assert "https://shop.example" == response.headers["Access-Control-Allow-Origin"]
        assert "x-log-center-key" in response.headers["Access-Control-Allow-Headers"]


def test_a_page_can_read_why_its_report_was_refused(demanding: Doors) -> None:
    response = demanding.send(a_report(fresh_project()), "of a page")

    assert (401, "https://shop.example") == (response.status_code, response.headers["Access-Control-Allow-Origin"])


def test_a_list_of_keys_says_how_each_begins_and_what_it_brought_and_no_secret(open_one: Doors) -> None:
    project = fresh_project()
    first, second = open_one.new_key(project, name="shop frontend"), open_one.new_key(project, per_minute=1_000)
    for _ in range(2):
        open_one.send(a_report(project), **{"X-Log-Center-Key": second["key"]})

    listed = open_one.ask("GET", f"/api/v1/projects/{project}/keys")

    shown = [{name: value for name, value in key.items() if name != "key"} for key in (second, first)]
    shown[0] |= {"accepted_today": 2, "last_used_at": listed[0]["last_used_at"]}
    assert shown == listed
    assert (first["key"][:8], "shop frontend", None) == (
        listed[1]["hint"],
        listed[1]["name"],
        listed[1]["per_minute"],
    )


def test_when_a_key_was_last_used_is_known_after_a_while(start_collector: Callable[..., Collector]) -> None:
    collector = start_collector()
    doors = Doors(collector, collector.client)
    key = doors.new_key("p")
    assert 200 == doors.send(a_report("p"), **{"X-Log-Center-Key": key["key"]}).status_code
    collector.stop()

    again = start_collector(database=collector.database)

    [listed] = Doors(again, again.client).ask("GET", "/api/v1/projects/p/keys")
    assert key["created_at"] <= listed["last_used_at"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"name": "is missing"}),
        ({"name": " "}, {"name": "must have 1 to 200 printable characters"}),
        ({"name": "a\nb"}, {"name": "must have 1 to 200 printable characters"}),
        ({"name": "x", "per_minute": 0}, {"per_minute": "must be 1 to 1000000000, or null"}),
        ({"name": "x", "per_minute": "7"}, {"per_minute": "must be an integer or null, not '7'"}),
    ],
)
def test_what_is_wrong_with_a_key_to_make_is_named(open_one: Doors, body: object, wrong: dict[str, str]) -> None:
    response = open_one.reporter.post("/api/v1/projects/p/keys", json=body)

    assert 400 == response.status_code
    assert wrong == {error["field"]: error["message"] for error in response.json()["errors"]}


def test_a_key_is_found_only_in_its_own_project(open_one: Doors) -> None:
    project, other = fresh_project(), fresh_project()
    key = open_one.new_key(project)

    for path in (f"{other}/keys/{key['id']}", f"{project}/keys/0", f"{project}/keys/{2**70}"):
        assert 404 == open_one.reporter.delete(f"/api/v1/projects/{path}").status_code
    assert [None] == [each["revoked_at"] for each in open_one.ask("GET", f"/api/v1/projects/{project}/keys")]
