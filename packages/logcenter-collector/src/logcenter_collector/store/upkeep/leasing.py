"""Take, prolong and give back the leases of jobs, with a note of how these ended; ``domain/lease.py`` says who may.

That a lease finds room says nothing of whether reports do, so it does not count for whether the storage is ready.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, select, update

from logcenter_collector.domain.lease import LEASE, Lease, may_take
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import insert
from logcenter_collector.store.tables import leases


def look_at_lease(database: Database, job: str) -> Lease | None:
    """Return who works at a job, or until when it rests; None when nobody ever did it."""
    with database.read() as connection:
        return _load(connection, job)


def take_lease(  # noqa: PLR0913 - who, what and when
    database: Database, job: str, holder: str, now: datetime, period: timedelta, *, early: bool = False
) -> bool:
    """Take the lease of a job; False when another works at it or it is not due."""
    # Most of the time it is not due, and a look costs no write.
    if not may_take(look_at_lease(database, job), holder, now, period, early=early):
        return False
    with database.try_to_write() as connection:
        found = _load(connection, job)
        if not may_take(found, holder, now, period, early=early):
            return False
        if found is None:
            new = insert(connection, leases).values(name=job, holder=holder, expires_at=now + LEASE)
            return connection.execute(new.on_conflict_do_nothing().returning(leases.c.name)).first() is not None
        return _change(connection, job, found.holder, Lease(holder, now + LEASE))


def renew_lease(database: Database, job: str, holder: str, now: datetime) -> bool:
    """Prolong one's own lease; False when another has taken it over."""
    with database.try_to_write() as connection:
        return _change(connection, job, holder, Lease(holder, now + LEASE))


@frozen(kw_only=True)
class Ended:
    """How a job ended."""

    at: datetime
    did: str | None = None
    """What it came to, in words; None where there was nothing to do."""
    error: str | None = None
    """Why it failed."""


@frozen(kw_only=True)
class Standing:
    """How a job stands: its lease, and what came of it lately."""

    lease: Lease
    ran_at: datetime | None
    did: str | None
    did_at: datetime | None
    error: str | None


def list_standing(database: Database) -> Mapping[str, Standing]:
    """Return how each job stands that was ever begun, by its name."""
    with database.read() as connection:
        found = connection.execute(select(leases)).all()
    return {
        row.name: Standing(
            lease=Lease(row.holder, row.expires_at),
            ran_at=row.ran_at,
            did=row.did,
            did_at=row.did_at,
            error=row.error,
        )
        for row in found
    }


def give_back_lease(database: Database, job: str, holder: str, due_at: datetime, ended: Ended | None = None) -> None:
    """End one's own lease; the job rests until it is due again. How it ended is noted, unless it was stopped."""
    with database.try_to_write() as connection:
        _change(connection, job, holder, Lease("", due_at), _noted(ended))


def _noted(ended: Ended | None) -> dict[str, Any]:
    if ended is None:
        return {}
    if ended.error is not None:
        return {"error": ended.error}
    did = {} if ended.did is None else {"did": ended.did, "did_at": ended.at}
    return {"ran_at": ended.at, "error": None, **did}


def _load(connection: Connection, job: str) -> Lease | None:
    """Return the lease; in a transaction that writes, nobody else changes it until the end."""
    statement = select(leases.c.holder, leases.c.expires_at).where(leases.c.name == job)
    if connection.get_execution_options().get("writes"):
        statement = statement.with_for_update()
    found = connection.execute(statement).first()
    return None if found is None else Lease(found.holder, found.expires_at)


def _change(
    connection: Connection, job: str, holder: str, lease: Lease, noted: Mapping[str, Any] | None = None
) -> bool:
    statement = update(leases).where(leases.c.name == job, leases.c.holder == holder)
    values = {"holder": lease.holder, "expires_at": lease.expires_at, **(noted or {})}
    return connection.execute(statement.values(values)).rowcount == 1
