"""Ask the storage what it holds, without making a scrape wait long for one that is slow or gone."""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from attrs import define

from logcenter_collector.store.base import Store, StoreUnavailableError
from logcenter_collector.web.metrics import Stored

FRESH_SECONDS: Final = 60
"""How long what the storage said is shown, at least."""
SHARE: Final = 0.01
"""How much of the time we ask it at most. A million issues are counted in 50 ms on SQLite, in 70 ms on a PostgreSQL
that was vacuumed of late, and in more than a second on one where many rows have changed since."""
PATIENCE_SECONDS: Final = 3
"""How long a scrape waits for the storage; Prometheus gives up after 10 s."""

log = logging.getLogger(__name__)


@define
class Survey:
    """Asks the storage what it holds: once a minute at most, and less often where that takes it long."""

    store: Store
    clock: Callable[[], float] = monotonic
    _stored: Stored | None = None
    _stale_at: float | None = None
    _task: asyncio.Task[None] | None = None

    async def stored(self) -> Stored | None:
        """Return what the storage said last; None while it says nothing."""
        if self._task is None and (self._stale_at is None or self.clock() >= self._stale_at):
            self._task = asyncio.create_task(self._ask(), name="logcenter-survey")
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=PATIENCE_SECONDS)
        return self._stored

    async def _ask(self) -> None:
        begun = self.clock()
        try:
            self._stored = await asyncio.to_thread(self._read)
            took = self.clock() - begun
            self._stale_at = self.clock() + max(FRESH_SECONDS, took / SHARE)
        except StoreUnavailableError:
            self._stored = None
        except Exception:
            self._stored = None
            log.exception("The storage could not be surveyed for /metrics")
        finally:
            self._task = None

    def _read(self) -> Stored:
        return Stored(
            issues=self.store.count_by_status(),
            bytes=self.store.size_bytes(),
            alarms_waiting=self.store.alarms_waiting(),
        )
