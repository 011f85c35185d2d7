"""The page that connects an application, over HTTP: what it says, to whom, and what it lets do."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from logcenter_collector.web.ui.projects.address import address_for_reporters, is_local
from logcenter_collector.web.ui.projects.connect import PLACEHOLDER
from support.collector import Collector, start
from support.newcomers import ADMIN, pastes_of
from support.sending import a_report, fresh_project
from support.visiting import Guest, secret_of, text_of


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector that demands keys, of which only its administrator is known."""
    collector = start(tmp_path_factory.mktemp("connect") / "logcenter.db", "--admin-token", ADMIN)
    collector.client.headers["Authorization"] = f"Bearer {ADMIN}"
    yield collector
    assert collector.stop() == 0


@pytest.fixture
def project(closed: Collector) -> str:
    project = fresh_project()
    closed.client.put(f"/api/v1/projects/{project}", json={"name": "The shop"}).raise_for_status()
    return project


Enter = Callable[..., Guest]


@pytest.fixture
def enter(closed: Collector) -> Enter:
    """Sign in by a token with some scopes, limited to some projects or not; without scopes as the administrator."""

    def enter(*scopes: str, projects: list[str] | None = None) -> Guest:
        token = ADMIN
        if scopes:
            wanted = {"name": "somebody", "scopes": list(scopes), "projects": projects}
            token = closed.client.post("/api/v1/tokens", json=wanted).raise_for_status().json()["token"]
        guest = Guest(closed.dashboard_url)
        assert 303 == guest.post("/sign-in/token", token=token).status_code
        return guest

    return enter


def report(collector: Collector, project: str, key: str) -> httpx.Response:
    url = f"{collector.api_url}/api/v1/logs/report"
    return httpx.post(url, json=a_report(project), headers={"X-Log-Center-Key": key})


def test_a_project_without_reports_waits_and_one_with_reports_leads_to_the_latest(
    closed: Collector, enter: Enter, project: str
) -> None:
    admin, path = enter(), f"/projects/{project}/connect"
    waiting = admin.get(path).text

    issue_id = closed.report(a_report(project, type="ProjectInit"))["id"]
    arrived = admin.get(path).text

    assert f'class="card waiting" data-waiting-for="{project}"' in waiting
    assert "Waiting for the first report …" in waiting
    assert f'class="card waiting arrived" data-waiting-for="{project}"' in arrived
    assert f'<a class="button" href="/issues/{issue_id}">' in arrived
    assert "Waiting for the first report …" not in arrived


def test_the_page_is_told_of_this_project_alone(enter: Enter, project: str) -> None:
    page = enter().get(f"/projects/{project}/connect").text

    assert re.search(rf'data-live="/live\?q=project%3A{project}" data-after="\d+"', page)


def test_each_kind_of_application_has_an_address_of_its_own_and_the_unknown_is_python(
    enter: Enter, project: str
) -> None:
    admin = enter()

    for app, files in {
        "curl": {"report.sh"},
        "gitea": {"key.txt", "workflow.yaml"},
        "cobol": {"program.py", "key.sh"},
    }.items():
        page = admin.get(f"/projects/{project}/connect?app={app}").text
        assert files <= pastes_of(page).keys()
        assert 1 == page.count('aria-current="page">Python' if app == "cobol" else f'?app={app}" aria-current="page"')


def test_a_key_is_made_shown_once_in_the_code_and_good_for_reports(
    closed: Collector, enter: Enter, project: str
) -> None:
    admin, path = enter(), f"/projects/{project}/connect"
    before = admin.get(f"{path}?app=curl")

    made = admin.post(f"{path}/key", app="curl", key_name="web")

    key = secret_of(made.text)
    assert PLACEHOLDER in pastes_of(before.text)["report.sh"]
    assert f"X-Log-Center-Key: {key}" in pastes_of(made.text)["report.sh"]
    assert "no-store" == made.headers["cache-control"]
    assert 200 == report(closed, project, key).status_code
    assert key not in admin.get(f"{path}?app=curl").text
    [listed] = closed.get(f"/api/v1/projects/{project}/keys")
    assert "web" == listed["name"]


def test_only_who_may_make_keys_is_offered_one(enter: Enter, project: str) -> None:
    path = f"/projects/{project}/connect"

    own = enter("read", "triage", "admin", projects=[project]).get(path).text
    member = enter("read", "triage").get(path).text

    assert f'action="{path}/key"' in own
    assert f'action="{path}/key"' not in member
    assert "An administrator makes keys." in member


