"""``logcenter-collector backup FILE``."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from logcenter_collector.commands.errors import CommandError
from logcenter_collector.commands.meter import Meter
from logcenter_collector.settings import Settings
from logcenter_collector.store.archive.backup import NoDatabaseError, back_up
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import without_password


def backup(settings: Settings, target: Path) -> int:
    """Write all that the database holds at this moment into a file. Raises CommandError."""
    meter = Meter()
    with closing(Database(settings.database_url)) as database:
        if database.file is not None and not database.file.is_file():  # or SQLite would make an empty one
            raise CommandError(f"there is no database {database.file}")
        meter.begin(f"backup {target}")
        try:
            meter.follow(back_up(database, target, datetime.now(UTC)))
        except NoDatabaseError:
            raise CommandError(
                f"{without_password(settings.database_url)} has no tables; is it the right one?"
            ) from None
        except OSError as error:
            raise CommandError(f"cannot write {target}: {error.strerror}") from error
    print(f"{target} has {target.stat().st_size / 1e6:,.1f} MB.")
    return 0
