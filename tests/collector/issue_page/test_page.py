"""The page of an issue over HTTP, of a real store."""

import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.issuing import TokenWish, issue_token
from logcenter_collector.domain.access import ANYONE, SCOPES_OF, Role
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_collector.web.ui.front import open_front
from logcenter_sdk.contract.teamwork import NOBODY
from support.doors import closed_door, open_door, tokens_of
from support.served import dispatch_of
from support.stores import START, Reporter, reporter_of

OWN = {"Sec-Fetch-Site": "same-origin"}
SCRIPT = "<script>alert('stored')</script>"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path_factory.mktemp('page') / 'logcenter.db'}")) as store:
        yield store


@pytest.fixture
def reporter(store: SqlStore) -> Reporter:
    return reporter_of(store)


def dashboard_of(store: SqlStore, doorway: Doorway) -> TestClient[Any]:
    front, dispatch = open_front(doorway, lambda: START), dispatch_of(store, lambda: START)
    app = create_dashboard(store, dispatch, front=front, api_url="http://logs.example", clock=lambda: START)
    client: TestClient[Any] = TestClient(app)
    client.follow_redirects = False
    return client


@pytest.fixture(scope="module")
def client(store: SqlStore) -> Iterator[TestClient[Any]]:
    with dashboard_of(store, open_door(store)) as client:
        yield client


