"""What browsers and their password managers are told about signing in, and what merely looking at pages changes."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from logcenter_collector.access.passwords import common_passwords
from logcenter_collector.domain.people import LEAST_PASSWORD, checked_password
from logcenter_collector.web.rules import API_RULES, DASHBOARD_RULES
from support.collector import Collector, start
from support.sending import a_report
from support.visiting import Guest

ADMIN = "an-administrator-s-token"
NOTES = {"usage", "sessions", "tokens", "ingest_keys"}  # when something was last used
NOTES |= {"leases", "daily_sizes", "rising", "search_queue", "search_blocks"}  # what upkeep writes, whoever looks


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    collector = start(tmp_path_factory.mktemp("browsers") / "logs.db", "--admin-token", ADMIN, "--keyless-reports")
    collector.client.headers["Authorization"] = f"Bearer {ADMIN}"
    collector.report(a_report("shop"))
    yield collector
    assert collector.stop() == 0


@pytest.fixture
def admin(collector: Collector) -> Guest:
    guest = Guest(collector.dashboard_url)
    assert 303 == guest.post("/sign-in/token", token=ADMIN).status_code
    return guest


def password_fields(page: str) -> list[str]:
    return re.findall(r"<input[^>]*name=\"(?:password|again|old|token)\"[^>]*>", page)


def test_what_is_secret_is_typed_unseen_and_may_come_from_a_password_manager(collector: Collector) -> None:
    fields = password_fields(Guest(collector.dashboard_url).get("/sign-in").text)

    assert len(fields) >= 2
    assert [] == [field for field in fields if 'type="password"' not in field or "onpaste" in field]
    assert 'autocomplete="current-password"' in " ".join(fields)
    assert 'autocomplete="off"' not in next(field for field in fields if 'name="password"' in field)


@pytest.mark.parametrize(
    "typed", ["correct horse battery staple", "只要够长就可以的密码啊", "1029384756019", "!?!?#&%&/()=", "a" * 63 + "b"]
)
def test_a_password_may_be_made_of_anything(typed: str) -> None:
    assert typed == checked_password(typed, "alice", common_passwords()) or not typed.isascii()


def test_the_passwords_that_everybody_tries_are_more_than_a_thousand_and_none_is_too_short_anyway() -> None:
    assert 1_500 <= len(common_passwords())
    assert all(len(password) >= LEAST_PASSWORD for password in common_passwords() if password)


def test_signing_out_lets_the_browser_forget_what_it_has_kept(admin: Guest) -> None:
    assert '"cache"' == admin.post("/sign-out").headers["clear-site-data"]


def rows(collector: Collector) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(f"file:{collector.database}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: list(connection.execute(f'SELECT * FROM "{name}"')) for name in names if name not in NOTES}


def test_asking_for_a_page_or_an_answer_changes_nothing(collector: Collector, admin: Guest) -> None:
    before = rows(collector)

    for rules, get in ((API_RULES, collector.client.get), (DASHBOARD_RULES, admin.glance)):
        for rule in rules:
            method, _, path = rule.partition(" ")
            if method == "GET":
                get(re.sub(r"\{\w+_id\}", "1", path.replace("{project_id}", "shop")))

    assert before == rows(collector)
