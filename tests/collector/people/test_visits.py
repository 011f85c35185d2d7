"""People and their browsers, over HTTP: signing in and out, invitations, tokens, keys."""

import re
from collections.abc import Iterator

import httpx
import pytest

from support.collector import Collector, start
from support.sending import a_report
from support.visiting import PASSWORD, Guest, secret_of, text_of


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector whose first account, alice's, was made by the link that its first start said."""
    collector = start(tmp_path_factory.mktemp("visits") / "logcenter.db", "--keyless-reports")
    link = re.search(r"http://\S+/sign-in/link\S+", collector.output.read_text(encoding="utf-8"))
    assert link is not None
    assert 303 == Guest(collector.dashboard_url).follow(link[0], "Alice").status_code
    yield collector
    assert collector.stop() == 0


@pytest.fixture
def alice(collector: Collector) -> Guest:
    guest = Guest(collector.dashboard_url)
    assert guest.sign_in("alice").status_code == 303
    return guest


@pytest.fixture
def guest(collector: Collector) -> Guest:
    return Guest(collector.dashboard_url)


def joined(alice: Guest, collector: Collector, name: str, role: str, **more: str) -> Guest:
    """Return somebody who was invited and has come."""
    person = Guest(collector.dashboard_url)
    assert 303 == person.follow(alice.invite(name, role, **more)).status_code
    return person


def test_the_first_account_closes_the_collector(collector: Collector, guest: Guest) -> None:
    assert 401 == collector.client.get("/api/v1/issues").status_code
    assert "/sign-in?next=%2F" == guest.get("/").headers["location"]


def test_who_signed_in_is_led_to_the_page_that_was_asked_for(guest: Guest) -> None:
    answer = guest.sign_in("ALICE", next="/admin/audit?action=token")

    assert (303, "/admin/audit?action=token") == (answer.status_code, answer.headers["location"])
    assert "alice" in text_of(guest.get("/").text)


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_elsewhere(guest: Guest, elsewhere: str) -> None:
    assert "/" == guest.sign_in("alice", next=elsewhere).headers["location"]
    assert "/" == guest.get(f"/sign-in?next={elsewhere}").headers["location"]


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_can_use(guest: Guest) -> None:
    cookie = guest.sign_in("alice").headers["set-cookie"]

    assert re.fullmatch(r"lc_session=lcs_[\w-]{43}; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax", cookie)


def test_signing_in_makes_a_session_that_was_not_there_before(guest: Guest) -> None:
    guest.client.cookies.set("lc_session", "lcs_" + "a" * 43)

    first = guest.sign_in("alice").cookies["lc_session"]
    second = Guest(guest.url).sign_in("alice").cookies["lc_session"]

    assert 3 == len({"lcs_" + "a" * 43, first, second})