def text_of(page: str) -> str:
    """Return what a reader sees, without tags and with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def links_of(page: str) -> set[str]:
    return {unescape(address) for address in re.findall(r'href="([^"]+)"', page)}


def at(minutes: int) -> str:
    return START.replace(minute=minutes).isoformat()


def test_the_latest_occurrence_is_shown_and_the_others_are_a_step_away(
    client: TestClient[Any], reporter: Reporter
) -> None:
    for number in (1, 2, 3):
        issue_id = reporter.report(context={"step": f"step-{number}"}).issue_id

    latest = client.get(f"/issues/{issue_id}").text
    middle = client.get(f"/issues/{issue_id}?occurrence=2").text

    assert "step-3" in latest
    assert {f"/issues/{issue_id}?occurrence=1", f"/issues/{issue_id}?occurrence=2"} <= links_of(latest)
    assert "step-2" in middle
    assert "step-3" not in middle
    assert "Occurrence 2 " in text_of(middle)
    assert "2 of 3 kept" in text_of(middle)


def test_an_occurrence_shows_its_own_trace_and_message(client: TestClient[Any], reporter: Reporter) -> None:
    for number in (1, 2):
        error = {"type": "E", "message": f"message {number}", "stack_trace": [f"trace {number}"]}
        issue_id = reporter.report(error=error).issue_id

    page = text_of(client.get(f"/issues/{issue_id}?occurrence=1").text)

    assert "trace 1" in page
    assert "trace 2" not in page
    assert "message 1" in page


def test_an_occurrence_that_is_not_kept_says_so_and_shows_the_latest(
    client: TestClient[Any], reporter: Reporter
) -> None:
    issue_id = reporter.report(context={"step": "latest"}).issue_id

    page = client.get(f"/issues/{issue_id}?occurrence=77").text

    assert "Occurrence 77 is kept no more. This is the latest." in text_of(page)
    assert "latest" in page


@pytest.mark.parametrize(
    "query", ["occurrence=x", "occurrence=-1", f"occurrence={2**80}", "per=year&by=moon", "from=x"]
)
def test_an_address_that_asks_for_nothing_known_shows_the_usual(
    client: TestClient[Any], reporter: Reporter, query: str
) -> None:
    issue_id = reporter.report().issue_id

    assert 200 == client.get(f"/issues/{issue_id}?{query}").status_code


def test_a_bar_leads_to_the_occurrences_of_its_hour(client: TestClient[Any], reporter: Reporter) -> None:
    reporter.report(timestamp=at(1), environment="early")
    issue_id = reporter.report(timestamp=START.replace(hour=8).isoformat(), environment="earlier").issue_id

    bars = [link for link in links_of(client.get(f"/issues/{issue_id}?per=hour").text) if "from=" in link]
    [of_eight] = [link for link in bars if "T08" in link.split("&until")[0]]
    page = text_of(client.get(of_eight.partition("#")[0]).text)

    assert 2 == len(bars)
    assert "2026-03-02 08:00 to 2026-03-02 09:00 UTC: 1 counted, 1 kept whole." in page
    listed = page[page.index("kept whole.") : page.index("History")]
    assert "earlier" in listed
    assert "early " not in listed


def test_bars_are_stacked_by_environment_or_release(client: TestClient[Any], reporter: Reporter) -> None:
    reporter.report(environment="staging", version="1.0")
    issue_id = reporter.report(environment="production", version=None).issue_id

    by_release = text_of(client.get(f"/issues/{issue_id}?by=release").text)

    assert "production 1" in text_of(client.get(f"/issues/{issue_id}").text)
    assert "1.0 no release" in by_release
    assert "1.0 1 no release 1" in by_release


def test_what_is_known_of_the_repository_is_linked(client: TestClient[Any], reporter: Reporter) -> None:
    frame = {"file_path": "shop/cart.py", "line_number": 12, "in_app": True, "context_line": "x"}
    error = {"type": "E", "message": "", "stack_trace": [], "file_path": "shop/cart.py", "line_number": 12}
    issue_id = reporter.report(
        repo_url="git@git.acme.cn:acme/shop.git", commit_hash="a81f3c0", error=error, frames=[frame]
    ).issue_id
    client.post(f"/issues/{issue_id}/transitions", data={"to": "FIXED", "force": "1", "reason": "x"} | FIX, headers=OWN)

    links = links_of(client.get(f"/issues/{issue_id}").text)

    assert {
        "https://git.acme.cn/acme/shop/src/commit/a81f3c0/shop/cart.py#L12",
        "https://git.acme.cn/acme/shop/commit/a81f3c0",
        "https://git.acme.cn/acme/shop/commit/b92e0c1",
        "https://git.acme.cn/acme/shop/src/branch/fix/rates",
        "https://git.acme.cn/acme/shop/pulls/12",
    } <= links


FIX = {"commit_hash": "b92e0c1", "branch": "fix/rates", "pr_url": "#12"}


def test_no_address_that_was_reported_becomes_a_link_to_a_script(client: TestClient[Any], reporter: Reporter) -> None:
    bad = "javascript:alert(1)"
    issue_id = reporter.report(
        source="cicd",
        repo_url=bad,
        commit_hash=bad,
        context={"job_name": "a", "step_name": "b", "run_url": bad, "x": bad},
    ).issue_id
    form = {"to": "FIXED", "force": "1", "reason": "x", "commit_hash": bad, "branch": bad, "pr_url": bad}
    client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    page = client.get(f"/issues/{issue_id}").text

    assert bad in page
    assert not [link for link in links_of(page) if link.startswith("javascript")]


def test_a_failed_pipeline_shows_its_job_and_leads_to_its_run(client: TestClient[Any], reporter: Reporter) -> None:
    run = "https://git.acme.cn/acme/shop/actions/runs/7"
    context = {"job_name": "build", "step_name": "lint", "run_url": run, "exit_code": 1}

    page = client.get(f"/issues/{reporter.report(source='cicd', context=context).issue_id}").text

    assert run in links_of(page)
    assert "build / lint" in text_of(page)
    assert "Pipeline job_name build step_name lint run_url" in text_of(page)
    assert "same type, job and step" in page


def test_a_failed_deployment_shows_its_namespace(client: TestClient[Any], reporter: Reporter) -> None:
    context = {"namespace": "live", "deployment_name": "web", "pod_name": "web-1"}

    page = text_of(client.get(f"/issues/{reporter.report(source='deployment', context=context).issue_id}").text)

    assert "live/web" in page
    assert "Cluster namespace live deployment_name web pod_name web-1" in page


def test_an_override_needs_a_reason(client: TestClient[Any], reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    answer = client.post(f"/issues/{issue_id}/transitions", data={"to": "DEPLOYED", "force": "1"}, headers=OWN)

    assert 400 == answer.status_code
    assert "Leaving the path needs a reason." in answer.text
    assert () == reporter.store.history(issue_id)


def test_an_override_goes_anywhere_and_is_marked(client: TestClient[Any], reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    form = {"to": "VERIFIED", "force": "1", "reason": "fixed long ago", "actor": "Ada"}

    answer = client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    page = text_of(client.get(f"/issues/{issue_id}").text)
    assert 303 == answer.status_code
    assert "New NEW → Verified VERIFIED override fixed long ago" in page
    assert "Verifying left out" in page
    assert "Verified it is here" in page


def test_an_issue_is_assigned_and_that_is_taken_back(client: TestClient[Any], reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    assigned = client.post(f"/issues/{issue_id}/assignee", data={"assignee": " 韩梅梅 "}, headers=OWN)
    page = client.get(f"/issues/{issue_id}").text
    client.post(f"/issues/{issue_id}/assignee", data={"assignee": ""}, headers=OWN)

    assert (303, f"/issues/{issue_id}") == (assigned.status_code, assigned.headers["location"])
    assert "韩梅梅 takes care of it." in page
    assert reporter.issue(issue_id).assignee is None


@pytest.mark.parametrize("name", [NOBODY, "x" * 201])
def test_what_is_no_name_is_not_assigned(client: TestClient[Any], reporter: Reporter, name: str) -> None:
    issue_id = reporter.report().issue_id

    answer = client.post(f"/issues/{issue_id}/assignee", data={"assignee": name}, headers=OWN)

    assert 400 == answer.status_code
    assert "An assignee is a name" in answer.text
    assert name in answer.text
    assert reporter.issue(issue_id).assignee is None


@pytest.mark.parametrize(
    ("expected", "form"),
    [
        ("Muted; ends in 1 d.", {"hours": "24", "more": ""}),
        ("Muted for 10 more occurrences.", {"hours": "", "more": "10"}),
        ("Muted; ends in 1 h or after 5 more occurrences.", {"hours": "1", "more": "5"}),
    ],
)
def test_an_issue_is_muted_for_a_time_or_until_it_occurred_so_often(
    client: TestClient[Any], reporter: Reporter, expected: str, form: dict[str, str]
) -> None:
    issue_id = reporter.report().issue_id

    answer = client.post(f"/issues/{issue_id}/mute", data=form, headers=OWN)

    assert 303 == answer.status_code
    assert expected in text_of(client.get(f"/issues/{issue_id}").text)


def test_a_mute_is_ended(client: TestClient[Any], reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    client.post(f"/issues/{issue_id}/mute", data={"more": "5"}, headers=OWN)

    client.post(f"/issues/{issue_id}/mute", data={"end": "1"}, headers=OWN)

    assert reporter.issue(issue_id).muted_until_count is None


@pytest.mark.parametrize(
    "form", [{}, {"hours": "7"}, {"hours": "x"}, {"more": "0"}, {"more": "-1"}, {"more": "1.5"}, {"more": "9" * 5_000}]
)
def test_a_mute_of_no_known_length_is_refused(
    client: TestClient[Any], reporter: Reporter, form: dict[str, str]
) -> None:
    issue_id = reporter.report().issue_id

    answer = client.post(f"/issues/{issue_id}/mute", data=form, headers=OWN)

    assert 400 == answer.status_code
    assert "Say for how long" in answer.text
    assert f'href="/issues/{issue_id}?lang=en"' in answer.text


def test_something_is_said_and_taken_back(client: TestClient[Any], reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    form = {"text": "look\nhere", "author": "李雷"}
    said = client.post(f"/issues/{issue_id}/comments", data=form, headers=OWN)
    page = client.get(f"/issues/{issue_id}").text
    [comment] = reporter.store.comments(issue_id)
    gone = client.post(f"/issues/{issue_id}/comments/{comment.id}/delete", headers=OWN)

    assert (303, f"/issues/{issue_id}#comments") == (said.status_code, said.headers["location"])
    assert "李雷 just now look here Delete" in text_of(page)
    assert 303 == gone.status_code
    assert () == reporter.store.comments(issue_id)


@pytest.mark.parametrize("text", ["", "  ", "中" * 3_000])
def test_a_comment_without_text_or_with_too_much_is_refused(
    client: TestClient[Any], reporter: Reporter, text: str
) -> None:
    issue_id = reporter.report().issue_id

    answer = client.post(f"/issues/{issue_id}/comments", data={"text": text}, headers=OWN)

    assert 400 == answer.status_code
    assert "A comment needs text" in answer.text
    assert text.strip() in answer.text


def test_a_comment_that_is_not_there_cannot_be_deleted(client: TestClient[Any], reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    assert 404 == client.post(f"/issues/{issue_id}/comments/99999/delete", headers=OWN).status_code


def signed_in(store: SqlStore, secret: str) -> TestClient[Any]:
    client = dashboard_of(store, closed_door(store))
    client.post("/sign-in/token", data={"token": secret}, headers=OWN)
    return client


def test_who_may_only_read_sees_no_form(store: SqlStore, reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.store.comment(issue_id, "said before", "Ada", START)
    secret = tokens_of(closed_door(store))["viewer"]

    with signed_in(store, secret) as client:
        page = client.get(f"/issues/{issue_id}").text

    assert ["/sign-out"] == re.findall(r'<form[^>]*action="([^"]+)"', page)
    assert "said before" in page


def test_members_delete_their_own_comments_only_and_are_who_says_them(store: SqlStore, reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    door = closed_door(store)
    member = TokenWish(name="mei", scopes=SCOPES_OF[Role.MEMBER])
    secret = issue_token(door.credentials, member, By(principal=ANYONE), START)[1]
    other = reporter.store.comment(issue_id, "of somebody else", "Ada", START)
    assert other is not None

    with signed_in(store, secret) as client:
        client.post(f"/issues/{issue_id}/comments", data={"text": "mine", "author": "Ada"}, headers=OWN)
        page = client.get(f"/issues/{issue_id}").text
        refused = client.post(f"/issues/{issue_id}/comments/{other.id}/delete", headers=OWN)

    mine = reporter.store.comments(issue_id)[-1]
    assert mine.author is not None
    assert "mei" in mine.author
    assert [f"{mine.id}"] == re.findall(r"comments/(\d+)/delete", page)
    assert 403 == refused.status_code
    assert "Only whoever wrote a comment" in refused.text
    assert 2 == len(reporter.store.comments(issue_id))


def test_an_issue_is_text_for_a_chat_or_an_agent(client: TestClient[Any], reporter: Reporter) -> None:
    frame = {"file_path": "cart.py", "line_number": 2, "in_app": True, "context_line": "x = 1", "locals": {"x": 1}}
    error = {
        "type": "Key*Error",
        "message": "```no```",
        "stack_trace": ["one", "two"],
        "file_path": "cart.py",
        "line_number": 2,
    }
    issue_id = reporter.report(error=error, frames=[frame], context={"cart": 7}, repo_url="https://h.io/a").issue_id

    answer = client.get(f"/issues/{issue_id}/issue.md")

    assert "text/plain; charset=utf-8" == answer.headers["content-type"]
    assert answer.text.startswith(f"# Key\\*Error (#{issue_id})\n\n````\n```no```\n````\n")
    for said in ("`cart.py:2`", "`https://h.io/a`", "one\ntwo", "> 2 x = 1", '"cart": 7', f"/issues/{issue_id}>"):
        assert said in answer.text


def test_the_text_is_of_the_occurrence_that_is_asked_for(client: TestClient[Any], reporter: Reporter) -> None:
    for number in (1, 2):
        issue_id = reporter.report(context={"step": f"step-{number}"}).issue_id

    assert "step-1" in client.get(f"/issues/{issue_id}/issue.md?occurrence=1").text
    assert 404 == client.get("/issues/999999/issue.md").status_code


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_stored_markup_stays_text_in_every_new_part(client: TestClient[Any], reporter: Reporter, language: str) -> None:
    crumb = dict.fromkeys(("timestamp", "message", "category", "level"), SCRIPT)
    issue_id = reporter.report(
        environment=SCRIPT,
        version=SCRIPT,
        commit_hash=SCRIPT,
        repo_url=f"https://h.io/{SCRIPT}",
        fingerprint=[SCRIPT],
        context={
            "url": SCRIPT,
            "tags": {SCRIPT: SCRIPT},
            "user": {SCRIPT: {SCRIPT: SCRIPT}},
            "breadcrumbs": [{**crumb, "data": {SCRIPT: SCRIPT}}],
            "run_url": f"https://h.io/{SCRIPT}",
        },
        frames=[{"file_path": SCRIPT, "in_app": False, "module": SCRIPT, "locals": {SCRIPT: [SCRIPT]}}],
        sdk={"name": SCRIPT, "version": SCRIPT},
    ).issue_id
    client.post(f"/issues/{issue_id}/assignee", data={"assignee": SCRIPT}, headers=OWN)
    client.post(f"/issues/{issue_id}/comments", data={"text": SCRIPT, "author": SCRIPT}, headers=OWN)
    fix = dict.fromkeys(("commit_hash", "branch", "pr_url", "version"), SCRIPT)
    form = {"to": "FIXED", "force": "1", "reason": SCRIPT, "actor": SCRIPT, **fix}
    client.post(f"/issues/{issue_id}/transitions", data=form, headers=OWN)

    for query in ("", "&per=day&by=release"):
        page = client.get(f"/issues/{issue_id}?lang={language}{query}").text
        assert "<script>alert" not in page
        assert SCRIPT in unescape(page)


def test_a_trace_of_five_hundred_lines_is_shown_whole(client: TestClient[Any], reporter: Reporter) -> None:
    lines = [f"line {number} of the trace" for number in range(500)]
    issue_id = reporter.report(error={"type": "E", "message": "", "stack_trace": lines}).issue_id

    page = client.get(f"/issues/{issue_id}").text

    assert all(line in page for line in lines)


def test_a_page_says_that_a_report_is_larger_than_it(client: TestClient[Any], reporter: Reporter) -> None:
    much = [{"file_path": "a.py", "in_app": True, "locals": {f"v{number}": "x" * 1_000 for number in range(100)}}]
    large, usual = reporter.report(frames=much).issue_id, reporter.report(fingerprint=["another"]).issue_id

    pages = [client.get(f"/issues/{issue_id}?lang=en").text for issue_id in (large, usual)]

    assert [True, False] == ["larger than a page" in page for page in pages]
