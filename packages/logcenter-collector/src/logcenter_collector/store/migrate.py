"""Bring a database to the newest schema, at every start."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine

from logcenter_collector.store.dialects import lock_schema


class NewerDatabaseError(Exception):
    """The database was written by a newer collector than this one."""


def migrate(engine: Engine) -> None:
    """Run the migrations that the database lacks, in one transaction. Raises NewerDatabaseError."""
    with as_file(files("logcenter_collector.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        with engine.execution_options(writes=True).begin() as connection:
            lock_schema(connection)
            _refuse_newer(ScriptDirectory.from_config(config), MigrationContext.configure(connection))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def current_revision(engine: Engine) -> str | None:
    """Return the schema that a database has; None when it has none yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(scripts: ScriptDirectory, context: MigrationContext) -> None:
    revision = context.get_current_revision()
    if revision is None:
        return
    try:
        scripts.get_revision(revision)
    except CommandError:
        raise NewerDatabaseError(
            f"the database was written by a newer collector (its schema is {revision}); use that version or newer"
        ) from None
