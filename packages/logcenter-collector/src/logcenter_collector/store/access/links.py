"""One-time links: made, looked at, used up."""

from datetime import datetime

from attrs import asdict
from sqlalchemy import Connection, delete, select, update

from logcenter_collector.domain.access import Role
from logcenter_collector.domain.people import Link
from logcenter_collector.store.access.tables import sign_in_links


def load_link(connection: Connection, link_hash: bytes) -> Link | None:
    """Return a link, or None."""
    row = connection.execute(select(sign_in_links).where(sign_in_links.c.hash == link_hash)).mappings().first()
    return None if row is None else Link(**{**row, "role": Role(row["role"])})


def add_link(connection: Connection, link: Link) -> None:
    """Add a link."""
    connection.execute(sign_in_links.insert(), {**asdict(link), "role": link.role.value})


def use_up_link(connection: Connection, link_hash: bytes, now: datetime) -> bool:
    """Note that a link has been used; False when it is over: of two who use it at once, one gets False."""
    unused = (sign_in_links.c.hash == link_hash, sign_in_links.c.used_at.is_(None), sign_in_links.c.expires_at > now)
    return connection.execute(update(sign_in_links).where(*unused).values(used_at=now)).rowcount == 1


def drop_links_of(connection: Connection, account_id: int) -> None:
    """Drop what opens an account."""
    connection.execute(delete(sign_in_links).where(sign_in_links.c.account_id == account_id))


def forget_ended_links(connection: Connection, now: datetime) -> None:
    """Drop what is over."""
    connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= now))
