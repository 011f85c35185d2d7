"""The tables. Instants are integers, microseconds since 1970 in UTC: exact, ordered and alike in every database."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Write an instant."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Read an instant."""
        return None if value is None else _EPOCH + value * _MICROSECOND


# SQLite numbers rows by itself only in a column whose type is spelled INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("project_id", String, primary_key=True),
    Column("name", String),
    Column("repo_url", String),
    Column("local_path", String),
    Column("description", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("project_id", ForeignKey(projects.c.project_id), nullable=False),
    Column("source", String, nullable=False),
    Column("registration", Boolean, nullable=False),
    # as last reported
    Column("level", String, nullable=False),
    Column("environment", String, nullable=False),
    Column("version", String),
    Column("commit_hash", String),
    Column("error_type", String, nullable=False),
    Column("error_message", Text, nullable=False),
    Column("file_path", String),
    Column("line_number", BigInteger),
    Column("stack_hash", LargeBinary, ForeignKey("stack_traces.hash"), nullable=False),
    Column("context", Text, nullable=False),
    # what triage and moves change
    Column("status", String, nullable=False),
    Column("occurrence_count", BigInteger, nullable=False),
    Column("regression_count", BigInteger, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("fix_commit_hash", String),
    Column("fix_branch", String),
    Column("fix_pr_url", String),
    Column("fix_version", String),
    Column("fixed_at", Instant),
    Column("fixed_in_commit_hash", String),
    Column("fixed_in_version", String),
    Index(None, "last_seen", "id"),
    Index(None, "first_seen", "id"),
    Index(None, "occurrence_count", "id"),
    Index(None, "project_id", "last_seen", "id"),
    Index(None, "status", "last_seen", "id"),
    Index(None, "project_id", "status", "last_seen", "id"),
    Index(None, "stack_hash"),
    sqlite_autoincrement=True,  # an id is a promise to the outside: it never names another issue later
)

# An issue owns one or more fingerprints; at first one. The lowest id is its first.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("project_id", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("issue_id", ForeignKey(issues.c.id), nullable=False),
    Index(None, "project_id", "fingerprint", unique=True),
    Index(None, "issue_id"),
)

# What an issue was seen with: environments, releases and commits, the 50 latest of each.
seen_with = Table(
    "seen_with",
    metadata,
    Column("issue_id", ForeignKey(issues.c.id), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("last_arrived_at", Instant, nullable=False),
    Column("before_fix", Boolean, nullable=False),
    Index(None, "kind", "value", "issue_id"),
)

history = Table(
    "history",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("issue_id", ForeignKey(issues.c.id), nullable=False),
    Column("from_status", String, nullable=False),
    Column("to_status", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String),
    Column("reason", Text),
    Column("override", Boolean, nullable=False),
    Column("regression", Boolean, nullable=False),
    Column("fix_commit_hash", String),
    Column("fix_branch", String),
    Column("fix_pr_url", String),
    Column("fix_version", String),
    Index(None, "issue_id", "id"),
)

# Counts by hour of the reports' own time.
buckets = Table(
    "buckets",
    metadata,
    Column("issue_id", ForeignKey(issues.c.id), primary_key=True),
    Column("hour", Instant, primary_key=True),
    Column("environment", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Identical stack traces are kept once; the hash is of the lines.
stack_traces = Table(
    "stack_traces",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("lines", LargeBinary, nullable=False),  # compressed JSON
)

# Full reports: a bounded sample of each issue's occurrences. Counters and buckets count everything.
occurrences = Table(
    "occurrences",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("issue_id", ForeignKey(issues.c.id), nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("timestamp", Instant, nullable=False),
    Column("environment", String, nullable=False),
    Column("version", String),
    Column("commit_hash", String),
    Column("level", String, nullable=False),
    Column("occurrences", BigInteger, nullable=False),
    Column("regression", Boolean, nullable=False),
    Column("pinned", Boolean, nullable=False),  # the first and the regressions outlive the rest
    Column("event_id", String),
    Column("stack_hash", ForeignKey(stack_traces.c.hash), nullable=False),
    Column("body", LargeBinary, nullable=False),  # compressed JSON of what only this report has
    Index(None, "issue_id", "id"),
    Index(None, "stack_hash"),
    sqlite_autoincrement=True,
)

# Idempotency keys, so that a retried report counts once.
event_ids = Table(
    "event_ids",
    metadata,
    Column("project_id", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("issue_id", ForeignKey(issues.c.id), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)
