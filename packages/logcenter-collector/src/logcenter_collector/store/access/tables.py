"""The tables of access. Secrets are kept as hashes (access/secrets.py), passwords as argon2 writes them."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from logcenter_collector.store.tables import Instant, metadata

# SQLite numbers rows by itself only in a column whose type is spelled INTEGER.
_Id: Final = BigInteger().with_variant(Integer, "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False),  # what people type to sign in, in lower case
    Column("display_name", String),
    Column("role", String, nullable=False),
    Column("projects", Text),  # JSON array of the only projects that exist for them; NULL: all
    Column("password_hash", String),  # NULL: signs in by OIDC or by a link only
    Column("oidc_issuer", String),
    Column("oidc_subject", String),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("last_signed_in_at", Instant),
    Index(None, "name", unique=True),
    Index(None, "oidc_issuer", "oidc_subject", unique=True),
    sqlite_autoincrement=True,  # the audit log names people by id: never one by another's
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", BigInteger),  # NULL: signed in by a token
    Column("token_hash", LargeBinary),  # of the token that signed in
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("address", String),
    Column("user_agent", String),
    Index(None, "account_id"),
    sqlite_with_rowid=False,
)

# One use each: to make the first account, to invite, to set a new password.
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", BigInteger),  # NULL: makes an account with the role
    Column("role", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    sqlite_with_rowid=False,
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("hash", LargeBinary, nullable=False),
    Column("hint", String, nullable=False),
    Column("name", String, nullable=False),
    Column("scopes", String, nullable=False),  # separated by spaces
    Column("projects", Text),  # as of accounts
    Column("account_id", BigInteger),  # whose it is; disabled with them
    Column("created_at", Instant, nullable=False),
    Column("created_by", String, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "hash", unique=True),
    sqlite_autoincrement=True,
)

# Write-only, one project each.
ingest_keys = Table(
    "ingest_keys",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("project_id", String, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("hint", String, nullable=False),
    Column("name", String, nullable=False),
    Column("per_minute", BigInteger),  # reports that it may bring; NULL: as many as its project
    Column("created_at", Instant, nullable=False),
    Column("created_by", String, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "hash", unique=True),
    Index(None, "project_id"),
    sqlite_autoincrement=True,
)

# What a project demands of its reports. A project without a row demands nothing of its own.
project_doors = Table(
    "project_doors",
    metadata,
    Column("project_id", String, primary_key=True),
    Column("requires_key", Boolean, nullable=False),
    Column("per_minute", BigInteger),
    Column("per_day", BigInteger),
    Column("scrub_names", Text, nullable=False),  # JSON array of names whose values are masked
    Column("scrub_patterns", Text, nullable=False),  # JSON array of RE2 patterns
    Column("updated_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# How many reports were accepted and refused on a day, for quotas that a restart does not forget.
usage = Table(
    "usage",
    metadata,
    Column("project_id", String, primary_key=True),
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),  # 0: the whole project's
    Column("day", Instant, primary_key=True),
    Column("reports", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("actor_kind", String, nullable=False),
    Column("address", String),
    Column("action", String, nullable=False),  # "token.create", "issue.move", …
    Column("project_id", String),
    Column("subject", String),  # what it was done to
    Column("detail", Text),  # JSON, without secrets
    Index(None, "project_id", "id"),
    sqlite_autoincrement=True,  # the order in which things happened
)
