"""Keep whole occurrences: a bounded sample of each issue's, and the stack traces that they and the latest one have."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from logcenter_collector.domain.sample import Kept, Role, thin
from logcenter_collector.store import rows, statements
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.tables import to_instant
from logcenter_collector.store.tally import Tally
from logcenter_sdk.contract.report import stack_lines


def choose_kept(bulk: Bulk, touched: Iterable[Tally], limit: int) -> None:
    """Tell each tally which of its arrivals are kept and which older ones give way to them."""
    choosing = [tally for tally in touched if tally.kept]
    present = _present(bulk, [tally for tally in choosing if tally.known])
    for tally in choosing:
        older = present[tally.issue_id]
        sample = [kept for kept, _ in older]
        sample += [Kept(counted.number, role, counted.arrival.arrived_at) for counted, role in tally.kept]
        thinning = thin(sample, tally.spread.interval_seconds, limit)
        if thinning.dropped:
            tally.thin(thinning)
            tally.dropped = [(kept.number, trace) for kept, trace in older if kept.number in thinning.dropped]


def _present(bulk: Bulk, tallies: Sequence[Tally]) -> defaultdict[int, list[tuple[Kept, bytes]]]:
    found: defaultdict[int, list[tuple[Kept, bytes]]] = defaultdict(list)
    keys = [(tally.issue_id,) for tally in tallies]
    for issue_id, number, role, arrived_at, trace in bulk.read(statements.KEPT, keys):
        found[issue_id].append((Kept(number, Role(role), to_instant(arrived_at)), trace))
    return found


def write_kept(bulk: Bulk, touched: Sequence[Tally]) -> None:
    """Write what is kept, delete what gave way, and store each stack trace once."""
    _write_stack_traces(bulk, touched)
    bulk.write(
        statements.KEEP_OCCURRENCES,
        [rows.of_occurrence(tally.issue_id, counted, role) for tally in touched for counted, role in tally.kept],
    )
    dropped = sorted((tally.issue_id, number) for tally in touched for number, _ in tally.dropped)
    bulk.write(statements.DROP_OCCURRENCES, dropped)
    bulk.write(statements.DROP_STACK_TRACES, sorted({trace for tally in touched for trace in _unused(tally)}))


def _write_stack_traces(bulk: Bulk, touched: Iterable[Tally]) -> None:
    traces = {}
    for tally in touched:
        for arrival in (tally.last, *(counted.arrival for counted, _ in tally.kept)):
            if tally.known is None or arrival.stack_hash != tally.known.stack_hash:
                traces[tally.issue_id, arrival.stack_hash] = arrival.report.error
    new = [(*key, rows.pack(stack_lines(traces[key]))) for key in sorted(traces)]
    bulk.write(statements.ADD_STACK_TRACES, new)


def _unused(tally: Tally) -> Iterable[tuple[int, bytes]]:
    """Return the stack traces that may have lost their last user."""
    before = {trace for _, trace in tally.dropped}
    if tally.known:
        before.add(tally.known.stack_hash)
    return ((tally.issue_id, trace) for trace in before if trace != tally.last.stack_hash)
