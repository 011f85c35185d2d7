"""The tables of alarms."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from logcenter_collector.store.tables import Instant, metadata

# SQLite numbers rows by itself only in a column whose type is spelled INTEGER.
_Id: Final = BigInteger().with_variant(Integer, "sqlite")

NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Later than anything that happens."""

# A collector claims a channel while it sends; what else is here of sending is how the channel did of late.
alarm_channels = Table(
    "alarm_channels",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("settings", Text, nullable=False),  # JSON, secrets among it: they are needed to sign
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("claimed_by", String, nullable=False),  # empty: nobody
    Column("claimed_until", Instant, nullable=False),
    Column("failures", BigInteger, nullable=False),  # in a row
    Column("rests_until", Instant, nullable=False),
    sqlite_autoincrement=True,  # the log names channels by id: never one by another's
)

alarm_rules = Table(
    "alarm_rules",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("rule", Text, nullable=False),  # JSON, without the id
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

# One row for each rule, channel and issue, which is all that "at most one message within the window" needs: while it
# waits or is sent it is there already, and when it was sent it stays until the next one may go. So an event is one
# upsert that looks at nothing before, and two collectors cannot both think that they are the first.
alarm_outbox = Table(
    "alarm_outbox",
    metadata,
    Column("rule_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("issue_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),  # an OutboxState
    Column("event", LargeBinary, nullable=False),  # JSON of an AlarmEvent
    Column("at", Instant, nullable=False),  # when it happened
    Column("due_at", Instant, nullable=False),
    Column("free_at", Instant, nullable=False),  # from when on another event takes the place of this one
    # Of a message that was begun; all its rows have the same.
    Column("message_id", String),
    Column("attempts", BigInteger, nullable=False),
    Column("begun_at", Instant),
    Index(None, "channel_id", "state", "rule_id", "due_at"),
)

# How often an issue occurred, for rules of so many in so many minutes: exact, whoever counts and whoever restarts.
alarm_counts = Table(
    "alarm_counts",
    metadata,
    Column("rule_id", BigInteger, primary_key=True, autoincrement=False),
    Column("issue_id", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", Instant, primary_key=True),  # the begin of a sixtieth of the rule's minutes
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Every attempt. A dead letter keeps what it was about, so that somebody can send it after all.
alarm_deliveries = Table(
    "alarm_deliveries",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("message_id", String, nullable=False),  # the same at every attempt
    Column("rule_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("rule_name", String, nullable=False),
    Column("channel_name", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("issues", BigInteger, nullable=False),  # how many it tells of
    Column("attempt", BigInteger, nullable=False),
    Column("state", String, nullable=False),  # a DeliveryState
    Column("reason", Text),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("letter", LargeBinary),  # packed JSON of the events of a dead letter
    Index(None, "channel_id", "rule_id", "begun_at"),
    Index(None, "channel_id", "id"),  # the log of one channel
    Index(None, "state", "id"),  # dead letters, of which there are few
    Index(None, "message_id"),
    Index(None, "begun_at"),
    sqlite_autoincrement=True,
)
