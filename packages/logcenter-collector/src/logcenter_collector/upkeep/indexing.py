"""Bring what was reported into the search index, as long as the reports leave time for it."""

import threading
from time import perf_counter
from typing import Final

from attrs import frozen

from logcenter_collector.store.sql import SqlStore

REST: Final = 4
"""So many times as long as a part took is the pause after it: in a storm, four fifths of a core are the reports'."""


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
            begun = perf_counter()
            if not self.store.index_search():
                return
            stopping.wait((perf_counter() - begun) * REST)
