"""The dashboard's pages, over a real store."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.base import StoreUnavailableError, arrive
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_collector.web.ui.front import open_front
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.status import Status
from support.doors import open_door
from support.served import dispatch_of

NOW = datetime(2026, 2, 20, 10, 30, tzinfo=UTC)
OWN = {"Sec-Fetch-Site": "same-origin"}
SCRIPT = "<script>alert('stored')</script>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/logs.db")
    yield store
    store.close()


@pytest.fixture
def client(store: SqlStore) -> Iterator[TestClient[Any]]:
    dashboard = create_dashboard(
        store,
        dispatch_of(store, lambda: NOW),
        front=open_front(open_door(store), lambda: NOW),
        api_url="http://logs.example:8002/",
        clock=lambda: NOW,
    )
    with TestClient(dashboard) as client:
        client.follow_redirects = False
        yield client


def record(
    store: SqlStore, *, kind: str = "ValueError", message: str = "no", age: timedelta = timedelta(), **fields: Any
) -> int:
    error = {"type": kind, "message": message, "stack_trace": [f"{kind}: {message}"]} | fields.pop("error", {})
    report = {"project_id": "shop", "environment": "production", "level": "ERROR", "error": error} | fields
    arrived = NOW - age
    report.setdefault("timestamp", arrived.isoformat())
    known = read(Report, report)
    arrival = arrive(known, arrived)
    return store.record([arrival])[0].issue_id


def move(store: SqlStore, issue_id: int, *path: Status, **more: Any) -> None:
    for to in path:
        store.move(issue_id, Move(to=to, **more), NOW)


def text_of(page: str) -> str:
    """Return what a reader sees, without tags and with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_the_inbox_lists_issues_with_the_newest_activity_first(client: TestClient[Any], store: SqlStore) -> None:
    record(store, kind="OlderError", age=timedelta(hours=3))
    record(store, kind="NewerError", age=timedelta(minutes=5))

    page = text_of(client.get("/").text)

    assert page.index("NewerError") < page.index("OlderError")
    assert "5 min ago" in page
    assert "3 h ago" in page


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("shop/cart.py:12", {"error": {"file_path": "shop/cart.py", "line_number": 12}}),
        ("build / lint", {"source": "cicd", "context": {"job_name": "build", "step_name": "lint"}}),
        ("live/web", {"source": "deployment", "context": {"namespace": "live", "deployment_name": "web"}}),
    ],
)
def test_the_inbox_says_where_by_the_source(
    client: TestClient[Any], store: SqlStore, expected: str, fields: dict[str, Any]
) -> None:
    record(store, **fields)

    assert expected in text_of(client.get("/").text)


@pytest.mark.parametrize(
    "filters", ["project=web", "source=cicd", "status=VERIFYING", "q=BROKEN", "project=web&status=VERIFYING&q=pipe"]
)
def test_the_inbox_is_filtered_by_its_url(client: TestClient[Any], store: SqlStore, filters: str) -> None:
    record(store, kind="OtherError")
    wanted = record(store, kind="WantedError", message="broken pipe", project_id="web", source="cicd")
    move(store, wanted, Status.VERIFYING)

    page = text_of(client.get(f"/?{filters}").text)

    assert "WantedError" in page
    assert "OtherError" not in page


def test_empty_filters_choose_everything(client: TestClient[Any], store: SqlStore) -> None:
    record(store)

    assert "ValueError" in client.get("/?project=&status=&source=&q=&lang=tlh").text


def test_registrations_are_listed_when_asked_for_only(client: TestClient[Any], store: SqlStore) -> None:
    record(store, kind="ProjectInit", message="hello")

    assert "ProjectInit" not in client.get("/").text
    assert "ProjectInit" in client.get("/?registrations=1").text


def test_older_issues_are_a_link_away_and_keep_the_filters(client: TestClient[Any], store: SqlStore) -> None:
    for number in range(51):
        record(store, kind=f"Error{number:02}", age=timedelta(minutes=number), error={"line_number": number})

    first = client.get("/?q=Error+project:shop").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = client.get(unescape(older.group(1))).text

    assert "q=Error+project%3Ashop&amp;cursor=" in older.group(1)
    assert "Error49" in first
    assert "Error50" not in first
    assert "Error50" in second
    assert 'href="/?q=Error+project%3Ashop"' in second
    assert 'rel="next"' not in second


