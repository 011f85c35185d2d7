"""Doors of collectors inside the test's own process."""

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.domain.access import ANYONE, Principal
from logcenter_collector.domain.openness import Openness
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection


def open_door(store: SqlStore) -> Doorway:
    """Return the door of a collector on a loopback address."""
    return Doorway(credentials=Credentials(store.database), openness=Openness(bind_host="127.0.0.1"))


async def anyone(_connection: Connection) -> Principal:
    """Know everybody as anyone, as a dashboard that is open does."""
    return ANYONE
