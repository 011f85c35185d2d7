"""The tables of teamwork. An issue that nobody cares for in particular has no row in any of them.

That keeps what reports write small, and a list knows the few issues that have one without an index of its own.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from logcenter_collector.store.tables import Instant, metadata

# SQLite numbers rows by itself only in a column whose type is spelled INTEGER.
_Id: Final = BigInteger().with_variant(Integer, "sqlite")

assignments = Table(
    "assignments",
    metadata,
    Column("issue_id", _Id, primary_key=True, autoincrement=False),
    Column("assignee", String, nullable=False),
    Column("assigned_at", Instant, nullable=False),
    Index(None, "assignee"),
    sqlite_with_rowid=False,
)

# A mute that ran out may stay: whoever reads compares, see domain/muting.py.
mutes = Table(
    "mutes",
    metadata,
    Column("issue_id", _Id, primary_key=True, autoincrement=False),
    Column("until", Instant),
    Column("until_count", BigInteger),
    Column("muted_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

comments = Table(
    "comments",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("issue_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", String),
    Column("text", Text, nullable=False),
    Index(None, "issue_id", "id"),
    sqlite_autoincrement=True,  # a deleted one's id never names another
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("owner", String),  # NULL: everybody's
    Column("name", String, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "owner"),
    sqlite_autoincrement=True,
)
