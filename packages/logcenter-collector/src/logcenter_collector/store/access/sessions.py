"""Who is signed in: a row for each browser."""

from datetime import datetime

from attrs import asdict
from sqlalchemy import Connection, RowMapping, delete, or_, select, update

from logcenter_collector.domain.people import IDLE, Session
from logcenter_collector.store.access.tables import sessions


def load_session(connection: Connection, session_hash: bytes) -> Session | None:
    """Return a session, or None."""
    row = connection.execute(select(sessions).where(sessions.c.hash == session_hash)).mappings().first()
    return None if row is None else _to_session(row)


def sessions_of(connection: Connection, account_id: int) -> tuple[Session, ...]:
    """Return the sessions of an account, the one used last first."""
    found = connection.execute(select(sessions).where(sessions.c.account_id == account_id)).mappings()
    return tuple(sorted(map(_to_session, found), key=lambda session: session.last_seen_at, reverse=True))


def add_session(connection: Connection, session: Session) -> None:
    """Begin a session."""
    connection.execute(sessions.insert(), asdict(session))


def note_use(connection: Connection, session_hash: bytes, now: datetime) -> None:
    """Write that a session was used just now."""
    connection.execute(update(sessions).where(sessions.c.hash == session_hash).values(last_seen_at=now))


def end_session(connection: Connection, session_hash: bytes) -> bool:
    """End a session, and return whether there was one."""
    return connection.execute(delete(sessions).where(sessions.c.hash == session_hash)).rowcount == 1


def end_sessions_of(connection: Connection, account_id: int, *, but: bytes | None = None) -> int:
    """End the sessions of an account, but for one, and return how many there were."""
    statement = delete(sessions).where(sessions.c.account_id == account_id)
    return connection.execute(statement if but is None else statement.where(sessions.c.hash != but)).rowcount


def forget_ended_sessions(connection: Connection, now: datetime) -> None:
    """Drop what is over."""
    connection.execute(delete(sessions).where(or_(sessions.c.expires_at <= now, sessions.c.last_seen_at <= now - IDLE)))


def _to_session(row: RowMapping) -> Session:
    return Session(**row)