def test_an_administrator_of_another_project_makes_no_key_here(closed: Collector, enter: Enter, project: str) -> None:
    other = enter("read", "triage", "admin", projects=[fresh_project()])

    assert 404 == other.get(f"/projects/{project}/connect").status_code
    assert 404 == other.post(f"/projects/{project}/connect/key").status_code
    assert [] == closed.get(f"/api/v1/projects/{project}/keys")


def test_a_test_report_arrives_without_a_key_and_says_who_sent_it(
    closed: Collector, enter: Enter, project: str
) -> None:
    member, path = enter("read", "triage"), f"/projects/{project}/connect"

    answer = member.post(f"{path}/test", app="curl")

    assert (303, f"{path}?app=curl") == (answer.status_code, answer.headers["location"])
    [issue] = closed.issues(project_id=project)
    assert ("LogCenterTestError", "token:somebody") == (issue["error"]["type"], issue["context"]["sent_by"])
    assert "card waiting arrived" in member.get(path).text


def test_a_viewer_reads_what_to_paste_and_sends_nothing(closed: Collector, enter: Enter, project: str) -> None:
    viewer, path = enter("read"), f"/projects/{project}/connect"

    page = viewer.get(path)

    assert 200 == page.status_code
    assert f'action="{path}/test"' not in page.text
    assert 403 == viewer.post(f"{path}/test").status_code
    assert [] == closed.issues(project_id=project)


def test_a_test_report_over_the_project_s_rate_is_refused_with_a_page(
    closed: Collector, enter: Enter, project: str
) -> None:
    admin, path = enter(), f"/projects/{project}/connect/test"
    closed.client.put(f"/api/v1/projects/{project}/doors", json={"per_minute": 1}).raise_for_status()

    statuses = [admin.post(path).status_code for _ in range(3)]

    assert 303 == statuses[0]
    assert 429 in statuses


@pytest.mark.parametrize("page", ["", "/connect"])
def test_no_page_is_of_a_project_that_nobody_has_made(enter: Enter, page: str) -> None:
    assert 404 == enter().get(f"/projects/of-nobody{page}").status_code


def test_an_open_collector_demands_a_key_where_the_project_does(shared_collector: Collector) -> None:
    guest, project = Guest(shared_collector.dashboard_url), fresh_project()
    guest.post("/projects", project_id=project)
    free = guest.get(f"/projects/{project}/connect").text

    shared_collector.client.put(f"/api/v1/projects/{project}/doors", json={"requires_key": True}).raise_for_status()
    held = guest.get(f"/projects/{project}/connect").text

    assert "None is demanded." in text_of(free)
    assert "LOG_CENTER_KEY" not in free
    assert f"export LOG_CENTER_KEY={PLACEHOLDER}" in held
    assert f'action="/projects/{project}/connect/key"' in held


def test_who_reached_the_dashboard_by_a_name_reports_by_that_name(shared_collector: Collector) -> None:
    guest, project = Guest(shared_collector.dashboard_url), fresh_project()
    guest.post("/projects", project_id=project)
    port = shared_collector.api_url.rpartition(":")[2]

    page = guest.client.get(f"/projects/{project}/connect", headers={"Host": "192.168.7.5:8003"}).text

    assert f'url="http://192.168.7.5:{port}"' in pastes_of(page)["program.py"]
    assert "Only this machine reaches it" not in page
    assert "Only this machine reaches it" in guest.get(f"/projects/{project}/connect").text


@pytest.mark.parametrize(
    ("api_url", "host", "expected"),
    [
        ("http://localhost:8002", "logs.lan:8003", "http://logs.lan:8002"),
        ("http://localhost:8002", "[fd00::5]:8003", "http://[fd00::5]:8002"),
        ("http://localhost:8002", "127.0.0.1:8003", "http://localhost:8002"),
        ("http://localhost:8002", "x.localhost", "http://localhost:8002"),
        ("http://localhost:8002", None, "http://localhost:8002"),
        ("http://localhost:8002", 'a"onload=b', "http://localhost:8002"),
        ("https://logs.example.org", "10.0.0.7:8003", "https://logs.example.org"),
    ],
)
def test_what_the_collector_was_told_wins_over_how_it_was_reached(
    api_url: str, host: str | None, expected: str
) -> None:
    assert expected == address_for_reporters(api_url, host)


def test_only_a_loopback_address_is_of_this_machine_alone() -> None:
    assert [True, True, False] == [
        is_local(url) for url in ("http://localhost:8002", "http://127.0.0.1", "https://logs.example.org")
    ]
