"""The statements that record a batch of reports, each written once: one for each table."""

from typing import Final

from logcenter_collector.store import tables
from logcenter_collector.store.bulk import delete_from, insert_into, look_up, update_of
from logcenter_collector.store.teamwork.tables import mutes
from logcenter_sdk.contract.limits import EVENT_ID_SECONDS

STATE: Final = (
    "id",
    "status",
    "occurrence_count",
    "regression_count",
    "first_seen",
    "last_seen",
    "fixed_at",
    "fixed_in_commit_hash",
    "fixed_in_version",
    "registration",
    "level",
    "environment",
    "version",
    "commit_hash",
    "error_type",
    "error_message",
    "file_path",
    "sample_interval_seconds",
    "sampled_at",
)
"""What recording needs to know of an issue, in the order of ``rows.to_known``."""

_STATE_COLUMNS: Final = tuple(f"issues.{name}" for name in STATE)

ISSUE_OF_FINGERPRINT: Final = look_up(
    tables.fingerprints,
    _STATE_COLUMNS,
    ("project_id", "fingerprint"),
    join=" JOIN issues ON issues.id = fingerprints.issue_id",
    order_by="issues.id",
    locks="issues",
)
ISSUE_OF_ID: Final = look_up(tables.issues, _STATE_COLUMNS, ("id",))
BUILDS_BEFORE_FIX: Final = look_up(tables.seen_with, ("seen_with.kind", "seen_with.value"), ("issue_id", "before_fix"))
SEEN_WITH: Final = look_up(tables.seen_with, ("seen_with.value", "seen_with.last_arrived_at"), ("issue_id", "kind"))
KEPT: Final = look_up(
    tables.occurrences,
    ("occurrences.number", "occurrences.role", "occurrences.arrived_at", "occurrences.stack_hash"),
    ("issue_id",),
    order_by="occurrences.number",
)
KNOWN_PROJECT: Final = look_up(tables.projects, ("projects.repo_url",), ("project_id",))
KNOWN_EVENT: Final = look_up(tables.event_ids, ("event_ids.issue_id", "event_ids.seen_at"), ("key",))

IDENTITY: Final = ("id", "project_id", "source")
LATEST: Final = (
    "level",
    "environment",
    "version",
    "commit_hash",
    "error_type",
    "error_message",
    "file_path",
    "line_number",
    "latest_arrived_at",
    "latest_timestamp",
    "latest_occurrences",
    "latest_event_id",
    "latest_body",
)
"""What an issue takes from its latest report."""
COUNTED: Final = ("occurrence_count", "last_seen", "sample_interval_seconds", "sampled_at")
"""What changes with every report."""
PLACED: Final = ("status", "regression_count", "first_seen", "last_seen_second", "registration")
"""What changes seldom: indexes hold most of it, which an update would rewrite whether the value changes or not."""

BEGIN_ISSUES: Final = insert_into(tables.issues, *IDENTITY, *LATEST, *COUNTED, *PLACED)
COUNT_ISSUES: Final = update_of(tables.issues, *LATEST, *COUNTED)
PLACE_ISSUES: Final = update_of(tables.issues, *PLACED)
ADD_FINGERPRINTS: Final = insert_into(
    tables.fingerprints, "project_id", "fingerprint", "issue_id", "position", on_conflict="DO NOTHING"
)
ADD_PROJECTS: Final = insert_into(
    tables.projects, "project_id", "repo_url", "created_at", "updated_at", on_conflict="DO NOTHING"
)
FILL_REPOSITORIES: Final = update_of(tables.projects, "repo_url", "updated_at", keys=("project_id",))
ADD_HISTORY: Final = insert_into(
    tables.history,
    "issue_id",
    "from_status",
    "to_status",
    "at",
    "actor",
    "reason",
    "override",
    "regression",
)
ADD_STACK_TRACES: Final = insert_into(tables.stack_traces, "issue_id", "hash", "lines", on_conflict="DO NOTHING")
DROP_STACK_TRACES: Final = delete_from(
    tables.stack_traces,
    "issue_id",
    "hash",
    unless="EXISTS (SELECT 1 FROM occurrences WHERE occurrences.issue_id = stack_traces.issue_id "
    "AND occurrences.stack_hash = stack_traces.hash)",
)
OCCURRENCE: Final = (
    "issue_id",
    "number",
    "role",
    "pinned",
    "arrived_at",
    "timestamp",
    "environment",
    "version",
    "commit_hash",
    "level",
    "occurrences",
    "event_id",
    "stack_hash",
    "body",
)
KEEP_OCCURRENCES: Final = insert_into(tables.occurrences, *OCCURRENCE)
DROP_OCCURRENCES: Final = delete_from(tables.occurrences, "issue_id", "number")
SEE_WITH: Final = insert_into(
    tables.seen_with,
    "issue_id",
    "kind",
    "value",
    "last_arrived_at",
    "before_fix",
    on_conflict="(issue_id, kind, value) DO UPDATE SET last_arrived_at = excluded.last_arrived_at",
)
FORGET_SEEN_WITH: Final = delete_from(tables.seen_with, "issue_id", "kind", "value")
COUNT_BUCKETS: Final = insert_into(
    tables.buckets,
    "issue_id",
    "hour",
    "environment",
    "version",
    "count",
    on_conflict="(issue_id, hour, environment, version) DO UPDATE SET count = buckets.count + excluded.count",
)
BUCKETS_OF: Final = {
    name: look_up(
        tables.buckets,
        ("buckets.hour", "buckets.environment", "buckets.version", "buckets.count"),
        ("issue_id", name),
        order_by="buckets.hour",
    )
    for name in ("environment", "version")
}
DROP_BUCKETS_OF: Final = {name: delete_from(tables.buckets, "issue_id", name) for name in BUCKETS_OF}
UNMUTE: Final = delete_from(mutes, "issue_id")
MUTE_OF: Final = look_up(mutes, ("mutes.until", "mutes.until_count"), ("issue_id",))
QUEUE_FOR_SEARCH: Final = insert_into(tables.search_queue, "first_issue_id", "last_issue_id")
ADD_OR_RENEW_EVENTS: Final = insert_into(
    tables.event_ids,
    "key",
    "issue_id",
    "seen_at",
    # One that was last seen too long ago is as good as forgotten.
    on_conflict="(key) DO UPDATE SET issue_id = excluded.issue_id, seen_at = excluded.seen_at "
    f"WHERE event_ids.seen_at <= excluded.seen_at - {EVENT_ID_SECONDS * 1_000_000}",
)
LOGGED_EVENT: Final = look_up(tables.event_log, ("event_log.key", "event_log.issue_id", "event_log.seen_at"), ("id",))
LOG_EVENTS: Final = insert_into(tables.event_log, "id", "key", "issue_id", "seen_at")
LOG_AFTER: Final = "SELECT id, key FROM event_log WHERE id > ? ORDER BY id LIMIT ?"
SEE_EVENTS_AGAIN: Final = update_of(tables.event_ids, "seen_at", keys=("key",))
