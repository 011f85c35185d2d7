"""The tables. Instants are integers, microseconds since 1970 in UTC: exact, ordered and alike in every database."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Return an instant as it is kept."""
    return (instant - _EPOCH) // _MICROSECOND


def to_instant(kept: int) -> datetime:
    """Return the instant that ``microseconds`` was given."""
    return _EPOCH + timedelta(microseconds=kept)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Write an instant."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Read an instant."""
        return None if value is None else to_instant(value)


# SQLite numbers rows by itself only in a column whose type is spelled INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

# No foreign keys: every report would pay for checks of what one transaction writes anyway. `doctor` looks instead.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
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

# The row of an issue is also its latest occurrence: one page is written for each issue of a batch, whatever came.
issues = Table(
    "issues",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("project_id", String, nullable=False),
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
    Column("latest_arrived_at", Instant, nullable=False),
    Column("latest_timestamp", Instant, nullable=False),
    Column("latest_occurrences", BigInteger, nullable=False),
    Column("latest_event_id", String),
    # NULL: the latest occurrence is one of the kept ones (its number is the issue's count), or its payload was dropped
    Column("latest_body", LargeBinary),
    # what triage and moves change
    Column("status", String, nullable=False),
    Column("occurrence_count", BigInteger, nullable=False),
    Column("regression_count", BigInteger, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    # last_seen in whole seconds: lists are ordered by it first. The index holds it, which a busy issue would otherwise
    # rewrite with every batch instead of once a second.
    Column("last_seen_second", BigInteger, nullable=False),
    Column("fix_commit_hash", String),
    Column("fix_branch", String),
    Column("fix_pr_url", String),
    Column("fix_version", String),
    Column("fixed_at", Instant),
    Column("fixed_in_commit_hash", String),
    Column("fixed_in_version", String),
    # where the sample of kept occurrences stands, see domain/sample.py
    Column("sample_interval_seconds", BigInteger, nullable=False),
    Column("sampled_at", Instant, nullable=False),
    # One index for each order of a list, and none for its filters: these are answered by the search index.
    Index(None, "last_seen_second", "id"),
    Index(None, "first_seen", "id"),
    Index(None, "occurrence_count", "id"),
    # A project has one or two of them, and whoever counts issues leaves them out.
    Index(None, "registration", sqlite_where=text("registration"), postgresql_where=text("registration")),
    sqlite_autoincrement=True,  # an id is a promise to the outside: it never names another issue later
)

# An issue owns one or more fingerprints; at first one, in position 0.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("project_id", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("issue_id", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index(None, "issue_id", "position"),
    sqlite_with_rowid=False,
)

# What an issue was seen with: environments, releases and commits, the 50 latest of each. An arrival is written when
# the value is another than that of the report before it: that keeps the order, and costs nothing while nothing changes.
seen_with = Table(
    "seen_with",
    metadata,
    Column("issue_id", _Id, primary_key=True, autoincrement=False),
    Column("kind", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("last_arrived_at", Instant, nullable=False),
    Column("before_fix", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

history = Table(
    "history",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("issue_id", BigInteger, nullable=False),
    Column("from_status", String, nullable=False),
    Column("to_status", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String),
    Column("on_behalf_of", String),
    Column("reason", Text),
    Column("override", Boolean, nullable=False),
    Column("regression", Boolean, nullable=False),
    Column("fix_commit_hash", String),
    Column("fix_branch", String),
    Column("fix_pr_url", String),
    Column("fix_version", String),
    Index(None, "issue_id", "id"),
    Index(None, "to_status", "at"),
)

# Counts by hour of the reports' own time; environments and releases are those of seen_with, the rest is "other". As
# long as one release runs in an environment, there are no more rows than without releases.
buckets = Table(
    "buckets",
    metadata,
    Column("issue_id", _Id, primary_key=True, autoincrement=False),
    Column("hour", Instant, primary_key=True),
    Column("environment", String, primary_key=True),
    Column("version", String, primary_key=True),  # empty: none was named
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The stack traces of an issue's kept occurrences, identical ones once; the hash is of the lines. The latest occurrence
# has its own in its body: in a storm it is another one with every batch.
stack_traces = Table(
    "stack_traces",
    metadata,
    Column("issue_id", _Id, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("lines", LargeBinary, nullable=False),  # packed JSON
    Index(None, "issue_id", "hash", unique=True),
)

# Whole reports: a bounded sample of each issue's occurrences. Counters and buckets count everything.
# The number says which occurrence of its issue it is: the issue's count with it. PostgreSQL keeps the pinned ones
# apart, so that the rest can be dropped by partitions of arrival time.
occurrences = Table(
    "occurrences",
    metadata,
    Column("issue_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("role", Integer, nullable=False),  # domain/sample.py
    Column("pinned", Boolean, nullable=False),  # the first and the regressions outlive the rest
    Column("arrived_at", Instant, nullable=False),
    Column("timestamp", Instant, nullable=False),
    Column("environment", String, nullable=False),
    Column("version", String),
    Column("commit_hash", String),
    Column("level", String, nullable=False),
    Column("occurrences", BigInteger, nullable=False),
    Column("event_id", String),
    Column("stack_hash", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),  # packed JSON of what only this report has
    Index(None, "issue_id", "number"),
    postgresql_partition_by="LIST (pinned)",
)

# Idempotency keys, so that a retried report counts once: a hash of project and event id, see store/events.py.
# PostgreSQL has them here, where the key itself keeps two collectors from counting the same report.
event_ids = Table(
    "event_ids",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("issue_id", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# SQLite has them here, in the order of arrival and with no index by key: that would be one more page to write for each
# report of a batch, half of all that a batch writes. The index is in memory.
event_log = Table(
    "event_log",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", LargeBinary, nullable=False),
    Column("issue_id", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # whoever has read up to an id knows what came before
)

# Issues that the search index does not know as they are now, as ranges of ids: a batch's new ones have one row. A range
# may hold issues of others as well, and an issue may stand in several.
search_queue = Table(
    "search_queue",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("first_issue_id", BigInteger, nullable=False),
    Column("last_issue_id", BigInteger, nullable=False),
)

# Which issues have a term, as a bitmap of each block of issue ids, see store/search.
search_blocks = Table(
    "search_blocks",
    metadata,
    Column("key", _Id, primary_key=True, autoincrement=False),  # block and term
    Column("bitmap", LargeBinary, nullable=False),
)

# The issues that rise the most, and how much: upkeep writes it, see store/upkeep/rising.py.
rising = Table(
    "rising",
    metadata,
    Column("issue_id", _Id, primary_key=True, autoincrement=False),
    Column("score", BigInteger, nullable=False),
)

# Who does a job that only one collector may do at a time, and what came of it: written with the end of the lease.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ran_at", Instant),  # when it was last done to its end
    Column("did", Text),  # what it came to when there was last something to do, in words
    Column("did_at", Instant),
    Column("error", Text),  # why it failed the last time; nothing where it did not
)

# How much room the data took at the last look of each day: what a forecast goes by.
daily_sizes = Table(
    "daily_sizes",
    metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),  # since 1970, in UTC
    Column("at", Instant, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
