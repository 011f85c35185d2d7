"""``logcenter-collector migrate``."""

from contextlib import closing

from logcenter_collector.settings import Settings
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import without_password


def migrate(settings: Settings) -> int:
    """Bring the database to the newest schema and say from which to which."""
    with closing(Database(settings.database_url)) as database:
        before = database.revision()
        database.migrate()
        after = database.revision()
    name = without_password(settings.database_url)
    if before == after:
        print(f"The schema of {name} is {after}, the newest.")
    else:
        print(f"The schema of {name} is now {after}; before it was {before or 'none'}.")
    return 0
