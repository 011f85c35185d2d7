"""How much happened on each day: a row for each project and source."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, String, Table

from logcenter_collector.store.tables import Instant, metadata

daily_counts: Final = Table(
    "daily_counts",
    metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),  # since 1970, in UTC
    Column("project_id", String, primary_key=True),
    Column("source", String, primary_key=True),
    # Collectors that share a PostgreSQL have rows of their own, so that no batch waits for another's: see counting.py.
    Column("shard", BigInteger, primary_key=True, autoincrement=False),
    Column("occurrences", BigInteger, nullable=False),
    Column("new_issues", BigInteger, nullable=False),
    Column("regressions", BigInteger, nullable=False),
    Column("last_report", Instant, nullable=False),  # when the latest of them arrived
    Index(None, "project_id", "day"),
    sqlite_with_rowid=False,
)
