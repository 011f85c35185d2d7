"""Tokens in the store, and what a process knows of them."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.secrets import TOKEN_PREFIX, hashed, hint_of, new_secret
from logcenter_collector.domain.access import ANYONE, PrincipalKind, Role, Scope
from logcenter_collector.domain.credentials import NO_DEMANDS, DoorRecord, KeyRecord
from logcenter_collector.store.access import tables
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.tokens import NewToken, Token, create_token, list_tokens, revoke_token
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.sql import SqlStore
from support.stores import START

BY = By(principal=ANYONE, address="192.0.2.7")
LATER = START + timedelta(hours=1)


def make(store: SqlStore, secret: str, **more: Any) -> Token:
    """Make a token of a secret."""
    new = NewToken(
        hash=hashed(secret), hint=hint_of(secret), **{"name": "ci", "scopes": frozenset({Scope.READ}), **more}
    )
    return create_token(store.database, new, BY, START)


def audited(store: SqlStore, subject: object) -> list[tuple[str, Any]]:
    """Return the actions on a subject, and what was noted of them."""
    table = tables.audit
    with store.database.read() as connection:
        found = connection.execute(select(table).where(table.c.subject == str(subject)).order_by(table.c.id)).mappings()
        return [(row["action"], json.loads(row["detail"] or "null")) for row in found]


def test_a_token_is_listed_without_its_secret_and_kept_as_a_hash(sql_store: SqlStore) -> None:
    secret = new_secret(TOKEN_PREFIX)
    token = make(sql_store, secret, projects=frozenset({"shop"}), expires_at=LATER)

    assert token == next(each for each in list_tokens(sql_store.database) if each.id == token.id)
    assert (secret[:8], frozenset({Scope.READ}), frozenset({"shop"})) == (token.hint, token.scopes, token.projects)
    with sql_store.database.read() as connection:
        for table in (tables.tokens, tables.audit):
            assert secret not in str(connection.execute(select(table)).all())


def test_making_and_revoking_are_in_the_audit_log(sql_store: SqlStore) -> None:
    token = make(sql_store, new_secret(TOKEN_PREFIX))
    revoke_token(sql_store.database, token.id, BY, LATER)
    revoke_token(sql_store.database, token.id, BY, LATER)

    detail = {"name": "ci", "scopes": ["read"], "projects": None, "expires_at": None}
    assert [("token.create", detail), ("token.revoke", None)] == audited(sql_store, token.id)


def test_a_token_that_is_not_there_is_not_revoked(sql_store: SqlStore) -> None:
    assert revoke_token(sql_store.database, 10**6, BY, START) is None
    assert [] == audited(sql_store, 10**6)


def test_a_token_lets_in_until_it_expires(sql_store: SqlStore) -> None:
    secret = new_secret(TOKEN_PREFIX)
    make(sql_store, secret, projects=frozenset({"shop"}), expires_at=LATER)
    credentials = Credentials(sql_store.database)

    principal = credentials.principal_of_token(secret, LATER - timedelta(seconds=1))

    assert principal is not None
    assert (PrincipalKind.TOKEN, "token:ci") == (principal.kind, principal.name)
    assert principal.may(Scope.READ, "shop")
    assert not principal.may(Scope.TRIAGE, "shop")
    assert not principal.may(Scope.READ, "other")
    assert credentials.principal_of_token(secret, LATER) is None


@pytest.mark.parametrize("wrong", ["", "lct_", "x" * 5_000, "lct_ä"])
def test_what_is_no_token_lets_nobody_in(sql_store: SqlStore, wrong: str) -> None:
    assert Credentials(sql_store.database).principal_of_token(wrong, START) is None


def test_what_another_collector_changed_is_seen_with_the_next_look(sql_store: SqlStore) -> None:
    secret = new_secret(TOKEN_PREFIX)
    credentials = Credentials(sql_store.database)
    token = make(sql_store, secret)

    credentials.refresh()
    assert credentials.principal_of_token(secret, START) is not None

    revoke_token(sql_store.database, token.id, BY, LATER)
    credentials.refresh()
    assert credentials.principal_of_token(secret, START) is None


def test_when_a_token_was_last_used_is_written_with_the_next_look(sql_store: SqlStore) -> None:
    secret = new_secret(TOKEN_PREFIX)
    token = make(sql_store, secret)
    credentials = Credentials(sql_store.database)

    def last_used() -> object:
        return next(each.last_used_at for each in list_tokens(sql_store.database) if each.id == token.id)

    for seconds, written in ((5, 5), (6, 5), (70, 70), (40, 70)):  # a minute is exact enough
        credentials.principal_of_token(secret, START + timedelta(seconds=seconds))
        credentials.refresh()
        assert START + timedelta(seconds=written) == last_used()


def test_while_the_storage_is_gone_the_last_that_was_known_counts(tmp_path: Path) -> None:
    file, secret = tmp_path / "logcenter.db", new_secret(TOKEN_PREFIX)
    with closing(SqlStore(f"sqlite:///{file}")) as store:
        make(store, secret)
        credentials = Credentials(store.database)
        store.database.close()
        file.rename(tmp_path / "elsewhere.db")
        file.mkdir()

        with pytest.raises(StoreUnavailableError):
            credentials.refresh()

        assert credentials.principal_of_token(secret, START) is not None


@contextmanager
def account(store: SqlStore, **values: Any) -> Iterator[int]:
    """Have an account for a while."""
    table = tables.accounts
    with store.database.write() as connection:
        row = {"name": "mei", "role": Role.MEMBER, "created_at": START, **values}
        number = connection.execute(table.insert().values(row).returning(table.c.id)).scalar_one()
    yield number
    with store.database.write() as connection:
        connection.execute(table.delete())


def test_a_person_s_token_is_good_for_what_the_person_may_do(sql_store: SqlStore) -> None:
    secret = new_secret(TOKEN_PREFIX)
    with account(sql_store, projects='["shop", "cart"]') as owner:
        make(sql_store, secret, scopes=frozenset(Scope), projects=frozenset({"shop", "else"}), account_id=owner)
        principal = Credentials(sql_store.database).principal_of_token(secret, START)

    assert principal is not None
    assert {Scope.READ, Scope.TRIAGE, Scope.REPORT} == principal.scopes
    assert frozenset({"shop"}) == principal.projects


def test_a_person_s_token_is_gone_with_the_person(sql_store: SqlStore) -> None:
    secret = new_secret(TOKEN_PREFIX)
    with account(sql_store, disabled_at=START) as owner:
        make(sql_store, secret, account_id=owner)
        assert Credentials(sql_store.database).principal_of_token(secret, START) is None
    assert Credentials(sql_store.database).principal_of_token(secret, START) is None


def test_a_disabled_account_is_an_account_too(sql_store: SqlStore) -> None:
    assert not Credentials(sql_store.database).has_accounts
    with account(sql_store, disabled_at=START):
        assert Credentials(sql_store.database).has_accounts


def test_keys_and_doors_are_known_as_well(sql_store: SqlStore) -> None:
    secret, other = new_secret("lck_"), new_secret("lck_")
    row = {"project_id": "shop", "name": "web", "hint": "lck_", "created_at": START, "created_by": "mei"}
    door = {"project_id": "shop", "requires_key": True, "per_day": 5, "scrub_names": '["iban"]', "scrub_patterns": "[]"}
    with sql_store.database.write() as connection:
        keys = tables.ingest_keys
        number = connection.execute(
            keys.insert().values({**row, "hash": hashed(secret), "per_minute": 9}).returning(keys.c.id)
        ).scalar_one()
        connection.execute(keys.insert().values({**row, "hash": hashed(other), "revoked_at": START}))
        connection.execute(tables.project_doors.insert(), {**door, "updated_at": START})
    credentials = Credentials(sql_store.database)

    assert KeyRecord(id=number, project_id="shop", per_minute=9) == credentials.key_of(secret, START)
    assert credentials.key_of(other, START) is None
    assert DoorRecord(requires_key=True, per_day=5, scrub_names=("iban",)) == credentials.door_of("shop")
    assert NO_DEMANDS == credentials.door_of("cart")
