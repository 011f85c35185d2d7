"""``logcenter-collector migrate``."""

from contextlib import closing

from logcenter_collector.settings import Settings
from logcenter_collector.store.database import Database


def migrate(settings: Settings) -> int:
    """Bring the database to the newest schema and say from which to which."""
    with closing(Database(settings.database_url)) as database:
        before = database.revision()
        database.migrate()
        after = database.revision()
    if before == after:
        print(f"The schema of {settings.database_url} is {after}, the newest.")
    else:
        print(f"The schema of {settings.database_url} is now {after}; before it was {before or 'none'}.")
    return 0
