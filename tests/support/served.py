"""A collector inside the test's own process, where its clock and its store can be chosen."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx

from logcenter_collector.access.doorway import Doorway
from logcenter_collector.app import utc_now
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.routes import create_api
from logcenter_sdk.contract.limits import REPORT_BYTES
from support.doors import open_door

_LIMITS = {"queue_limit": 1_000, "queue_bytes": 2**26, "batch_limit": 100}


@asynccontextmanager
async def served(
    store: SqlStore, *, doorway: Doorway | None = None, clock: Callable[[], datetime] = utc_now, **limits: int
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a store, with an open door unless another one is given, and yield a client of its API."""
    runner = Runner(store, **_LIMITS | limits)
    door = doorway or open_door(store)
    pipeline = Pipeline(runner, clock, REPORT_BYTES)
    api: Any = create_api(store, pipeline, doorway=door, clock=clock, cors_origins=(), version="0")
    runner.start()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://collector") as client:
            yield client
    finally:
        await runner.stop()
