"""The first start: somebody has to be let in who lets others in."""

from collections.abc import Callable
from datetime import datetime

from attrs import field, frozen
from sqlalchemy import select

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.issuing import TokenWish, issue_token
from logcenter_collector.domain.access import Scope
from logcenter_collector.store.access.audit import BY_COLLECTOR, By
from logcenter_collector.store.access.tables import accounts, tokens


@frozen(kw_only=True)
class FirstStart:
    """What is shown once, to whoever started the collector."""

    token: str = field(repr=False)
    link: str | None = field(repr=False)
    """Where the first account is made."""


def first_start(
    credentials: Credentials, now: datetime, *, has_admin_token: bool, make_link: Callable[[By], str] | None = None
) -> FirstStart | None:
    """Make an administrator's token and a link, or return None where there was an account or a token before."""
    if has_admin_token or _somebody_was_here(credentials):
        return None
    wish = TokenWish(name="administrator", scopes=frozenset(Scope))
    _, secret = issue_token(credentials, wish, BY_COLLECTOR, now)
    return FirstStart(token=secret, link=make_link(BY_COLLECTOR) if make_link else None)


def _somebody_was_here(credentials: Credentials) -> bool:
    with credentials.database.read() as connection:
        return any(connection.execute(select(table.c.id).limit(1)).first() for table in (accounts, tokens))
