"""``sign-in-link``, and what is said of settings of signing in that cannot be."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.people import People
from logcenter_collector.app import utc_now
from logcenter_collector.domain.access import Role
from logcenter_collector.store.database import Database
from support.command import Run
from support.visiting import PASSWORD

LINK = re.compile(r"http://localhost:8003/sign-in/link\?s=(lcl_[\w-]{43})\n")


def test_who_can_write_the_database_becomes_an_administrator(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'logcenter.db'}"

    done = run("sign-in-link", "--database-url", url)

    link = LINK.search(done.stdout)
    assert 0 == done.code
    assert link is not None
    with closing(Database(url)) as database:
        account = People(database, Passwords(), utc_now).use_link(link[1], "alice", PASSWORD, None)
    assert (Role.ADMIN, None) == (account.role, account.projects)


def test_a_lost_password_is_set_anew_by_a_link_for_its_name(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'logcenter.db'}"
    with closing(Database(url)) as database:
        database.migrate()
        people = People(database, Passwords(), utc_now)
        first = LINK.search(run("sign-in-link", "--database-url", url).stdout)
        assert first is not None
        alice = people.use_link(first[1], "alice", PASSWORD, None)

        link = LINK.search(run("sign-in-link", "Alice", "--database-url", url).stdout)
        assert link is not None
        again = people.use_link(link[1], "somebody-else", "another sentence", None)

    assert (alice.id, "alice") == (again.id, again.name)
    assert alice.password_hash != again.password_hash


@pytest.mark.parametrize("name", ["nobody", "no name"])
def test_a_name_that_nobody_has_gets_no_link(run: Run, tmp_path: Path, name: str) -> None:
    failed = run("sign-in-link", name, "--database-url", f"sqlite:///{tmp_path / 'logcenter.db'}")

    assert (1, "") == (failed.code, failed.stdout)
    assert f"nobody is called {name!r}" in failed.stderr


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        ("oidc-issuer must be an address", ("--oidc-issuer", "git.example.org", "--oidc-client-id", "x")),
        ("oidc-issuer needs oidc-client-id", ("--oidc-issuer", "https://git.example.org")),
        ("oidc-client-id needs oidc-issuer", ("--oidc-client-id", "x")),
        ("oidc-role must be viewer or member or admin, not 'owner'", ("--oidc-role", "owner")),
    ],
)
def test_a_provider_that_cannot_be_is_told_with_what_would_be_right(
    run: Run, said: str, flags: tuple[str, ...]
) -> None:
    failed = run("serve", *flags)

    assert 1 == failed.code
    assert said in failed.stderr
