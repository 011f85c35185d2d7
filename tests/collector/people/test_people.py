"""Names, passwords and where people are sent after they signed in."""

import threading
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.access.passwords import AT_ONCE, WAITING, Passwords, PasswordsBusyError, common_passwords
from logcenter_collector.domain.access import Role
from logcenter_collector.domain.oidc import check_domain
from logcenter_collector.domain.people import (
    Account,
    PeopleRefusedError,
    account_name,
    check_admin_remains,
    checked_password,
    local_path,
    name_from_claims,
)

NOW = datetime(2026, 2, 20, tzinfo=UTC)


def account(number: int, role: Role = Role.ADMIN, **more: object) -> Account:
    known = {"display_name": None, "projects": None, "password_hash": "x", "created_at": NOW}
    return Account(id=number, name=f"person{number}", role=role, **known | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "typed"),
    [("alice", " Alice "), ("li.lei@example.org", "li.lei@example.org"), ("a", "\uff21"), ("0_x+y-z", "0_x+y-z")],
)
def test_a_name_is_kept_in_one_spelling(expected: str, typed: str) -> None:
    assert expected == account_name(typed)


@pytest.mark.parametrize("typed", ["", " ", "a b", "李雷", "-a", ".", "a" * 65, "a\nb", "token:ci", "a/b", "<b>"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(PeopleRefusedError, match="name_form"):
        account_name(typed)


@pytest.mark.parametrize(
    ("saying", "typed"),
    [
        ("password_short", "123456789"),
        ("password_long", "ab" * 101),
        ("password_common", "Password123"),
        ("password_common", "aaaaaaaaaaaaaaa"),
        ("password_is_name", "alicesmith"),
        ("password_is_name", "AliceSmithAliceSmith"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(saying: str, typed: str) -> None:
    with pytest.raises(PeopleRefusedError, match=saying):
        checked_password(typed, "alicesmith", common_passwords())


def test_a_password_is_one_however_a_keyboard_spells_it() -> None:
    passwords = Passwords()

    known = passwords.hash_new("Cafe\u0301 au lait", "alice")

    assert passwords.check("Caf\u00e9 au lait", known)
    assert not passwords.check("Cafe au lait", known)


def test_passwords_are_hashed_as_owasp_says_and_anew_when_that_changes() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("correct horse battery")

    rehashed = Passwords().rehashed("correct horse battery", weaker)

    assert rehashed is not None
    assert rehashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords().rehashed("correct horse battery", rehashed) is None


def test_nobody_s_password_is_checked_like_anybody_s_and_never_right() -> None:
    passwords = Passwords()

    nobody = passwords._nobodys()

    assert nobody.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.check("anything at all", None)


def test_more_than_a_few_do_not_wait_for_their_turn() -> None:
    passwords = Passwords()
    begun, end = threading.Semaphore(0), threading.Event()

    def occupy() -> None:
        with passwords._place():
            begun.release()
            end.wait()

    def wait() -> None:
        passwords.check("anything at all", None)

    threads = [threading.Thread(target=occupy) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
        begun.acquire()
    for _ in range(WAITING):
        passwords._queue.acquire()  # as many as may wait do

    with pytest.raises(PasswordsBusyError):
        wait()
    end.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("expected", "wanted"),
    [
        ("/", None),
        ("/", ""),
        ("/issues/3?lang=en", "/issues/3?lang=en"),
        ("/", "//evil.example"),
        ("/", "/\\evil.example"),
        ("/", "https://evil.example/"),
        ("/", "javascript:alert(1)"),
        ("/", "/\tevil"),
        ("/", "/a\r\nSet-Cookie: x=1"),
        ("/", "issues"),
        ("/", "/%5c\\evil"),
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(expected: str, wanted: str | None) -> None:
    assert expected == local_path(wanted)


@given(st.text())
def test_a_local_path_is_always_one_of_ours(wanted: str) -> None:
    path = local_path(wanted)

    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert "\\" not in path
    assert path.isprintable()


@given(st.lists(st.text(), max_size=4), st.frozensets(st.text(), max_size=4))
def test_whatever_a_provider_calls_somebody_they_get_a_name_that_nobody_has(
    wanted: list[str], taken: frozenset[str]
) -> None:
    name = name_from_claims(wanted, taken | {"person"})

    assert name == account_name(name)
    assert name not in taken


def test_a_name_that_somebody_has_is_numbered() -> None:
    assert "alice-3" == name_from_claims(["Alice"], frozenset({"alice", "alice-2"}))


@pytest.mark.parametrize(
    "change", [{"disabled_at": NOW}, {"role": Role.MEMBER}, {"password_hash": None}], ids=["disabled", "member", "gone"]
)
def test_somebody_who_can_administrate_has_to_stay(change: dict[str, object]) -> None:
    changed = account(1, **{"role": Role.ADMIN} | change)  # type: ignore[arg-type]

    with pytest.raises(PeopleRefusedError, match="last_admin"):
        check_admin_remains(changed, [account(1), account(2, Role.MEMBER), account(3, disabled_at=NOW)])
    check_admin_remains(changed, [account(1), account(2)])


@pytest.mark.parametrize(
    ("saying", "claims"),
    [
        (None, {"email": "a@Example.org", "email_verified": True}),
        ("oidc_domain", {"email": "a@example.org.evil", "email_verified": True}),
        ("oidc_domain", {"email": "a@example.org@evil", "email_verified": True}),
        ("oidc_no_email", {"email": "a@example.org", "email_verified": False}),
        ("oidc_no_email", {"email": "a@example.org"}),
        ("oidc_no_email", {}),
    ],
)
def test_only_verified_addresses_of_the_named_domains_come_in(saying: str | None, claims: dict[str, object]) -> None:
    if saying is None:
        check_domain(claims, ["example.org"])
        return
    with pytest.raises(PeopleRefusedError, match=saying):
        check_domain(claims, ["example.org"])
