"""``logcenter-collector maintain``: what upkeep does in the background, now and to the end."""

import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from logcenter_collector.commands.meter import Meter
from logcenter_collector.settings import Settings
from logcenter_collector.store.database import Database
from logcenter_collector.store.upkeep.budget import is_full
from logcenter_collector.store.upkeep.leasing import look_at_lease
from logcenter_collector.store.upkeep.space import measure
from logcenter_collector.store.upkeep.wal import checkpoint
from logcenter_collector.upkeep.jobs import leased_jobs
from logcenter_collector.upkeep.leased import LeasedJob

WAIT_SECONDS: Final = 10.0
"""A collector that serves is done with most jobs sooner than this."""


def maintain(settings: Settings) -> int:
    """Do every job once, due or not; 1 when another collector is at one of them, or the database stays too large."""
    meter = Meter()
    with closing(Database(settings.database_url)) as database:
        database.migrate()
        jobs = leased_jobs(database, settings.policy, lambda: datetime.now(UTC), meter.show)
        done = [_do(job, meter) for job in jobs]
        if not database.is_postgresql:
            checkpoint(database)
        fits = _say_size(database, settings.disk_budget)
    return 0 if all(done) and fits else 1


def _do(job: LeasedJob, meter: Meter) -> bool:
    meter.begin(job.name)
    deadline = time.monotonic() + WAIT_SECONDS
    while not job.take_and_run(threading.Event(), early=True):
        if time.monotonic() >= deadline:
            lease = look_at_lease(job.database, job.name)
            meter.give_up(f"{lease.holder if lease else 'another collector'} is at it; try again later")
            return False
        time.sleep(0.2)
    meter.end()
    return True


def _say_size(database: Database, budget: int) -> bool:
    """Say how large the database is, and return whether it is within the budget."""
    space = measure(database)
    of = f" of {_megabytes(budget)}" if budget else ""
    print(f"The database takes {_megabytes(space.size)}{of}; {_megabytes(space.reusable)} of it are free.")
    if not budget or not is_full(database, budget):
        return True
    print("It is over its budget, and nothing is left to drop: new reports get 507. Give it a larger --disk-budget.")
    return False


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
