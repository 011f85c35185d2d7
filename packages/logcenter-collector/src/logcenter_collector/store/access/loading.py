"""Read what is known of credentials and doors, for the snapshot that every collector keeps in memory."""

import json
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select

from logcenter_collector.domain.access import SCOPES_OF, Role, Scope
from logcenter_collector.domain.credentials import DoorRecord, KeyRecord, Known, TokenRecord
from logcenter_collector.store.access.spelled import read_projects, read_scopes
from logcenter_collector.store.access.tables import accounts, audit, ingest_keys, project_doors, tokens

Version = tuple[int, int, int]
"""Another one whenever something was changed; whatever changes credentials, accounts or doors is in the audit log."""

_LATEST: Final = 500
"""Entries that are looked at. PostgreSQL commits them in any order: one that comes late pushes out the oldest."""


def read_version(connection: Connection) -> Version:
    """Return the version of what ``load_known`` would return."""
    latest = select(audit.c.id).order_by(audit.c.id.desc()).limit(_LATEST).subquery()
    newest, oldest, count = connection.execute(select(func.max(latest.c.id), func.min(latest.c.id), func.count())).one()
    return newest or 0, oldest or 0, count


def load_known(connection: Connection) -> Known:
    """Return everything, as it is now."""
    return Known(
        tokens=dict(_tokens(connection)),
        keys=dict(_keys(connection)),
        doors=dict(_doors(connection)),
        has_accounts=connection.execute(select(accounts.c.id).limit(1)).first() is not None,
    )


def _tokens(connection: Connection) -> Iterator[tuple[bytes, TokenRecord]]:
    """Yield the tokens that nobody revoked; one of a person is good for what they may do, and gone with them."""
    people = {row["id"]: row for row in connection.execute(select(accounts)).mappings()}
    for row in connection.execute(select(tokens).where(tokens.c.revoked_at.is_(None))).mappings():
        scopes, projects = read_scopes(row["scopes"]), read_projects(row["projects"])
        if row["account_id"] is not None:
            owner = people.get(row["account_id"])
            if owner is None or owner["disabled_at"] is not None:
                continue
            scopes &= SCOPES_OF[Role(owner["role"])] | {Scope.REPORT}
            projects = _both(projects, read_projects(owner["projects"]))
        yield (
            bytes(row["hash"]),
            TokenRecord(id=row["id"], name=row["name"], scopes=scopes, projects=projects, expires_at=row["expires_at"]),
        )


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _keys(connection: Connection) -> Iterator[tuple[bytes, KeyRecord]]:
    for row in connection.execute(select(ingest_keys).where(ingest_keys.c.revoked_at.is_(None))).mappings():
        record = KeyRecord(id=row["id"], project_id=row["project_id"], per_minute=row["per_minute"])
        yield bytes(row["hash"]), record


def _doors(connection: Connection) -> Iterator[tuple[str, DoorRecord]]:
    for row in connection.execute(select(project_doors)).mappings():
        yield row["project_id"], to_door(row)


def to_door(row: RowMapping) -> DoorRecord:
    """Return what a project demands."""
    return DoorRecord(
        requires_key=row["requires_key"],
        per_minute=row["per_minute"],
        per_day=row["per_day"],
        scrub_names=tuple(json.loads(row["scrub_names"])),
        scrub_patterns=tuple(json.loads(row["scrub_patterns"])),
    )