def test_a_cursor_of_another_list_is_a_page_with_a_way_back(client: TestClient[Any]) -> None:
    answer = client.get("/?cursor=made-up")

    assert 400 == answer.status_code
    assert "This place in the list is gone" in answer.text


def test_an_empty_inbox_shows_a_line_that_sends_a_valid_report(client: TestClient[Any]) -> None:
    page = unescape(client.get("/").text)

    line = re.search(r"curl (\S+) .* -d '(.*)'", page)
    assert line is not None
    assert "http://logs.example:8002/api/v1/logs/report" == line.group(1)
    assert "my_app" == read(Report, json.loads(line.group(2))).project_id


def test_filters_that_match_nothing_offer_to_show_everything(client: TestClient[Any], store: SqlStore) -> None:
    record(store)

    page = client.get("/?q=absent").text

    assert "No issue matches" in page
    assert "curl" not in page


def test_the_issue_page_shows_the_trace_first_then_context_occurrences_and_history(
    client: TestClient[Any], store: SqlStore
) -> None:
    trace = ["Traceback (most recent call last):", '  File "shop/cart.py", line 12, in total', "ValueError: no"]
    issue_id = record(
        store,
        error={"stack_trace": trace, "file_path": "shop/cart.py", "line_number": 12},
        context={"url": "/checkout", "user": {"id": 4711}},
        version="1.4.2",
    )
    move(store, issue_id, Status.VERIFYING, actor="Ada", reason="seen here too")

    page = text_of(client.get(f"/issues/{issue_id}").text)

    landmarks = ["Stack trace", *(line.strip() for line in trace), "Context", "id 4711", "History", "seen here too"]
    assert sorted(page.rindex(mark) for mark in landmarks) == [page.rindex(mark) for mark in landmarks]
    assert "New NEW → Verifying VERIFYING seen here too just now · by Ada" in page
    assert "1.4.2" in page


def test_frames_show_their_source_and_variables(client: TestClient[Any], store: SqlStore) -> None:
    frame = {
        "file_path": "shop/cart.py",
        "line_number": 12,
        "function": "total",
        "in_app": True,
        "pre_context": ["def total(lines):"],
        "context_line": "    return sum(lines)",
        "post_context": [""],
        "locals": {"lines": [1, 2]},
    }
    issue_id = record(store, frames=[frame])

    page = text_of(client.get(f"/issues/{issue_id}").text)

    assert "shop/cart.py:12 total def total(lines): return sum(lines) Variables (1) lines [ 1, 2 ]" in page


def test_the_history_marks_overrides_and_regressions_and_shows_the_fix(
    client: TestClient[Any], store: SqlStore
) -> None:
    issue_id = record(store, age=timedelta(hours=1))
    store.move(issue_id, Move(to=Status.FIXED, force=True, reason="by hand"), NOW - timedelta(minutes=5))
    record(store)

    page = text_of(client.get(f"/issues/{issue_id}").text)

    assert "Fixed FIXED → New NEW ↺ came back" in page
    assert "New NEW → Fixed FIXED override by hand" in page


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ({"VERIFYING"}, []),
        ({"PENDING_FIX", "CANNOT_REPRODUCE"}, [Status.VERIFYING]),
        ({"FIXED", "FIX_FAILED"}, [Status.VERIFYING, Status.PENDING_FIX, Status.FIXING]),
        (set(), [Status.DEPLOYED]),
    ],
)
def test_the_legal_next_statuses_are_buttons(
    client: TestClient[Any], store: SqlStore, expected: set[str], path: list[Status]
) -> None:
    issue_id = record(store)
    move(store, issue_id, *path, force=True, reason="test")

    page = client.get(f"/issues/{issue_id}").text

    assert expected == set(re.findall(r'name="to" value="(\w+)"', page))


