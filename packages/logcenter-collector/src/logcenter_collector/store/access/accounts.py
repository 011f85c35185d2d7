"""The accounts of people: load, add, change."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import evolve
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select, update

from logcenter_collector.domain.access import Role
from logcenter_collector.domain.people import Account, PeopleRefusedError
from logcenter_collector.store.access.tables import accounts
from logcenter_collector.store.dialects import insert


def is_anybody_there(connection: Connection) -> bool:
    """Whether there is any account, be it disabled or only invited."""
    return connection.execute(select(accounts.c.id).limit(1)).first() is not None


def load_accounts(connection: Connection) -> tuple[Account, ...]:
    """Return all accounts, by name."""
    statement = _locked(connection, select(accounts).order_by(accounts.c.id))
    found = [_to_account(row) for row in connection.execute(statement).mappings()]
    return tuple(sorted(found, key=lambda account: account.name))


def load_account(connection: Connection, account_id: int) -> Account | None:
    """Return one account, or None."""
    return _find(connection, accounts.c.id == account_id)


def account_named(connection: Connection, name: str) -> Account | None:
    """Return the account that has a name, or None."""
    return _find(connection, accounts.c.name == name)


def account_of_subject(connection: Connection, issuer: str, subject: str) -> Account | None:
    """Return the account of somebody whom an identity provider knows, or None."""
    return _find(connection, accounts.c.oidc_issuer == issuer, accounts.c.oidc_subject == subject)


def add_account(connection: Connection, account: Account) -> Account:
    """Add an account and return it with its id. Raises PeopleRefusedError when the name is taken."""
    values = {**_of_account(account), "created_at": account.created_at}
    statement = insert(connection, accounts).values(values).on_conflict_do_nothing().returning(accounts.c.id)
    added = connection.execute(statement).first()
    if added is None:
        raise PeopleRefusedError("name_taken", "name")
    return evolve(account, id=added.id)


def save_account(connection: Connection, account: Account) -> None:
    """Write what may change of an account."""
    connection.execute(update(accounts).where(accounts.c.id == account.id).values(_of_account(account)))


def note_sign_in(connection: Connection, account_id: int, now: datetime) -> None:
    """Write when somebody signed in last."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(last_signed_in_at=now))


def _find(connection: Connection, *conditions: ColumnElement[bool]) -> Account | None:
    row = connection.execute(_locked(connection, select(accounts).where(*conditions))).mappings().first()
    return None if row is None else _to_account(row)


def _locked(connection: Connection, statement: Select[Any]) -> Select[Any]:
    """Return a statement after which, in a transaction that writes, nobody else changes what it found until the end."""
    return statement.with_for_update() if connection.get_execution_options().get("writes") else statement


def _of_account(account: Account) -> Mapping[str, Any]:
    return {
        "name": account.name,
        "display_name": account.display_name,
        "role": account.role.value,
        "projects": None if account.projects is None else json.dumps(sorted(account.projects)),
        "password_hash": account.password_hash,
        "oidc_issuer": account.oidc_issuer,
        "oidc_subject": account.oidc_subject,
        "disabled_at": account.disabled_at,
    }


def _to_account(row: RowMapping) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        role=Role(row["role"]),
        projects=None if row["projects"] is None else frozenset(json.loads(row["projects"])),
        password_hash=row["password_hash"],
        oidc_issuer=row["oidc_issuer"],
        oidc_subject=row["oidc_subject"],
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        last_signed_in_at=row["last_signed_in_at"],
    )
