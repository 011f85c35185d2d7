"""Bring what was reported into the search index, as long as the reports leave time for it."""

import threading
from time import perf_counter
from typing import Final

from attrs import frozen

from logcenter_collector.store.sql import SqlStore

REST: Final = 0.5
"""So many times as long as a part took is the pause after it."""
REST_IN_A_STORM: Final = 4
"""As long as reports keep coming: four fifths of a core are theirs."""
STORM_BATCHES: Final = 3
"""More of them while a part is indexed are a storm."""


@frozen
class Indexing:
    """The job. A list finds what is not indexed yet in the queue, so nothing is missed meanwhile."""

    store: SqlStore
    name: str = "index for search"
    period_seconds: float = 2.0

    def run(self, stopping: threading.Event) -> None:
        """Index what is in the queue.

        What comes meanwhile is for the next time: an issue whose message is always another is indexed once in a period.
        """
        while not stopping.is_set():
            begun, batches = perf_counter(), self.store.batches
            if not self.store.index_search():
                return
            stopping.wait(pause_after(perf_counter() - begun, self.store.batches - batches))


def pause_after(seconds: float, batches: int) -> float:
    """Return how long to pause after a part that took so long, while so many batches came."""
    return seconds * (REST_IN_A_STORM if batches > STORM_BATCHES else REST)
