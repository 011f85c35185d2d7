"""``logcenter-collector sign-in-link``: who can write the database can let anybody in, and is an administrator."""

from contextlib import closing
from datetime import UTC, datetime

from logcenter_collector.access.links import link_address
from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.people import People
from logcenter_collector.commands.errors import CommandError
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.server import address_of
from logcenter_collector.settings import Settings
from logcenter_collector.store.access.audit import BY_COLLECTOR
from logcenter_collector.store.database import Database


def sign_in_link(settings: Settings, name: str | None) -> int:
    """Print a link that works once: to make an administrator's account, or for a new password. Raises CommandError."""
    with closing(Database(settings.database_url)) as database:
        database.migrate()
        people = People(database, Passwords(), lambda: datetime.now(UTC))
        try:
            secret = people.link_for_administrator(BY_COLLECTOR, name=name)
        except PeopleRefusedError:
            raise CommandError(f"nobody is called {name!r}; without a name the link makes an account") from None
    dashboard = address_of(settings.host, settings.dashboard_port)
    print(f"It works once within 24 hours: {link_address(dashboard, secret)}")
    print("Where people reach the dashboard by another address, put that before /sign-in.")
    return 0
