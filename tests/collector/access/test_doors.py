"""A real collector's doors: open, closed, by which name, behind which proxy, and what its first start says."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.collector import Collector, start
from support.command import Run
from support.sending import a_report, fresh_project

ADMIN = "an-administrator-s-token"
_TOKEN = re.compile(r"administrator's token, shown this once: (lct_\S+)")


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """An open collector that trusts whoever is on this machine, and has a name."""
    folder = tmp_path_factory.mktemp("proxy")
    flags = [
        "--allowed-hosts",
        "Errors.example.org",
        "--trusted-proxies",
        "127.0.0.1,10.1.0.0/16",
        "--log-format",
        "json",
    ]
    collector = start(folder / "logcenter.db", *flags)
    yield collector
    assert collector.stop() == 0


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector with an administrator's token from its surroundings."""
    collector = start(tmp_path_factory.mktemp("closed") / "logcenter.db", "--admin-token", ADMIN)
    yield collector
    assert collector.stop() == 0


@pytest.mark.parametrize("path", ["/api/v1/issues", "/docs", "/healthz", "/nowhere"])
def test_an_open_collector_does_not_answer_to_a_name_that_it_does_not_know(behind_proxy: Collector, path: str) -> None:
    for url in (behind_proxy.api_url, behind_proxy.dashboard_url):
        answer = behind_proxy.client.get(url + path, headers={"Host": "evil.example:8002"})

        assert (421, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
        assert "'evil.example' to --allowed-hosts" in answer.json()["detail"]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8002", "errors.example.org", "Errors.Example.org:443", "10.1.2.3"]
)
def test_it_answers_to_addresses_and_to_names_that_were_allowed(behind_proxy: Collector, host: str) -> None:
    for url in (f"{behind_proxy.api_url}/api/v1/issues", behind_proxy.dashboard_url):
        assert 200 == behind_proxy.client.get(url, headers={"Host": host}).status_code


def test_reports_get_through_under_any_name(behind_proxy: Collector) -> None:
    report = a_report(fresh_project())
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example", "Origin": "https://shop.example"}):
        assert 200 == behind_proxy.post_report(report, headers=headers).status_code
        batch = behind_proxy.client.post("/api/v1/logs/report/batch", json=[report], headers=headers)
        assert 200 == batch.status_code


def audited_address(collector: Collector, **headers: str) -> object:
    """Return the address that the audit log has of a change."""
    project = fresh_project()
    collector.client.put(f"/api/v1/projects/{project}", json={}, headers=headers).raise_for_status()
    return next(entry["address"] for entry in collector.get("/api/v1/audit")["items"] if entry["subject"] == project)


def test_a_trusted_proxy_is_believed_whom_it_speaks_for(behind_proxy: Collector) -> None:
    assert "127.0.0.1" == audited_address(behind_proxy)
    assert "192.0.2.1" == audited_address(behind_proxy, **{"X-Forwarded-For": "192.0.2.9, 192.0.2.1, 10.1.0.4"})
    assert "192.0.2.1" == audited_address(behind_proxy, Forwarded="for=192.0.2.1;proto=https")


def test_nobody_is_believed_where_nobody_is_trusted(shared_collector: Collector) -> None:
    assert "127.0.0.1" == audited_address(shared_collector, **{"X-Forwarded-For": "192.0.2.1"})


def test_a_closed_collector_answers_to_every_name_and_lets_nobody_in(closed: Collector) -> None:
    answer = closed.client.get("/api/v1/issues", headers={"Host": "errors.example.org"})
    page = closed.client.get(closed.dashboard_url, headers={"Host": "errors.example.org"}, follow_redirects=False)

    assert (401, 'Bearer realm="Log Center"') == (answer.status_code, answer.headers["www-authenticate"])
    assert (303, "/sign-in?to=%2F") == (page.status_code, page.headers["location"])


def test_the_administrator_s_token_of_the_settings_opens_it_and_is_never_stored(closed: Collector) -> None:
    wrong = closed.client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {ADMIN}x"})
    right = closed.client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {ADMIN}"})

    assert (401, 'Bearer realm="Log Center", error="invalid_token"') == (
        wrong.status_code,
        wrong.headers["www-authenticate"],
    )
    assert (200, []) == (right.status_code, right.json())
    assert ADMIN not in closed.output.read_text(encoding="utf-8")
    assert ADMIN.encode() not in closed.database.read_bytes()
    assert "first start" not in closed.output.read_text(encoding="utf-8")


def test_the_first_start_says_an_administrator_s_token_once_and_never_in_the_log(
    start_collector: Callable[..., Collector], tmp_path: Path
) -> None:
    first = start_collector("--log-format", "json", database=tmp_path / "one.db")
    said = first.output.read_text(encoding="utf-8")
    [secret] = _TOKEN.findall(said)
    assert 1 == said.count(secret)
    assert not any(secret in line for line in said.splitlines() if line.startswith("{"))
    first.stop()
    assert secret.encode() not in (tmp_path / "one.db").read_bytes()

    again = start_collector("--admin-token", ADMIN, database=tmp_path / "one.db")

    assert _TOKEN.search(again.output.read_text(encoding="utf-8")) is None
    tokens = again.client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {secret}"})
    assert [("administrator", "collector")] == [(token["name"], token["created_by"]) for token in tokens.json()]


def test_an_account_closes_an_open_collector_within_seconds(
    start_collector: Callable[..., Collector], tmp_path: Path
) -> None:
    collector = start_collector(database=tmp_path / "closing.db")
    assert 200 == collector.client.get("/api/v1/issues").status_code

    with sqlite3.connect(tmp_path / "closing.db") as connection:
        connection.execute("INSERT INTO accounts (name, role, created_at) VALUES ('mei', 'admin', 0)")
        connection.execute(
            "INSERT INTO audit (at, actor, actor_kind, action) VALUES (0, 'mei', 'person', 'account.new')"
        )
    connection.close()

    deadline = time.monotonic() + 20
    while collector.client.get("/api/v1/issues").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("value", ["short", "with spaces in it, and long", "höchst-geheimes-zeichen"])
def test_an_administrator_s_token_that_is_easy_to_guess_is_refused_and_not_repeated(run: Run, value: str) -> None:
    finished = run("serve", LOG_CENTER_ADMIN_TOKEN=value)

    assert (1, "") == (finished.code, finished.stdout)
    assert "admin-token must be at least 20" in finished.stderr
    assert value not in finished.stderr


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.1/8", "10.0.0.300"])
def test_a_proxy_that_is_no_address_is_refused(run: Run, value: str) -> None:
    finished = run("serve", "--trusted-proxies", value)

    assert 1 == finished.code
    assert "write 10.0.0.7 or 10.0.0.0/24" in finished.stderr


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_switch_that_says_neither_yes_nor_no_is_refused(run: Run, value: str) -> None:
    finished = run("serve", LOG_CENTER_INSECURE_OPEN=value)

    assert 1 == finished.code
    assert "LOG_CENTER_INSECURE_OPEN must be true or false" in finished.stderr
