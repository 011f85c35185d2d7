"""A collector inside the test's own process, where its clock and its store can be chosen."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx

from logcenter_collector.access.doorway import Doorway
from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.app import utc_now
from logcenter_collector.ingest.allowances import Allowances
from logcenter_collector.ingest.bookkeeping import Bookkeeping
from logcenter_collector.ingest.gate import Gate
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.routes import create_api
from logcenter_sdk.contract.limits import REPORT_BYTES
from support.doors import open_door

_LIMITS = {"queue_limit": 1_000, "queue_bytes": 2**26, "batch_limit": 100}


def dispatch_of(store: SqlStore, clock: Callable[[], datetime]) -> Dispatch:
    """Return what sends alarms, to public addresses only; nobody runs it."""
    return Dispatch(alarms=store.alarms, network=Network(), public_url="", clock=clock, holder="served")


@asynccontextmanager
async def served(
    store: SqlStore,
    *,
    doorway: Doorway | None = None,
    clock: Callable[[], datetime] = utc_now,
    per_minute: int = 0,
    **limits: int,
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a store, with an open door unless another one is given, and yield a client of its API.

    ``per_minute`` is the rate of every project, 0 for none.
    """
    door, allowances = doorway or open_door(store), Allowances(per_minute)
    gate = Gate(door)
    runner = Runner(store, None, allowances.settle, **_LIMITS | limits)
    pipeline = Pipeline(runner, clock, REPORT_BYTES, gate, allowances)
    bookkeeping = Bookkeeping(store.database, allowances, gate, clock)
    bookkeeping.load()
    dispatch = dispatch_of(store, clock)
    api: Any = create_api(store, pipeline, dispatch, doorway=door, clock=clock, cors_origins=(), version="0")
    runner.start()
    bookkeeping.start()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://collector") as client:
            yield client
    finally:
        await runner.stop()
        await bookkeeping.stop()
