"""Who a request comes from, by its ``Authorization`` header."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import ADMINISTRATOR, Doorway, NotSignedInError
from logcenter_collector.access.secrets import hashed
from logcenter_collector.domain.access import ANYONE, Scope
from logcenter_collector.domain.openness import Openness
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.tokens import NewToken, create_token
from logcenter_collector.store.sql import SqlStore
from support.stores import START

OPEN, CLOSED = Openness(bind_host="127.0.0.1"), Openness(bind_host="0.0.0.0")
SECRET, ADMIN = "lct_of-a-token", "an-administrator-s-token"


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Credentials]:
    with closing(SqlStore(f"sqlite:///{tmp_path_factory.mktemp('doorway') / 'logcenter.db'}")) as store:
        new = NewToken(hash=hashed(SECRET), hint="", name="ci", scopes=frozenset({Scope.READ}))
        create_token(store.database, new, By(principal=ANYONE), START)
        yield Credentials(store.database)


@pytest.mark.parametrize("header", [None, "", "Bearer nonsense", f"Bearer {SECRET}"])
def test_everybody_is_let_into_an_open_collector(credentials: Credentials, header: str | None) -> None:
    assert Doorway(credentials=credentials, openness=OPEN).enter(header, START) is ANYONE


@pytest.mark.parametrize("header", [f"Bearer {SECRET}", f"bearer {SECRET}", f" Bearer   {SECRET} "])
def test_the_holder_of_a_token_is_let_into_a_closed_one(credentials: Credentials, header: str) -> None:
    assert "token:ci" == Doorway(credentials=credentials, openness=CLOSED).enter(header, START).name


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", SECRET, f"Basic {SECRET}", f"Bearer {SECRET}x", "Bearer \xff", "Bearer a b"],
)
def test_nobody_else_is(credentials: Credentials, header: str | None) -> None:
    with pytest.raises(NotSignedInError):
        Doorway(credentials=credentials, openness=CLOSED).enter(header, START)


def test_the_administrator_s_token_of_the_settings_lets_in(credentials: Credentials) -> None:
    doorway = Doorway(credentials=credentials, openness=CLOSED, admin_token=ADMIN)

    assert ADMINISTRATOR == doorway.enter(f"Bearer {ADMIN}", START)
    with pytest.raises(NotSignedInError):
        doorway.enter(f"Bearer {ADMIN[:-1]}", START)


def test_without_such_a_setting_an_empty_token_lets_nobody_in(credentials: Credentials) -> None:
    assert Doorway(credentials=credentials, openness=CLOSED).holder_of("", START) is None


def test_what_is_printed_of_a_doorway_has_no_secret_in_it(credentials: Credentials) -> None:
    assert ADMIN not in repr(Doorway(credentials=credentials, openness=CLOSED, admin_token=ADMIN))
