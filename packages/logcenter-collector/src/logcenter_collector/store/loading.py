"""Load whole issues and occurrences: a fixed number of statements, however many there are on a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from logcenter_collector.domain.issue import BuildKind
from logcenter_collector.domain.muting import Mute
from logcenter_collector.store import rows, tables
from logcenter_collector.store.bulk import Bulk, look_up, look_up_among
from logcenter_collector.store.tables import to_instant
from logcenter_collector.store.teamwork.tables import assignments, mutes
from logcenter_sdk.contract.issue import Issue

_ISSUE: Final = tuple(column.name for column in tables.issues.c if column.name != "id")
_ISSUES: Final = look_up_among(tables.issues, _ISSUE, "id")
_KEPT: Final = look_up(tables.occurrences, ("occurrences.stack_hash", "occurrences.body"), ("issue_id", "number"))
_STACK_TRACES: Final = look_up(tables.stack_traces, ("stack_traces.lines",), ("issue_id", "hash"))
_FINGERPRINTS: Final = look_up_among(tables.fingerprints, ("position", "fingerprint"), "issue_id")
_SEEN_WITH: Final = look_up_among(
    tables.seen_with, ("-last_arrived_at", "value", "kind"), "issue_id", where=f"kind <> '{BuildKind.COMMIT_HASH}'"
)
_ASSIGNEES: Final = look_up_among(assignments, ("assignee",), "issue_id")
_MUTES: Final = look_up_among(mutes, ("until", "until_count"), "issue_id")

TraceKey = tuple[int, bytes]
"""Issue and hash."""


def load_issues(bulk: Bulk, ids: Sequence[int]) -> tuple[Issue, ...]:
    """Return the issues of these ids, in their order; without those that do not exist."""
    found = {row[0]: rows.named(("id", *_ISSUE), row) for row in bulk.read_among(_ISSUES, ids)}
    known = [found[issue_id] for issue_id in ids if issue_id in found]
    bodies = _load_latest_bodies(bulk, known)
    prints, seen_with, care = _load_fingerprints(bulk, ids), _load_seen_with(bulk, ids), load_care(bulk, ids)
    return tuple(
        rows.to_issue(row, bodies[issue_id], prints[issue_id], seen_with[issue_id], care[issue_id])
        for row in known
        for issue_id in [row["id"]]
    )


def load_stack_traces(bulk: Bulk, keys: Iterable[TraceKey]) -> dict[TraceKey, tuple[str, ...]]:
    """Return the lines of each stack trace; none where the trace was dropped."""
    found = bulk.read(_STACK_TRACES, sorted(set(keys)))
    return {(issue_id, stack_hash): tuple(rows.unpack(packed)) for issue_id, stack_hash, packed in found}


def _load_latest_bodies(bulk: Bulk, issue_rows: Sequence[rows.Row]) -> Mapping[int, dict[str, Any]]:
    """Return the body of each issue's latest occurrence: its own, or that of the kept one; empty if it was dropped."""
    keys = [(row["id"], row["occurrence_count"]) for row in issue_rows if row["latest_body"] is None]
    kept = bulk.read(_KEPT, keys)
    lines = load_stack_traces(bulk, ((issue_id, stack_hash) for issue_id, _, stack_hash, _ in kept))
    bodies: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    for issue_id, _, stack_hash, body in kept:
        bodies[issue_id] = {**rows.unpack(body), "stack_trace": lines.get((issue_id, stack_hash), ())}
    own = {row["id"]: rows.unpack(row["latest_body"]) for row in issue_rows if row["latest_body"] is not None}
    bodies.update(own)
    return bodies


def _load_fingerprints(bulk: Bulk, ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for issue_id, _, fingerprint in sorted(bulk.read_among(_FINGERPRINTS, ids)):
        found[issue_id] += (fingerprint,)
    return found


def _load_seen_with(bulk: Bulk, ids: Sequence[int]) -> Mapping[int, Mapping[str, tuple[str, ...]]]:
    """Return what each issue was seen with, by kind, the latest first."""
    found: defaultdict[int, defaultdict[str, tuple[str, ...]]] = defaultdict(lambda: defaultdict(tuple))
    for issue_id, _, value, kind in sorted(bulk.read_among(_SEEN_WITH, ids)):
        found[issue_id][kind] += (value,)
    return found


def load_care(bulk: Bulk, ids: Sequence[int]) -> Mapping[int, rows.Care]:
    """Return who cares for each issue, and until when it is muted."""
    assignees: dict[int, str] = dict(bulk.read_among(_ASSIGNEES, ids))
    found = {
        issue_id: Mute(until=None if until is None else to_instant(until), until_count=until_count)
        for issue_id, until, until_count in bulk.read_among(_MUTES, ids)
    }
    care: defaultdict[int, rows.Care] = defaultdict(rows.Care)
    for issue_id in assignees.keys() | found.keys():
        care[issue_id] = rows.Care(assignee=assignees.get(issue_id), mute=found.get(issue_id, Mute()))
    return care
