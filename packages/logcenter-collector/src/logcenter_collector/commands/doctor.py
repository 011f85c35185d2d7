"""``logcenter-collector doctor``."""

from contextlib import closing
from datetime import UTC, datetime

from logcenter_collector.settings import Settings
from logcenter_collector.store.checks import Level, Patient, examine
from logcenter_collector.store.database import Database


def doctor(settings: Settings) -> int:
    """Say how the database is, a line for each check; 1 where something is wrong."""
    worst = 0
    with closing(Database(settings.database_url)) as database:
        for finding in examine(Patient(database, settings.policy, lambda: datetime.now(UTC))):
            print(f"{finding.level:<6} {finding.text}", flush=True)
            worst = max(worst, finding.level is Level.WRONG)
    return int(worst)
