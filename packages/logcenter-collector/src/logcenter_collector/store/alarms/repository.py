"""Everything that is kept of alarms, in one place."""

from typing import Final

from logcenter_collector.store.alarms.channels import Channels
from logcenter_collector.store.alarms.deliveries import Deliveries
from logcenter_collector.store.alarms.outbox import Outbox
from logcenter_collector.store.alarms.rules import Rulebook, Rules
from logcenter_collector.store.alarms.standing import Standing
from logcenter_collector.store.database import Database


class Alarms:
    """Rules, channels, what waits, and what became of it. Every method is one transaction and thread-safe."""

    def __init__(self, database: Database) -> None:
        self.rulebook: Final = Rulebook(database)
        self.rules: Final = Rules(database, self.rulebook)
        self.channels: Final = Channels(database, self.rulebook)
        self.outbox: Final = Outbox(database)
        self.deliveries: Final = Deliveries(database, self.rulebook)
        self.standing: Final = Standing(database)
