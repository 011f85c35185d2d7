"""Keep whole occurrences: a bounded sample of each issue's, and the stack traces that they and the latest one have."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from logcenter_collector.domain.sample import Kept, Role, fits, thin
from logcenter_collector.store import rows, statements
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.tables import to_instant
from logcenter_collector.store.tally import Tally


def choose_kept(bulk: Bulk, touched: Iterable[Tally], limit: int) -> None:
    """Tell each tally which of its arrivals are kept and which older ones give way to them."""
    choosing = [tally for tally in touched if tally.kept and not fits(tally.state.occurrence_count, limit)]
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
    traces: dict[tuple[int, bytes], bytes] = {}
    kept = []
    for tally in touched:
        for counted, role in tally.kept:
            issue_id, stack_hash, lines = rows.stack_row(tally.issue_id, counted.arrival)
            traces[issue_id, stack_hash] = lines
            kept.append(rows.of_occurrence(issue_id, counted, role, stack_hash))
    bulk.write(statements.ADD_STACK_TRACES, [(*key, traces[key]) for key in sorted(traces)])
    bulk.write(statements.KEEP_OCCURRENCES, kept)
    dropped = sorted((tally.issue_id, number, trace) for tally in touched for number, trace in tally.dropped)
    bulk.write(statements.DROP_OCCURRENCES, [(issue_id, number) for issue_id, number, _ in dropped])
    bulk.write(statements.DROP_STACK_TRACES, sorted({(issue_id, trace) for issue_id, _, trace in dropped}))