def test_a_button_moves_the_issue_and_goes_back_to_its_page(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)
    form = {"to": "VERIFYING", "expected": "NEW", "reason": " seen\x00 ", "actor": "李雷", "version": "ignored"}

    answer = client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    change = store.history(issue_id)[-1]
    assert (303, f"/issues/{issue_id}") == (answer.status_code, answer.headers["location"])
    assert (Status.VERIFYING, "seen�", "李雷", None) == (change.to, change.reason, change.actor, change.fix)
    assert 'value="李雷"' in client.get(f"/issues/{issue_id}").text


def test_the_step_to_fixed_records_the_fix(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)
    move(store, issue_id, Status.VERIFYING, Status.PENDING_FIX, Status.FIXING)
    form = {"to": "FIXED", "commit_hash": "a81f3c0", "branch": "", "pr_url": "https://git.example/pulls/3"}

    client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    issue = store.issue(issue_id)
    assert issue is not None
    assert issue.fix is not None
    assert ("a81f3c0", None, "https://git.example/pulls/3") == (
        issue.fix.commit_hash,
        issue.fix.branch,
        issue.fix.pr_url,
    )
    assert '<a href="https://git.example/pulls/3"' in client.get(f"/issues/{issue_id}").text


def test_a_pull_request_that_is_no_web_address_is_no_link(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)
    move(store, issue_id, Status.VERIFYING, Status.PENDING_FIX, Status.FIXING)

    form = {"to": "FIXED", "pr_url": "javascript:alert(1)"}
    client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    page = client.get(f"/issues/{issue_id}").text
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_a_step_that_the_table_forbids_is_refused_with_the_reason(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)

    form = {"to": "DEPLOYED", "expected": "NEW", "reason": "in a hurry"}
    answer = client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    page = text_of(answer.text)
    assert 409 == answer.status_code
    assert "It is now New, and from there it cannot go to Deployed. Possible now: Verifying." in page
    assert "in a hurry" in page
    assert () == store.history(issue_id)


def test_a_step_after_somebody_elses_is_refused_and_says_so(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)
    move(store, issue_id, Status.VERIFYING)

    form = {"to": "VERIFYING", "expected": "NEW"}
    answer = client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN | {"Accept-Language": "zh"})

    assert 409 == answer.status_code
    assert "其他人刚刚改变了它" in answer.text
    assert f'href="/issues/{issue_id}?lang=en"' in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil"}]
)
def test_a_form_of_another_site_is_refused(client: TestClient[Any], store: SqlStore, headers: dict[str, str]) -> None:
    issue_id = record(store)

    answer = client.post(f"/issues/{issue_id}/transitions", data={"to": "VERIFYING"}, headers=headers)

    assert 403 == answer.status_code
    assert "This form was not sent from here" in answer.text
    assert () == store.history(issue_id)


@pytest.mark.parametrize("form", [{}, {"to": "LOST"}, {"to": "VERIFYING", "expected": "LOST"}])
def test_a_form_without_a_known_status_is_a_bad_request(
    client: TestClient[Any], store: SqlStore, form: dict[str, str]
) -> None:
    issue_id = record(store)

    answer = client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    assert 400 == answer.status_code
    assert "<!doctype html>" in answer.text


@pytest.mark.parametrize("path", ["/issues/99", "/issues/0", f"/issues/{2**70}", "/issues/x", "/nope", "/static/nope"])
def test_what_does_not_exist_is_a_friendly_page(client: TestClient[Any], path: str) -> None:
    answer = client.get(path)

    assert 404 == answer.status_code
    assert "There is no such page" in answer.text


def test_moving_an_unknown_issue_is_a_friendly_page(client: TestClient[Any]) -> None:
    answer = client.post("/issues/99/transitions", data={"to": "VERIFYING"}, headers=OWN)

    assert 404 == answer.status_code
    assert "There is no such page" in answer.text


def test_a_form_that_is_too_large_is_a_friendly_page(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)

    form = {"to": "VERIFYING", "reason": "x" * 100_000}
    answer = client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    assert 413 == answer.status_code
    assert "This form is too large" in answer.text


