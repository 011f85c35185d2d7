"""Alembic's entry: run the migrations on the connection that ``store/migrate.py`` opened."""

from alembic import context

from logcenter_collector.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
