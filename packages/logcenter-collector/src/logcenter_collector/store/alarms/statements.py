"""The statements of alarms in the transaction of a batch, each written once."""

from typing import Final

from logcenter_collector.store.alarms.tables import alarm_counts, alarm_outbox
from logcenter_collector.store.bulk import Lookup, insert_into

_SET: Final = ("state", "event", "at", "due_at", "free_at", "attempts")

RAISE: Final = insert_into(
    alarm_outbox,
    *("rule_id", "channel_id", "issue_id", *_SET),
    # One that waits, is sent or was sent within the window is there already.
    on_conflict="(rule_id, channel_id, issue_id) DO UPDATE SET "
    f"{', '.join(f'{name} = excluded.{name}' for name in _SET)}, message_id = NULL, begun_at = NULL "
    "WHERE alarm_outbox.free_at <= excluded.at",
)
COUNT: Final = insert_into(
    alarm_counts,
    *("rule_id", "issue_id", "slot", "count"),
    on_conflict="(rule_id, issue_id, slot) DO UPDATE SET count = alarm_counts.count + excluded.count",
)
COUNTED_SINCE: Final = Lookup(
    "SELECT rule_id, issue_id, sum(count) FROM alarm_counts WHERE rule_id = ? AND issue_id = ? AND slot >= ? "
    "GROUP BY rule_id, issue_id",
    "SELECT wanted.rule_id, wanted.issue_id, sum(alarm_counts.count)::bigint "
    "FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[]) AS wanted (rule_id, issue_id, slot) "
    "JOIN alarm_counts ON alarm_counts.rule_id = wanted.rule_id AND alarm_counts.issue_id = wanted.issue_id "
    "AND alarm_counts.slot >= wanted.slot GROUP BY wanted.rule_id, wanted.issue_id",
)
