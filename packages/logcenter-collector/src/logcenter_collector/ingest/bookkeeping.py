"""The one task that writes how much was brought, every second, and learns what other collectors took in."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from attrs import define, field

from logcenter_collector.domain.rates import day_of
from logcenter_collector.ingest.allowances import Allowances
from logcenter_collector.ingest.gate import Gate
from logcenter_collector.store.access.usage import forget_usage, read_usage, write_usage
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.database import Database
from logcenter_collector.store.tables import microseconds

log = logging.getLogger(__name__)

PERIOD_SECONDS: Final = 1.0
KEPT_DAYS: Final = 31


@define
class Bookkeeping:
    """Keeps allowances and the storage of one mind. Start and stop it inside the event loop."""

    database: Database
    allowances: Allowances
    gate: Gate
    clock: Callable[[], datetime]
    _task: asyncio.Task[None] | None = None
    _stopping: asyncio.Event = field(factory=asyncio.Event)

    def load(self) -> None:
        """Learn what came today before this process. Raises StoreUnavailableError."""
        day = day_of(microseconds(self.clock()))
        self.allowances.turn_to(day)
        self.allowances.written(read_usage(self.database, day), day)

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="logcenter-bookkeeping")

    async def stop(self) -> None:
        """Write what is left, then end."""
        self._stopping.set()
        if self._task is not None:
            await self._task
        await self.write()

    async def write(self) -> None:
        """Write what came since the last time, and read back what came to the projects that have a quota."""
        before = self.allowances.day
        amounts = self.allowances.begin_to_write(microseconds(self.clock()))
        day = self.allowances.day
        projects = [name for name, door in self.gate.known.doors.items() if door.per_day]
        if not amounts and not projects:
            return
        try:
            totals = await asyncio.to_thread(write_usage, self.database, amounts, projects, day)
            if day != before:
                await asyncio.to_thread(forget_usage, self.database, day - KEPT_DAYS)
        except StoreUnavailableError as error:
            log.debug("Usage is written later: %s", error)
            self.allowances.not_written()
        except Exception:
            log.exception("Usage could not be written; it is tried again")
            self.allowances.not_written()
        else:
            self.allowances.written(totals, day)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            await self.write()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PERIOD_SECONDS)
