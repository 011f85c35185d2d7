"""Accounts, sessions and links on each kind of database, with a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from attrs import define, evolve, field
from sqlalchemy import select, update

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.people import Terms
from logcenter_collector.access.sign_in import Browser
from logcenter_collector.domain.access import ANYONE, Role, Scope
from logcenter_collector.domain.oidc import Identity
from logcenter_collector.domain.openness import Openness
from logcenter_collector.domain.people import IDLE, LIFETIME, LINK_LIFETIME, NOTE_EVERY, Account, PeopleRefusedError
from logcenter_collector.store.access.audit import BY_COLLECTOR, By
from logcenter_collector.store.access.tables import accounts, audit, sessions
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.ui.front import Front, open_front
from support.visiting import PASSWORD

SECOND = timedelta(seconds=1)
MEMBER = Terms(role=Role.MEMBER)


@define
class House:
    """A door, and a clock that stands still until it is moved."""

    store: SqlStore
    now: datetime = datetime(2026, 2, 20, 10, tzinfo=UTC)
    front: Front = field(init=False)

    def __attrs_post_init__(self) -> None:
        closed = Openness(bind_host="0.0.0.0")
        doorway = Doorway(credentials=Credentials(self.store.database), openness=closed)
        self.front = open_front(doorway, lambda: self.now)

    def person(self, terms: Terms = MEMBER) -> Account:
        """Somebody new who has come."""
        _, link = self.front.people.invite(f"p{uuid4().hex}", terms, BY_COLLECTOR)
        return self.front.people.use_link(link, "", PASSWORD, None)

    def sign_in(self, account: Account, password: str = PASSWORD) -> str:
        return self.front.sign_in.by_password(account.name, password, Browser(address=uuid4().hex))

    def is_in(self, session: str) -> bool:
        return self.front.sign_in.visitor(session) is not None

    def actions(self) -> list[str]:
        """What is in the audit log, the oldest first."""
        with self.store.database.read() as connection:
            return [row.action for row in connection.execute(select(audit).order_by(audit.c.id))]


@pytest.fixture
def house(sql_store: SqlStore) -> House:
    return House(sql_store)


def test_a_session_that_nobody_uses_ends_after_two_weeks(house: House) -> None:
    session = house.sign_in(house.person())

    house.now += IDLE - SECOND
    assert house.is_in(session)
    house.now += IDLE
    assert not house.is_in(session)


def test_a_session_that_is_used_every_day_ends_after_ninety_days(house: House) -> None:
    session = house.sign_in(house.person())

    days = 0
    while house.is_in(session):
        house.now += timedelta(days=1)
        days += 1

    assert LIFETIME.days == days


def test_a_page_view_is_a_write_once_in_ten_minutes_only(house: House) -> None:
    begun = house.now
    session = house.sign_in(house.person())
    seen = []
    for wait in (NOTE_EVERY - SECOND, SECOND, SECOND):
        house.now += wait
        visitor = house.front.sign_in.visitor(session)
        assert visitor is not None
        with house.store.database.read() as connection:
            known = connection.execute(select(sessions.c.last_seen_at).where(sessions.c.hash == visitor.session.hash))
            seen.append(known.scalar_one() - begun)

    assert [timedelta(), NOTE_EVERY, NOTE_EVERY] == seen


def test_sessions_that_are_over_are_forgotten(house: House) -> None:
    person = house.person()
    house.sign_in(person)
    house.now += IDLE

    house.sign_in(person)

    with house.store.database.read() as connection:
        assert 1 == len(connection.execute(select(sessions).where(sessions.c.account_id == person.id)).all())


@pytest.mark.parametrize("use", ["used", "late", "disabled", "replaced"])
def test_a_link_opens_nothing_when_it_is_over(house: House, use: str) -> None:
    person = house.person()
    link = house.front.people.link_for(person.id, BY_COLLECTOR)
    assert link is not None
    assert house.front.people.open_link(link) is not None

    if use == "used":
        house.front.people.use_link(link, "", PASSWORD, None)
    elif use == "late":
        house.now += LINK_LIFETIME
    elif use == "disabled":
        house.front.people.disable(person.id, BY_COLLECTOR)
    else:
        house.front.people.link_for(person.id, BY_COLLECTOR)

    assert house.front.people.open_link(link) is None
    with pytest.raises(PeopleRefusedError, match="link_over"):
        house.front.people.use_link(link, "", PASSWORD, None)


def test_a_link_for_a_new_password_ends_the_sessions_and_the_old_password(house: House) -> None:
    person = house.person()
    session = house.sign_in(person)
    link = house.front.people.link_for_administrator(BY_COLLECTOR, name=person.name.upper())

    house.front.people.use_link(link, "", "another sentence", None)

    assert not house.is_in(session)
    with pytest.raises(PeopleRefusedError, match="wrong_password"):
        house.sign_in(person)
    assert house.is_in(house.sign_in(person, "another sentence"))


def test_who_was_invited_cannot_sign_in_before_they_came(house: House) -> None:
    account, _ = house.front.people.invite(f"p{uuid4().hex}", MEMBER, BY_COLLECTOR)

    with pytest.raises(PeopleRefusedError, match="wrong_password"):
        house.sign_in(account)


def test_a_name_belongs_to_one(house: House) -> None:
    person = house.person()

    with pytest.raises(PeopleRefusedError, match="name_taken"):
        house.front.people.invite(person.name.upper(), MEMBER, BY_COLLECTOR)


def test_the_first_of_an_open_collector_is_an_administrator(database_url: str) -> None:
    store = SqlStore(database_url)
    people = House(store).front.people

    with pytest.raises(PeopleRefusedError, match="first_admin"):
        people.invite("viewer", Terms(role=Role.VIEWER), By(principal=ANYONE))

    store.close()


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(house: House) -> None:
    person = house.person()
    session = house.sign_in(person)

    house.front.people.change(person.id, Terms(role=Role.VIEWER, projects=frozenset({"shop"})), BY_COLLECTOR)

    visitor = house.front.sign_in.visitor(session)
    assert visitor is not None
    assert ({Scope.READ}, {"shop"}) == (set(visitor.principal.scopes), set(visitor.principal.projects or ()))


def test_a_disabled_account_can_be_let_in_again_and_its_old_sessions_are_not(house: House) -> None:
    person = house.person()
    session = house.sign_in(person)

    house.front.people.disable(person.id, BY_COLLECTOR)
    with pytest.raises(PeopleRefusedError, match="wrong_password"):
        house.sign_in(person)
    house.front.people.enable(person.id, BY_COLLECTOR)

    assert not house.is_in(session)
    assert house.is_in(house.sign_in(person))


def test_a_password_whose_hash_is_too_cheap_is_hashed_anew_when_it_is_typed(house: House) -> None:
    person = house.person()
    cheap = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with house.store.database.write() as connection:
        connection.execute(update(accounts).where(accounts.c.id == person.id).values(password_hash=cheap))

    house.sign_in(person)

    known = house.front.people.account(person.id)
    assert known is not None
    assert known.password_hash != cheap
    assert house.is_in(house.sign_in(person))


def test_every_change_is_in_the_audit_log(house: House) -> None:
    before = len(house.actions())
    person = house.person()
    people, by = house.front.people, By(principal=person.principal)
    session = house.front.sign_in.visitor(house.sign_in(person))
    assert session is not None
    people.change(person.id, Terms(role=Role.VIEWER), BY_COLLECTOR)
    people.change_password(person.id, PASSWORD, "another sentence", by, session=session.session.hash)
    house.front.sign_in.end(session, session.session.hash, None)
    people.disable(person.id, BY_COLLECTOR)
    people.enable(person.id, BY_COLLECTOR)
    people.link_for(person.id, BY_COLLECTOR)

    expected = [
        "account.invite",
        "account.password",
        "session.begin",
        "account.change",
        "account.password",
        "session.end",
        "account.disable",
        "account.enable",
        "account.link",
    ]
    assert expected == house.actions()[before:]


def test_who_comes_from_a_provider_gets_an_account_once_and_nobody_else_s(house: House) -> None:
    taken = house.person()
    identity = Identity(issuer="https://id.example", subject=uuid4().hex, names=(taken.name,), display_name="Li Lei")

    first = house.front.people.known_by(identity, Role.VIEWER, None)
    again = house.front.people.known_by(evolve(identity, names=("other",)), Role.ADMIN, None)

    assert (f"{taken.name}-2", "Li Lei", Role.VIEWER, None) == (
        first.name,
        first.display_name,
        first.role,
        first.password_hash,
    )
    assert first == evolve(again, last_signed_in_at=None)
    house.front.people.disable(first.id, BY_COLLECTOR)
    with pytest.raises(PeopleRefusedError, match="disabled"):
        house.front.people.known_by(identity, Role.VIEWER, None)


def test_whoever_is_told_of_changes_is_told_of_each(house: House) -> None:
    told: list[str] = []
    people = evolve(house.front.people, changed=lambda: told.append("changed"))
    account, link = people.invite(f"p{uuid4().hex}", MEMBER, BY_COLLECTOR)
    people.use_link(link, "", PASSWORD, None)
    people.change(account.id, Terms(role=Role.VIEWER), BY_COLLECTOR)
    people.disable(account.id, BY_COLLECTOR)

    assert ["changed"] * 4 == told