def test_signing_out_ends_the_session_and_not_only_its_cookie(guest: Guest) -> None:
    session = guest.sign_in("alice").cookies["lc_session"]

    answer = guest.post("/sign-out")
    guest.client.cookies.set("lc_session", session)

    assert "/sign-in" == answer.headers["location"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert 303 == guest.get("/").status_code


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(collector: Collector) -> None:
    wrong = Guest(collector.dashboard_url).sign_in("alice", "not the password")
    unknown = Guest(collector.dashboard_url).sign_in("nobody", "not the password")

    assert (403, 403) == (wrong.status_code, unknown.status_code)
    assert wrong.text.replace("alice", "nobody") == unknown.text
    assert "Name or password is not right" in wrong.text
    assert "not the password" not in wrong.text


def test_who_guesses_has_to_wait_and_so_does_the_right_password(collector: Collector, alice: Guest) -> None:
    joined(alice, collector, "guessed", "viewer")
    guests = [Guest(collector.dashboard_url) for _ in range(6)]
    for guest in guests[:5]:
        guest.sign_in("guessed", "not the password")

    answer = guests[5].sign_in("guessed")

    assert 429 == answer.status_code
    assert 1 <= int(answer.headers["retry-after"]) <= 2
    assert "Too many attempts" in answer.text


def test_a_link_works_once_and_a_refused_password_does_not_use_it_up(
    collector: Collector, alice: Guest, guest: Guest
) -> None:
    link = alice.invite("invited", "viewer")

    short = guest.follow(link, password="short")
    looked = Guest(collector.dashboard_url).get(link.removeprefix(collector.dashboard_url))
    used = guest.follow(link)
    again = Guest(collector.dashboard_url).follow(link)

    assert (400, 200, 303, 410) == (short.status_code, looked.status_code, used.status_code, again.status_code)
    assert "needs at least 10 characters" in short.text
    assert "Welcome, invited" in looked.text


def test_who_may_read_only_sees_no_buttons_and_is_refused(collector: Collector, alice: Guest) -> None:
    issue_id = collector.report(a_report("viewed"))["id"]
    viewer = joined(alice, collector, "vera", "viewer")

    page = viewer.get(f"/issues/{issue_id}")
    moved = viewer.post(f"/issues/{issue_id}/transitions", to="VERIFYING", actor="alice")

    assert "/transitions" not in page.text
    assert "/admin" not in page.text
    assert (403, 403) == (moved.status_code, viewer.get("/admin/people").status_code)
    assert "Your role does not allow it" in moved.text


def test_who_moves_an_issue_is_who_signed_in(collector: Collector, alice: Guest) -> None:
    issue_id = collector.report(a_report("moved"))["id"]
    member = joined(alice, collector, "mia", "member")

    page = member.get(f"/issues/{issue_id}")
    moved = member.post(f"/issues/{issue_id}/transitions", to="VERIFYING", actor="alice", reason="seen")

    assert 'name="actor"' not in page.text
    assert 303 == moved.status_code
    assert "by mia" in text_of(member.get(f"/issues/{issue_id}").text)


def test_who_is_limited_to_a_project_sees_nothing_of_others(collector: Collector, alice: Guest) -> None:
    shown, hidden = (collector.report(a_report(project))["id"] for project in ("shown", "hidden"))
    limited = joined(alice, collector, "lim", "member", reach="only", project="shown")

    inbox = text_of(limited.get("/").text)

    assert "shown" in inbox
    assert "hidden" not in inbox
    assert (200, 404) == (limited.get(f"/issues/{shown}").status_code, limited.get(f"/issues/{hidden}").status_code)


def test_an_administrator_cannot_be_limited(alice: Guest) -> None:
    answer = alice.post("/admin/people", name="half", role="admin", reach="only", project="shown")

    assert 400 == answer.status_code
    assert "Administrators see all projects" in answer.text


def test_a_disabled_account_is_out_at_once_with_its_tokens(collector: Collector, alice: Guest) -> None:
    person = joined(alice, collector, "dora", "viewer")
    token = secret_of(person.post("/account/tokens", token_name="mine", scope="read", days="30").text)
    bearer = {"Authorization": f"Bearer {token}"}
    before = (person.get("/").status_code, collector.client.get("/api/v1/issues", headers=bearer).status_code)
    account = re.search(r'id="person-(\d+)">\s*<div class="head">\s*<h2>dora', alice.get("/admin/people").text)
    assert account is not None

    alice.post(f"/admin/people/{account[1]}", do="disable")

    after = (person.get("/").status_code, collector.client.get("/api/v1/issues", headers=bearer).status_code)
    assert ((200, 200), (303, 401)) == (before, after)
    assert 403 == Guest(collector.dashboard_url).sign_in("dora").status_code


def test_the_last_administrator_stays(alice: Guest) -> None:
    account = re.search(r'id="person-(\d+)">\s*<div class="head">\s*<h2>alice', alice.get("/admin/people").text)
    assert account is not None

    answers = [
        alice.post(f"/admin/people/{account[1]}", do="disable"),
        alice.post(f"/admin/people/{account[1]}", do="save", role="viewer"),
    ]

    assert [409, 409] == [answer.status_code for answer in answers]
    assert "Somebody has to stay" in answers[0].text


def test_a_changed_password_ends_the_other_sessions_and_not_this_one(collector: Collector, alice: Guest) -> None:
    here = joined(alice, collector, "petra", "viewer")
    there = Guest(collector.dashboard_url)
    there.sign_in("petra")
    new = "another sentence"

    wrong = here.post("/account/password", old="not it", password=new, again=new)
    done = here.post("/account/password", old=PASSWORD, password=new, again=new)

    assert (400, 303) == (wrong.status_code, done.status_code)
    assert (200, 303) == (here.get("/").status_code, there.get("/").status_code)
    assert (403, 303) == (there.sign_in("petra").status_code, there.sign_in("petra", new).status_code)


def test_one_session_can_end_another_of_the_same_person_and_none_of_others(collector: Collector, alice: Guest) -> None:
    here = joined(alice, collector, "sven", "viewer")
    there = Guest(collector.dashboard_url)
    there.sign_in("sven")
    alices = re.findall(r'name="session" value="(\w+)"', alice.get("/account").text)
    [other] = re.findall(r'name="session" value="(\w+)"', here.get("/account").text)

    ended = here.post("/account/sessions/end", session=other)
    refused = here.post("/account/sessions/end", session=alices[0])

    assert (303, 404) == (ended.status_code, refused.status_code)
    assert (200, 303, 200) == tuple(guest.get("/").status_code for guest in (here, there, alice))


def test_a_token_is_shown_once_and_signs_in_with_what_it_may_do(collector: Collector, alice: Guest) -> None:
    made = alice.post("/admin/tokens", token_name="reader", scope=["read", "report"], days="0")
    token = secret_of(made.text)
    reader = Guest(collector.dashboard_url)

    signed_in = reader.post("/sign-in/token", token=token)

    assert "no-store" == made.headers["cache-control"]
    assert token not in alice.get("/admin/tokens").text
    assert token.encode() not in collector.database.read_bytes()
    assert (303, 200, 403) == (
        signed_in.status_code,
        reader.get("/").status_code,
        reader.get("/admin/people").status_code,
    )
    assert "You signed in with the token token:reader. It may: read, report." in text_of(reader.get("/account").text)


def test_one_s_own_token_can_do_no_more_than_oneself(collector: Collector, alice: Guest) -> None:
    member = joined(alice, collector, "toni", "member")

    assert 400 == member.post("/account/tokens", token_name="all", scope=["read", "admin"]).status_code
    assert 200 == member.post("/account/tokens", token_name="all", scope=["read", "triage", "report"]).status_code


def test_a_session_ends_with_the_token_that_began_it(collector: Collector, alice: Guest) -> None:
    token = secret_of(alice.post("/admin/tokens", token_name="short-lived", scope="read", days="30").text)
    reader = Guest(collector.dashboard_url)
    reader.post("/sign-in/token", token=token)
    before = reader.get("/").status_code
    number = re.search(r"short-lived</td>.*?/admin/tokens/(\d+)/revoke", alice.get("/admin/tokens").text, re.DOTALL)
    assert number is not None

    alice.post(f"/admin/tokens/{number[1]}/revoke")

    assert (200, 303) == (before, reader.get("/").status_code)


def test_a_key_from_the_page_lets_reports_in_where_one_is_demanded(collector: Collector, alice: Guest) -> None:
    key = secret_of(alice.post("/admin/projects/keyed/keys", key_name="shop", key_per_minute="600").text)
    saved = alice.post("/admin/projects/keyed", requires_key="1", per_minute="", per_day="1000", scrub_names="iban")

    without = collector.post_report(a_report("keyed")).status_code
    with_key = collector.post_report(a_report("keyed"), headers={"X-Log-Center-Key": key}).status_code

    assert (303, 401, 200) == (saved.status_code, without, with_key)
    assert key not in alice.get("/admin/projects/keyed").text


@pytest.mark.parametrize(
    "form", [{"per_minute": "0"}, {"per_day": "many"}, {"per_day": "1.5"}, {"scrub_patterns": "a(b"}]
)
def test_a_door_that_cannot_be_is_refused_and_what_was_typed_stays(alice: Guest, form: dict[str, str]) -> None:
    answer = alice.post("/admin/projects/typed", requires_key="1", scrub_names="iban", **form)

    assert 400 == answer.status_code
    assert ">iban</textarea>" in answer.text
    assert 'name="requires_key" value="1" checked' in answer.text


@pytest.mark.parametrize(
    ("path", "form", "wrong"),
    [
        ("/admin/people", {"name": "A b", "role": "member"}, "name"),
        ("/admin/people", {"name": "ab", "role": "king"}, "role"),
        ("/admin/people", {"name": "ab", "role": "viewer", "reach": "only"}, "projects"),
        ("/admin/people/1", {"role": "viewer"}, "1-role"),
        ("/admin/people/1", {"role": "admin", "reach": "only", "project": "keyed"}, "1-projects"),
        ("/admin/tokens", {"scope": "read"}, "token_name"),
        ("/admin/tokens", {"token_name": "x"}, "scope"),
        ("/admin/tokens", {"token_name": "x", "scope": "read", "reach": "only"}, "projects"),
        ("/admin/projects/keyed/keys", {}, "key_name"),
        ("/admin/projects/keyed", {"per_minute": "0"}, "per_minute"),
        ("/admin/projects/keyed", {"scrub_patterns": "("}, "scrub_patterns"),
        ("/account/tokens", {"token_name": "x"}, "scope"),
        ("/account/password", {"old": "no", "password": "long enough it is", "again": "another one is"}, "again"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nowhere_else(
    alice: Guest, path: str, form: dict[str, str], wrong: str
) -> None:
    page = alice.post(path, **form).text

    assert [wrong] == re.findall(r'<p class="error" id="(\S+)-wrong">', page)
    assert f'aria-describedby="{wrong}-wrong' in page


def test_a_project_that_has_not_reported_yet_is_opened_by_its_id_to_make_its_first_key(alice: Guest) -> None:
    led_to = alice.get("/admin/projects?project=not-yet").headers["location"]
    wrong = alice.get("/admin/projects?project=a/b")

    assert "/admin/projects/not-yet" == led_to
    assert "There is no key yet" in text_of(alice.get(led_to).text)
    assert 400 == wrong.status_code
    assert '<p class="error" id="project-wrong">' in wrong.text
    assert 'value="a/b"' in wrong.text


def test_what_was_chosen_in_a_form_that_was_refused_stays_chosen(alice: Guest) -> None:
    alice.post("/admin/projects/keyed/keys", key_name="so that it is known")
    page = alice.post("/admin/tokens", scope=["read", "triage"], days="30").text

    assert {"read", "triage"} == set(re.findall(r'name="scope" value="(\w+)" checked', page))
    assert '<option value="30" selected>' in page


def test_the_page_of_people_says_what_each_role_may_do(alice: Guest) -> None:
    text = re.sub("[✓–] ", "", text_of(alice.get("/admin/people").text))  # noqa: RUF001 - the sign beside the word

    assert "Read issues, the overview and projects yes yes yes" in text
    assert "Assign, mute and comment no yes yes" in text
    assert "All of these pages: people, tokens, keys, alarms, storage, audit log no no yes" in text


def test_the_audit_log_says_who_did_what_and_holds_no_secret(alice: Guest) -> None:
    link = alice.invite("audited", "viewer", display_name="<b>Au</b>")

    page = alice.get("/admin/audit?actor=alice&action=account").text

    assert "account.invite" in text_of(page)
    assert "name audited role viewer" in text_of(page)
    assert link.partition("?s=")[2] not in page
    assert "session.begin" not in page
    assert 400 == alice.get("/admin/audit?cursor=made-up").status_code


def test_the_audit_log_goes_on_by_a_cursor(alice: Guest) -> None:
    for number in range(51):
        alice.post("/admin/projects/many/keys", key_name=f"key {number}")

    first = alice.get("/admin/audit?project=many").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = alice.get(older[1].replace("&amp;", "&")).text

    assert 50 == first.count("<code>key.create</code>")
    assert 1 == second.count("<code>key.create</code>")
    assert 'rel="next"' not in second


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_another_site_s_form_does_nothing(alice: Guest, headers: dict[str, str]) -> None:
    answer = alice.client.post("/admin/people", data={"name": "mallory", "role": "admin"}, headers=headers)

    assert 403 == answer.status_code
    assert "mallory" not in alice.get("/admin/people").text


def test_a_password_stands_nowhere(collector: Collector) -> None:
    assert PASSWORD.encode() not in collector.database.read_bytes()
    assert PASSWORD not in collector.output.read_text(encoding="utf-8")


def test_people_are_invited_changed_and_disabled_by_the_api_as_well(collector: Collector, alice: Guest) -> None:
    token = secret_of(alice.post("/admin/tokens", token_name="people", scope="admin", days="30").text)
    with httpx.Client(
        base_url=f"{collector.api_url}/api/v1/people", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as api:
        invited = api.post("", json={"name": "Api.Person", "role": "viewer", "projects": ["shown"]}).json()
        taken = api.post("", json={"name": "api.person", "role": "viewer"})
        wrong = api.post("", json={"name": "a b", "role": "viewer"})
        changed = api.patch(f"/{invited['id']}", json={"role": "member"}).json()
        disabled = api.patch(f"/{invited['id']}", json={"disabled": True}).json()
        listed = {person["name"] for person in api.get("").json()}

    assert ("api.person", True, ["shown"]) == (invited["name"], invited["invited"], invited["projects"])
    assert invited["link"].startswith("/sign-in/link?s=lcl_")
    assert (409, 400, "name") == (taken.status_code, wrong.status_code, wrong.json()["errors"][0]["field"])
    assert ("member", ["shown"], False) == (changed["role"], changed["projects"], changed["disabled"])
    assert disabled["disabled"]
    assert {"alice", "api.person"} <= listed


def test_behind_tls_the_cookie_is_bound_to_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    admin = "an-administrator-s-token"
    collector = start(folder / "logcenter.db", "--trusted-proxies", "127.0.0.1", "--admin-token", admin)
    guest = Guest(collector.dashboard_url)
    guest.client.headers["X-Forwarded-Proto"] = "https"

    cookie = guest.post("/sign-in/token", token=admin).headers["set-cookie"]

    assert collector.stop() == 0
    assert cookie.startswith("__Host-lc_session=lcs_")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize("button", ["link", "disable", "enable", "save"])
def test_an_account_of_a_number_that_none_can_have_is_not_there(alice: Guest, button: str) -> None:
    assert 404 == alice.post(f"/admin/people/{10**20}", do=button, role="viewer").status_code