@pytest.mark.parametrize(
    ("expected", "error", "title"),
    [
        (503, StoreUnavailableError("locked"), "The storage does not answer"),
        (500, RuntimeError("secret detail"), "Something went wrong here"),
    ],
)
def test_a_failure_of_the_collector_is_a_page_without_its_details(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, expected: int, error: Exception, title: str
) -> None:
    def fail(_query: object) -> None:
        raise error

    monkeypatch.setattr(store, "issues", fail)
    dashboard = create_dashboard(
        store,
        dispatch_of(store, lambda: NOW),
        front=open_front(open_door(store), lambda: NOW),
        api_url="http://logs.example",
        clock=lambda: NOW,
    )

    with TestClient(dashboard, raise_server_exceptions=False) as client:
        answer = client.get("/")

    assert expected == answer.status_code
    assert title in answer.text
    assert "secret detail" not in answer.text


def test_stored_markup_stays_text_in_every_field(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(
        store,
        kind=SCRIPT,
        message=f"{SCRIPT}\nmore",
        environment=SCRIPT,
        version=SCRIPT,
        commit_hash=SCRIPT,
        error={"file_path": SCRIPT, "line_number": 1, "stack_trace": [SCRIPT]},
        context={SCRIPT: SCRIPT, "nested": {SCRIPT: SCRIPT}},
        frames=[{"file_path": SCRIPT, "function": SCRIPT, "context_line": SCRIPT, "locals": {SCRIPT: SCRIPT}}],
    )
    store.put_project("shop", {"name": SCRIPT}, NOW)
    move(store, issue_id, Status.VERIFYING, actor=SCRIPT, reason=SCRIPT)

    for path in ("/", f"/issues/{issue_id}"):
        page = client.get(path).text
        assert SCRIPT not in page
        assert SCRIPT in unescape(page)


@pytest.mark.parametrize("path", ["/", "/nope", "/static/style.css"])
def test_every_answer_forbids_what_the_pages_do_not_need(client: TestClient[Any], path: str) -> None:
    headers = client.get(path).headers

    assert (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ) == headers["content-security-policy"]
    assert "DENY" == headers["x-frame-options"]


def test_pages_hold_no_inline_script_or_style(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)

    for path in ("/", f"/issues/{issue_id}", "/nope"):
        page = client.get(path).text
        assert [] == re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
        assert [] == re.findall(r'(?:src|href|action)="(?:https?:)?//(?!logs\.example)', page)


def test_assets_are_kept_for_good_and_their_address_follows_their_content(client: TestClient[Any]) -> None:
    address = re.search(r'href="(/static/style\.css\?v=\w+)"', client.get("/").text)
    assert address is not None

    answer = client.get(address.group(1))

    assert 200 == answer.status_code
    assert "max-age=31536000, immutable" == answer.headers["cache-control"]


def test_a_page_is_asked_for_by_head_as_well(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)

    assert [200, 200, 404] == [client.head(path).status_code for path in ("/", f"/issues/{issue_id}", "/issues/99")]
    assert "" == client.head("/").text


def test_the_language_comes_from_the_browser_until_one_is_chosen(client: TestClient[Any]) -> None:
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9"}

    assert '<html lang="zh-CN">' in client.get("/", headers=chinese).text
    assert '<html lang="en">' in client.get("/?lang=en", headers=chinese).text
    assert '<html lang="en">' in client.get("/", headers=chinese).text


def test_the_language_switch_keeps_the_filters(client: TestClient[Any], store: SqlStore) -> None:
    record(store)

    page = client.get("/?project=shop&q=a%26b").text

    assert 'href="/?project=shop&amp;q=a%26b&amp;lang=zh-CN"' in page


def test_a_regression_is_told_in_the_readers_language_alone(client: TestClient[Any], store: SqlStore) -> None:
    issue_id = record(store)
    move(store, issue_id, Status.VERIFYING, Status.PENDING_FIX, Status.FIXING, Status.FIXED)
    record(store, age=timedelta(seconds=-1))

    page = client.get(f"/issues/{issue_id}?lang=zh-CN").text

    assert "复发" in page
    assert "Regression" not in page
