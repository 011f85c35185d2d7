"""Doors of collectors inside the test's own process, and who comes to them."""

from collections.abc import Mapping
from typing import Final

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.issuing import TokenWish, issue_token
from logcenter_collector.domain.access import ANYONE, SCOPES_OF, Principal, Role, Scope
from logcenter_collector.domain.openness import Openness
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection
from support.stores import START

WISHES: Final[Mapping[str, TokenWish]] = {
    "reporter": TokenWish(name="reporter", scopes=frozenset({Scope.REPORT})),
    "viewer": TokenWish(name="viewer", scopes=SCOPES_OF[Role.VIEWER]),
    "member": TokenWish(name="member", scopes=SCOPES_OF[Role.MEMBER]),
    "admin": TokenWish(name="admin", scopes=SCOPES_OF[Role.ADMIN]),
    "shop member": TokenWish(name="shop", scopes=SCOPES_OF[Role.MEMBER], projects=frozenset({"shop"})),
    "shop admin": TokenWish(name="shop-admin", scopes=frozenset(Scope), projects=frozenset({"shop"})),
}
"""Tokens of every kind."""


def open_door(store: SqlStore) -> Doorway:
    """Return the door of a collector on a loopback address."""
    return Doorway(credentials=Credentials(store.database), openness=Openness(bind_host="127.0.0.1"))


def closed_door(store: SqlStore) -> Doorway:
    """Return the door of a collector that others reach."""
    return Doorway(credentials=Credentials(store.database), openness=Openness(bind_host="0.0.0.0"))


def tokens_of(doorway: Doorway) -> dict[str, str]:
    """Make a token of every kind, and return their secrets."""
    by = By(principal=ANYONE)
    return {who: issue_token(doorway.credentials, wish, by, START)[1] for who, wish in WISHES.items()}


async def anyone(_connection: Connection) -> Principal:
    """Know everybody as anyone, as a dashboard that is open does."""
    return ANYONE
