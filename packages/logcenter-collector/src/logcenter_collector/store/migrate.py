"""Bring a database to the newest schema, at every start."""

import logging
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine

from logcenter_collector.store.dialects import lock_schema

log = logging.getLogger(__name__)


class NewerDatabaseError(Exception):
    """The database was written by a newer collector than this one."""


def migrate(engine: Engine, to: str = "head") -> None:
    """Run the migrations that the database lacks, in one transaction. Raises NewerDatabaseError."""
    with as_file(files("logcenter_collector.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        with engine.execution_options(writes=True).begin() as connection:
            lock_schema(connection)
            scripts = ScriptDirectory.from_config(config)
            revision = revision_of(connection)
            for known in (revision, to):
                _refuse_newer(scripts, known)
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    newest = scripts.get_current_head()
    if revision != newest:
        log.info("The schema was brought up to date", extra={"schema_before": revision, "schema": newest})


def current_revision(engine: Engine) -> str | None:
    """Return the schema that a database has; None when it has none yet."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Return the schema that the database of a connection has; None when it has none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the schema that this collector needs."""
    with as_file(files("logcenter_collector.store") / "migrations") as folder:
        newest = ScriptDirectory(str(folder)).get_current_head()
    assert newest is not None
    return newest


def is_known_revision(revision: str) -> bool:
    """Whether this collector knows a schema; those of newer collectors it does not."""
    with as_file(files("logcenter_collector.store") / "migrations") as folder:
        return _knows(ScriptDirectory(str(folder)), revision)


def _knows(scripts: ScriptDirectory, revision: str) -> bool:
    try:
        scripts.get_revision(revision)
    except CommandError:
        return False
    return True


def _refuse_newer(scripts: ScriptDirectory, revision: str | None) -> None:
    if revision is not None and not _knows(scripts, revision):
        raise NewerDatabaseError(
            f"the database was written by a newer collector (its schema is {revision}); use that version or newer"
        )
