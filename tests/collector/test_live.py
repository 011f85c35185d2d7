"""Pages that are open are told what changes: ``/live``, over real HTTP."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from logcenter_collector.access.doorway import NotSignedInError
from logcenter_collector.app import utc_now
from logcenter_collector.domain.access import ANYONE, Principal, PrincipalKind, Scope
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection
from logcenter_collector.web.ui import live
from support.collector import Collector
from support.sending import a_report, fresh_project
from support.stores import Reporter
from support.streams import Served, events, serving, wait_until


@pytest.fixture(scope="module")
def dashboard(sql_store: SqlStore) -> Iterator[Served]:
    """A dashboard on each kind of database; whoever reports is to it another collector of the same database."""
    with serving(sql_store) as served:
        yield served


@pytest.fixture
def reporter(sql_store: SqlStore) -> Reporter:
    return Reporter(sql_store, fresh_project(), utc_now())


def test_a_report_is_told_to_who_listens_to_a_collector(shared_collector: Collector) -> None:
    project = fresh_project()
    with events(shared_collector.dashboard_url, project=project) as stream:
        stream.wait_until_open()
        issue_id = shared_collector.report(a_report(project))["id"]

        assert [{"id": issue_id, "new": True}] == stream.next("issues").value
        assert {"project": project, "issue": issue_id} == stream.next("report").value


def test_the_row_of_an_issue_that_is_shown_is_told_as_it_is_now(dashboard: Served, reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    with events(dashboard.url, project=reporter.project, shown=issue_id, lang="zh-CN") as stream:
        [first] = stream.next("issues").value
        reporter.report(occurrences=1_999)
        second = stream.wait_for_row(issue_id, count="2,000")

    assert ("1", "新问题") == (first["count"], first["label"])
    assert ("刚刚", "") == (second["ago"], second["back"])


def test_a_move_is_told_even_of_an_issue_that_was_seen_long_ago(dashboard: Served, reporter: Reporter) -> None:
    issue_id = reporter.report(timestamp=(reporter.now - timedelta(days=9)).isoformat()).issue_id
    with events(dashboard.url, project=reporter.project, shown=issue_id) as stream:
        stream.next("issues")
        reporter.move(issue_id, "VERIFYING")

        assert "Verifying" == stream.wait_for_row(issue_id, status="VERIFYING")["label"]


def test_who_cares_for_an_issue_and_that_it_is_muted_is_told(dashboard: Served, reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    with events(dashboard.url, project=reporter.project, shown=issue_id) as stream:
        [before] = stream.next("issues").value
        reporter.store.assign(issue_id, "mei", reporter.now)
        assigned = stream.wait_for_row(issue_id, assignee="mei")
        reporter.store.mute(issue_id, MuteWish(more=9), reporter.now)
        stream.wait_for_row(issue_id, muted=True)

    assert ("", "Unassigned", False) == (before["assignee"], before["care"], before["muted"])
    assert ("mei", False) == (assigned["care"], assigned["muted"])


def test_an_issue_that_came_back_is_as_good_as_a_new_one(dashboard: Served, reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id)
    reporter.now = utc_now()
    with events(dashboard.url, project=reporter.project, after=issue_id) as stream:
        stream.wait_until_open()
        reporter.report()

        assert {"id": issue_id, "new": True} == stream.wait_for_row(issue_id, new=True)


def test_an_issue_that_is_not_shown_is_new_once_and_then_only_reported_again(
    dashboard: Served, reporter: Reporter
) -> None:
    with events(dashboard.url, project=reporter.project) as stream:
        stream.wait_until_open()
        issue_id = reporter.report().issue_id
        stream.wait_for_row(issue_id, new=True)
        reporter.report()

        assert {"id": issue_id, "new": False} == stream.wait_for_row(issue_id)


def test_what_was_there_before_anybody_listened_is_no_news(sql_store: SqlStore, reporter: Reporter) -> None:
    shown, before = (reporter.report(line_number=line).issue_id for line in (1, 2))
    with serving(sql_store) as served, events(served.url, project=reporter.project, after=before) as stream:
        stream.wait_until_open()
        with events(served.url, project=reporter.project, after=before, shown=shown) as second:
            second.next("issues")
            new = reporter.report(line_number=3).issue_id

            assert [{"id": new, "new": True}] == stream.next("issues").value


def test_what_the_filters_of_the_page_leave_out_is_not_told(dashboard: Served, reporter: Reporter) -> None:
    with events(dashboard.url, project=reporter.project, source="cicd", q="Broken") as stream:
        stream.wait_until_open()
        reporter.report(line_number=1, message="broken")
        reporter.report(line_number=2, source="cicd", context={"job_name": "a"})
        reporter.report(project=fresh_project(), source="cicd", message="broken", context={"job_name": "a"})
        wanted = reporter.report(source="cicd", message="it is BROKEN", context={"job_name": "b"}).issue_id

        told = [row["id"] for row in stream.next("issues").value]

    assert [wanted] == told


def test_who_comes_back_is_told_what_came_meanwhile(dashboard: Served, reporter: Reporter) -> None:
    before = reporter.report(line_number=1).issue_id
    meanwhile = reporter.report(line_number=2).issue_id

    for missed in ({"after": before}, {"after": 0, "last_event_id": before}):
        with events(dashboard.url, project=reporter.project, **missed) as stream:
            event = stream.next("issues")

        assert [{"id": meanwhile, "new": True}] == event.value
        assert meanwhile <= event.number


def test_the_registration_of_a_project_is_a_report_and_no_issue(dashboard: Served, reporter: Reporter) -> None:
    with events(dashboard.url, project=reporter.project) as stream:
        stream.wait_until_open()
        issue_id = reporter.report(type="ProjectInit").issue_id

        first = next(iter(stream))

    assert ("report", {"project": reporter.project, "issue": issue_id}) == (first.name, first.value)


def test_nothing_of_other_projects_is_told_to_who_may_not_see_them(sql_store: SqlStore, reporter: Reporter) -> None:
    async def limited(_connection: Connection) -> Principal:
        return Principal(
            kind=PrincipalKind.PERSON,
            name="ada",
            scopes=frozenset({Scope.READ}),
            projects=frozenset({reporter.project}),
        )

    hidden = reporter.report(project=fresh_project()).issue_id
    with serving(sql_store, limited) as served, events(served.url, after=0, shown=hidden) as stream:
        stream.wait_until_open()
        reporter.report(project=fresh_project())
        own = reporter.report().issue_id

        assert ([own], reporter.project) == (
            [row["id"] for row in stream.next("issues").value],
            stream.next("report").value["project"],
        )


def test_nobody_is_told_anything_who_is_not_signed_in_or_may_not_read(sql_store: SqlStore) -> None:
    async def identify(connection: Connection) -> Principal:
        if "who" not in connection.query_params:
            raise NotSignedInError
        return Principal(kind=PrincipalKind.PERSON, name="ci", scopes=frozenset({Scope.REPORT}))

    with serving(sql_store, identify) as served, httpx.Client(base_url=served.url, trust_env=False) as client:
        assert [303, 403] == [client.get(path).status_code for path in ("/live", "/live?who=ci")]


def test_a_quiet_stream_has_a_heartbeat(sql_store: SqlStore) -> None:
    with serving(sql_store, heartbeat_seconds=0.05) as served, events(served.url, project=fresh_project()) as stream:
        assert ": still here" == stream.wait_for_comment()


def test_a_stream_ends_with_the_session(sql_store: SqlStore) -> None:
    signed_in = iter([ANYONE, ANYONE])

    async def identify(_connection: Connection) -> Principal:
        try:
            return next(signed_in)
        except StopIteration:
            raise NotSignedInError from None

    with serving(sql_store, identify, heartbeat_seconds=0.05) as served, events(served.url) as stream:
        assert [] == [event for event in stream if event.name == "none of these"]


def test_so_many_pages_are_told_and_no_more(sql_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LISTENERS", 1)
    with serving(sql_store) as served, events(served.url) as stream:
        stream.wait_until_open()

        assert 503 == httpx.get(f"{served.url}/live", trust_env=False).status_code


def test_nobody_looks_at_the_database_while_no_page_is_open(sql_store: SqlStore) -> None:
    with serving(sql_store, heartbeat_seconds=0.05) as served:
        with events(served.url) as stream:
            stream.wait_for_comment()
            assert served.pages.is_looking
        wait_until(lambda: not served.pages.is_looking)


def test_a_collector_that_stops_ends_the_streams(start_collector: Callable[..., Collector]) -> None:
    collector = start_collector()
    with events(collector.dashboard_url) as stream:
        stream.wait_until_open()
        collector.process.terminate()

        assert [] == list(stream)  # an end, and no broken connection
    assert 0 == collector.process.wait(20)


@pytest.mark.parametrize("asked", ["shown=x,-1,1.5,٣", "after=", "shown=" + "9" * 400])
def test_what_makes_no_sense_in_the_address_is_left_out(dashboard: Served, asked: str) -> None:
    with (
        httpx.Client(trust_env=False) as client,
        client.stream("GET", f"{dashboard.url}/live?{asked}") as response,
    ):
        assert (200, "text/event-stream") == (response.status_code, response.headers["content-type"].partition(";")[0])


def test_a_search_that_is_not_understood_is_refused(dashboard: Served) -> None:
    assert 400 == httpx.get(f"{dashboard.url}/live?q=statsu:NEW", trust_env=False).status_code
