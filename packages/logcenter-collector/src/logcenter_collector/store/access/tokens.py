"""Tokens: made, listed, revoked, and when they were last used."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, RowMapping, or_, select, update

from logcenter_collector.domain.access import Scope
from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.access.spelled import read_projects, read_scopes, write_projects, write_scopes
from logcenter_collector.store.access.tables import ingest_keys, tokens
from logcenter_collector.store.database import Database


@frozen(kw_only=True)
class NewToken:
    """A token to make."""

    hash: bytes
    hint: str
    name: str
    scopes: frozenset[Scope]
    projects: frozenset[str] | None = None
    expires_at: datetime | None = None
    account_id: int | None = None


@frozen(kw_only=True)
class Token:
    """A token as it is listed; nothing here lets anybody in."""

    id: int
    name: str
    hint: str
    scopes: frozenset[Scope]
    projects: frozenset[str] | None
    account_id: int | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def create_token(database: Database, new: NewToken, by: By, now: datetime) -> Token:
    """Make a token and return it."""
    with database.write() as connection:
        return add_token(connection, new, by, now)


def add_token(connection: Connection, new: NewToken, by: By, now: datetime) -> Token:
    """Make a token in a transaction that does more."""
    row = {
        "hash": new.hash,
        "hint": new.hint,
        "name": new.name,
        "scopes": write_scopes(new.scopes),
        "projects": write_projects(new.projects),
        "account_id": new.account_id,
        "created_at": now,
        "created_by": by.principal.name,
        "expires_at": new.expires_at,
    }
    made = connection.execute(tokens.insert().values(row).returning(*tokens.c)).mappings().one()
    expires = new.expires_at.isoformat() if new.expires_at else None
    detail = {"name": new.name, "scopes": sorted(new.scopes), "projects": _listed(new.projects), "expires_at": expires}
    write_audit(connection, AuditEntry(at=now, by=by, action="token.create", subject=str(made["id"]), detail=detail))
    return _to_token(made)


def list_tokens(database: Database) -> tuple[Token, ...]:
    """Return all tokens, the latest first, revoked and expired ones as well."""
    with database.read() as connection:
        found = connection.execute(select(tokens).order_by(tokens.c.id.desc())).mappings()
        return tuple(_to_token(row) for row in found)


def revoke_token(database: Database, token_id: int, by: By, now: datetime) -> Token | None:
    """Revoke a token and return it; None when there is none. One that was revoked stays as it was."""
    with database.write() as connection:
        statement = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        if connection.execute(statement.values(revoked_at=now)).rowcount:
            entry = AuditEntry(at=now, by=by, action="token.revoke", subject=str(token_id))
            write_audit(connection, entry)
        row = connection.execute(select(tokens).where(tokens.c.id == token_id)).mappings().first()
        return None if row is None else _to_token(row)


def note_used(database: Database, used_tokens: Mapping[int, datetime], used_keys: Mapping[int, datetime]) -> None:
    """Write when tokens and ingest keys were last used; an older instant never replaces a newer one."""
    with database.write() as connection:
        for table, used in ((tokens, used_tokens), (ingest_keys, used_keys)):
            for number, at in sorted(used.items()):  # in one order, as other collectors do it too
                older = or_(table.c.last_used_at.is_(None), table.c.last_used_at < at)
                connection.execute(update(table).where(table.c.id == number, older).values(last_used_at=at))


def _to_token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        hint=row["hint"],
        scopes=read_scopes(row["scopes"]),
        projects=read_projects(row["projects"]),
        account_id=row["account_id"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )


def _listed(projects: frozenset[str] | None) -> list[str] | None:
    return None if projects is None else sorted(projects)
