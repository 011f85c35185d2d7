"""Drop what was kept of occurrences. Counts, buckets, history and the issues themselves always stay."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from logcenter_collector.store import tables
from logcenter_collector.store.bulk import Bulk, look_up, update_of
from logcenter_collector.store.statements import DROP_OCCURRENCES, DROP_STACK_TRACES

LOCK_ISSUES: Final = look_up(tables.issues, (), ("id",), order_by="issues.id", locks="issues")
_DROP_LATEST: Final = update_of(tables.issues, "latest_body", keys=("id", "latest_arrived_at"))


@frozen
class Goner:
    """What is to go of one issue."""

    issue_id: int
    size: int
    """About how many bytes it is."""
    number: int | None = None
    """A kept occurrence."""
    trace: bytes | None = None
    """The hash of a stack trace, which goes with the last kept occurrence that has it."""
    latest_arrived_at: int | None = None
    """The context of the latest occurrence, unless another one has arrived since this one."""


def drop(bulk: Bulk, goners: Sequence[Goner]) -> None:
    """Drop it, in the order in which recording takes its rows."""
    if bulk.is_postgresql:  # nobody may begin to use a stack trace that is about to go
        bulk.read(LOCK_ISSUES, sorted({(goner.issue_id,) for goner in goners}))
    latest = [(goner.issue_id, goner.latest_arrived_at) for goner in goners if goner.latest_arrived_at is not None]
    bulk.write(_DROP_LATEST, [(None, *key) for key in sorted(latest)])
    kept = [(goner.issue_id, goner.number) for goner in goners if goner.number is not None]
    bulk.write(DROP_OCCURRENCES, sorted(kept))
    traces = {(goner.issue_id, goner.trace) for goner in goners if goner.trace is not None}
    bulk.write(DROP_STACK_TRACES, sorted(traces))
