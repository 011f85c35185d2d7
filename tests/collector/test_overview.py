"""The overview over HTTP and as a page; what its numbers are, the contract of the store says."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar.datastructures import MultiDict
from litestar.testing import TestClient

from logcenter_collector.domain.access import Principal, PrincipalKind, Scope
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection
from logcenter_collector.web.ui.languages import catalogue
from logcenter_collector.web.ui.overview import duration, size
from logcenter_collector.web.ui.search import place_in
from logcenter_sdk.contract.status import Status
from support.collector import Collector
from support.dashboards import dashboard_for
from support.doors import anyone
from support.sending import a_report, fresh_project
from support.stores import Reporter

SCRIPT = "<script>alert('stored')</script>"
OVERVIEW = "/api/v1/overview"


@pytest.fixture
def reporter(sql_store: SqlStore) -> Reporter:
    return Reporter(sql_store, fresh_project())


def page_of(
    store: SqlStore, path: str = "/overview", *, projects: frozenset[str] | None = None, language: str = "en"
) -> Any:
    """Return the answer of a dashboard to whoever is limited to some projects."""

    async def identify(connection: Connection) -> Principal:
        known = await anyone(connection)
        return (
            known
            if projects is None
            else Principal(kind=PrincipalKind.PERSON, name="ada", scopes=frozenset({Scope.READ}), projects=projects)
        )

    with TestClient(dashboard_for(store, identify)) as client:
        return client.get(path, headers={"Accept-Language": language})


def test_the_overview_of_the_last_thirty_days_is_answered_with_what_the_collector_did(
    shared_collector: Collector,
) -> None:
    project = fresh_project()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    issue_id = shared_collector.report(a_report(project))["id"]

    found = shared_collector.get(OVERVIEW, project_id=project)

    assert (1, 1, 0) == (found["occurrences"], found["new_issues"], found["fixed"])
    assert 30 == len(found["days"])
    assert [(issue_id, 1)] == [(each["issue"]["id"], each["count"]) for each in found["top_issues"]]
    assert [project] == [each["project_id"] for each in found["projects"]]
    assert today <= datetime.fromisoformat(found["until"]) - timedelta(days=1)
    assert {
        "version",
        "started_at",
        "accepted",
        "rejected",
        "waiting_reports",
        "waiting_bytes",
        "database_bytes",
    } == set(found["collector"])
    assert 1 <= found["collector"]["accepted"]


def test_refusals_are_counted_by_their_reason(shared_collector: Collector) -> None:
    shared_collector.post_report(b"{")

    assert 1 <= shared_collector.get(OVERVIEW)["collector"]["rejected"]["not_json"]


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ({"since": "2026-03-01", "until": "2026-03-03"}, "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"),
        (
            {"since": "2026-03-01T23:59:59Z", "until": "2026-03-02T00:00:01Z"},
            "2026-03-01T00:00:00Z",
            "2026-03-03T00:00:00Z",
        ),
        ({"until": "2026-03-31"}, "2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z"),
    ],
)
def test_a_period_is_made_of_whole_days(
    shared_collector: Collector, asked: dict[str, str], begin: str, end: str
) -> None:
    found = shared_collector.get(OVERVIEW, project_id=fresh_project(), **asked)

    assert (begin, end) == (found["since"], found["until"])


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"since": "2026-03-03", "until": "2026-03-03"}, "since", "must lie before `until`"),
        ({"since": "2020-01-01", "until": "2026-03-03"}, "since", "must be at most 366 days before `until`"),
        ({"since": "soon"}, "since", "ISO 8601"),
        ({"until": "9999-12-31T12:00:00Z"}, "until", "end of time"),
        ({"since": "0001-01-01", "until": "0001-01-01T12:00:00Z"}, None, None),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_what_is_wrong(
    shared_collector: Collector, asked: dict[str, str], field: str | None, message: str | None
) -> None:
    answer = shared_collector.client.get(OVERVIEW, params=asked)

    if field is None:
        assert 200 == answer.status_code
        return
    [error] = answer.json()["errors"]
    assert (400, field) == (answer.status_code, error["field"])
    assert str(message) in error["message"]


def test_the_page_shows_what_happened(sql_store: SqlStore, reporter: Reporter) -> None:
    reporter.report(type="BasketError", message="the basket is empty", occurrences=1_234)
    fixed = reporter.report(type="FixedError").issue_id
    reporter.fix(fixed)
    reporter.report(type="FixedError")

    page = page_of(sql_store, f"/overview?project={reporter.project}").text

    assert "1,236" in page
    assert "the basket is empty" in page
    assert f'href="/issues/{fixed}"' in page
    assert "100 % of new" not in page
    assert "33 % of new and back" in page
    assert '<svg class="bars"' in page


def test_the_page_speaks_chinese(sql_store: SqlStore, reporter: Reporter) -> None:
    reporter.report()

    page = page_of(sql_store, f"/overview?project={reporter.project}&days=7", language="zh-CN").text

    assert "每日出现次数" in page
    assert "03-02" in page
    assert "02-24" in page
    assert "02-23" not in page


def test_a_page_of_projects_shows_each_with_its_last_days(sql_store: SqlStore, reporter: Reporter) -> None:
    reporter.store.put_project(reporter.project, {"name": "The shop"}, reporter.now)
    reporter.report(occurrences=7)

    page = page_of(sql_store).text

    assert "The shop" in page
    assert "The last 14 days: 7 occurrences" in page


def test_the_number_of_open_issues_leads_to_just_these(sql_store: SqlStore, reporter: Reporter) -> None:
    open_one, muted, deployed = (reporter.report(line_number=line).issue_id for line in (1, 2, 3))
    reporter.store.mute(muted, MuteWish(more=9), reporter.now)
    reporter.store.move(deployed, Move(to=Status.DEPLOYED, reason="by hand", force=True), reporter.now)

    link = re.search(rf'href="([^"]*{reporter.project}[^"]*)">2 open<', page_of(sql_store).text)
    assert link
    asked = place_in(MultiDict(parse_qsl(urlsplit(unescape(link[1])).query)))

    assert [muted, open_one] == [issue.id for issue in sql_store.issues(asked.query(reporter.now)).items]


def test_nothing_of_other_projects_is_shown_to_who_may_not_see_them(sql_store: SqlStore, reporter: Reporter) -> None:
    hidden = fresh_project()
    reporter.report()
    reporter.report(project=hidden, message="a secret")

    for path in ("/overview", f"/overview?project={hidden}"):
        page = page_of(sql_store, path, projects=frozenset({reporter.project})).text
        assert "a secret" not in page
        assert f">{hidden}<" not in page.replace("<h1>Overview", "")
    assert "Nothing was reported" in page_of(sql_store, projects=frozenset()).text


def test_a_stored_script_stays_text_and_nothing_is_inline(sql_store: SqlStore, reporter: Reporter) -> None:
    reporter.report(type=SCRIPT, message=SCRIPT, file_path=SCRIPT, environment=SCRIPT)
    reporter.store.put_project(reporter.project, {"name": SCRIPT}, reporter.now)

    for path in ("/overview", f"/overview?project={reporter.project}", f"/overview?project={SCRIPT}"):
        page = page_of(sql_store, path).text
        assert SCRIPT not in page
        assert " style=" not in page


def test_a_collector_without_reports_says_what_to_do(tmp_path: Any) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/empty.db")

    page = page_of(store)
    store.close()

    assert 200 == page.status_code
    assert "A project appears here with its first report" in page.text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3_600, "60 min"),
        (5_400, "2 h"),
        (86_400, "24 h"),
        (10 * 86_400, "10 d"),
    ],
)
def test_a_duration_is_told_in_the_largest_unit_that_says_enough(seconds: int, text: str) -> None:
    assert text == duration(seconds, catalogue("en"))


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1_023, "1023 B"), (1_536, "1.5 KiB"), (20 * 2**20, "20 MiB"), (2**50, "1024 TiB")]
)
def test_a_size_is_told_as_people_read_it(count: int, text: str) -> None:
    assert text == size(count)
