"""Doors of collectors inside the test's own process."""

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.domain.openness import Openness
from logcenter_collector.store.sql import SqlStore


def open_door(store: SqlStore) -> Doorway:
    """Return the door of a collector on a loopback address: open until there is an account."""
    return Doorway(credentials=Credentials(store.database), openness=Openness(bind_host="127.0.0.1"))
