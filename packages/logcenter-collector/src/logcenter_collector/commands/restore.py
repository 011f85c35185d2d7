"""``logcenter-collector restore FILE``."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from logcenter_collector.commands.errors import CommandError
from logcenter_collector.commands.meter import Meter
from logcenter_collector.settings import Settings
from logcenter_collector.store.archive.format import DamagedBackupError
from logcenter_collector.store.archive.restore import NotEmptyError
from logcenter_collector.store.archive.restore import restore as load
from logcenter_collector.store.database import Database


def restore(settings: Settings, source: Path) -> int:
    """Load a backup into an empty database. Raises CommandError."""
    meter = Meter()
    with closing(Database(settings.database_url)) as database:
        meter.begin(f"restore {source}")
        try:
            meter.follow(load(database, source, datetime.now(UTC)))
        except DamagedBackupError as error:
            raise CommandError(f"{source} is damaged, and nothing of it was restored. {error}") from error
        except NotEmptyError as error:
            raise CommandError(f"the database is not empty: {error} Name a new one with --database-url") from error
        except OSError as error:
            raise CommandError(f"cannot read {source}: {error.strerror}") from error
    return 0
