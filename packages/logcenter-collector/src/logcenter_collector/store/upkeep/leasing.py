"""Take, prolong and give back the leases of jobs; who may is decided by ``domain/lease.py``.

That a lease finds room says nothing of whether reports do, so it does not count for whether the storage is ready.
"""

from datetime import datetime, timedelta

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


def give_back_lease(database: Database, job: str, holder: str, due_at: datetime) -> None:
    """End one's own lease; the job rests until it is due again."""
    with database.try_to_write() as connection:
        _change(connection, job, holder, Lease("", due_at))


def _load(connection: Connection, job: str) -> Lease | None:
    """Return the lease; in a transaction that writes, nobody else changes it until the end."""
    statement = select(leases.c.holder, leases.c.expires_at).where(leases.c.name == job)
    if connection.get_execution_options().get("writes"):
        statement = statement.with_for_update()
    found = connection.execute(statement).first()
    return None if found is None else Lease(found.holder, found.expires_at)


def _change(connection: Connection, job: str, holder: str, lease: Lease) -> bool:
    statement = update(leases).where(leases.c.name == job, leases.c.holder == holder)
    return connection.execute(statement.values(holder=lease.holder, expires_at=lease.expires_at)).rowcount == 1
