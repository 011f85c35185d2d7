"""What issues were seen with: environments, releases and commits, the 50 latest of each; the rest is "other"."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from logcenter_collector.domain.issue import BuildKind
from logcenter_collector.domain.recent import keep_recent, newcomers
from logcenter_collector.store import rows, statements
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_collector.store.tally import Counted, Tally
from logcenter_sdk.contract.limits import OTHER
from logcenter_sdk.contract.report import Report

_KINDS: Final = (rows.ENVIRONMENT, BuildKind.VERSION.value, BuildKind.COMMIT_HASH.value)
_BRING_NEWCOMERS: Final = (rows.ENVIRONMENT, BuildKind.VERSION.value)
_EARLIEST: Final = microseconds(datetime(1970, 1, 1, tzinfo=UTC))

Kind = tuple[int, str]
"""Issue and kind of value."""
Runs = dict[str, list[Counted]]
"""Values, each with the reports that brought it after a report with another value."""


def see_with(bulk: Bulk, touched: Sequence[Tally]) -> None:
    """Write what differs from the report before, and tell each tally its newcomers and what has fallen out."""
    changing = [tally for tally in touched if tally.named]
    writes = [row for tally in changing if _is_simple(tally) for row in _first_seen(tally)]
    falls: list[tuple[int, str, str]] = []
    seen = {
        (tally.issue_id, kind): (tally, runs)
        for tally in changing
        if not _is_simple(tally)
        for kind, runs in _runs(tally).items()
    }
    known = _known(bulk, [key for key, (tally, _) in seen.items() if tally.known])
    for (issue_id, kind), (tally, runs) in seen.items():
        before = known[issue_id, kind]
        recent = keep_recent(before, {value: run[-1].arrival.arrived_at for value, run in runs.items()})
        writes += ((issue_id, kind, value, microseconds(at), False) for value, at in recent.stays.items())
        falls += ((issue_id, kind, value) for value in recent.falls_out)
        if kind in _BRING_NEWCOMERS:
            tally.keep_newcomers(runs[value][0] for value in sorted(newcomers(before, runs)))
        if kind == rows.ENVIRONMENT:
            tally.fallen_out = recent.falls_out
        if kind == BuildKind.VERSION:
            tally.fallen_releases = recent.falls_out
    bulk.write(statements.SEE_WITH, sorted(writes))
    _fall_out(bulk, sorted(falls))


def _is_simple(tally: Tally) -> bool:
    return tally.known is None and len(tally.named) == 1


def _first_seen(tally: Tally) -> Iterator[tuple[int, str, str, int, bool]]:
    """Yield what a new issue was seen with, the usual case in a storm of new ones."""
    arrival = tally.named[0].arrival
    at = microseconds(arrival.arrived_at)
    for kind, value in zip(_KINDS, _named(arrival.raw), strict=True):
        if value:
            yield tally.issue_id, kind, value, at, False


def _runs(tally: Tally) -> dict[str, Runs]:
    found: defaultdict[str, Runs] = defaultdict(dict)
    present = tally.known.named if tally.known else (None, None, None)
    for counted in tally.named:
        values = _named(counted.arrival.raw)
        for kind, value, last in zip(_KINDS, values, present, strict=True):
            if value and value != last:
                found[kind].setdefault(value, []).append(counted)
        present = values
    return found


def _named(report: Report) -> tuple[str | None, str | None, str | None]:
    return report.environment, report.version, report.commit_hash


def _known(bulk: Bulk, keys: Sequence[Kind]) -> Mapping[Kind, dict[str, datetime]]:
    found: defaultdict[Kind, dict[str, datetime]] = defaultdict(dict)
    for issue_id, kind, value, last_arrived_at in bulk.read(statements.SEEN_WITH, sorted(keys)):
        found[issue_id, kind][value] = to_instant(last_arrived_at)
    return found


def _fall_out(bulk: Bulk, falls: Sequence[tuple[int, str, str]]) -> None:
    """Let "other" stand for what is not among the latest any more; it sorts behind them."""
    if not falls:
        return
    bulk.write(statements.FORGET_SEEN_WITH, falls)
    others = sorted({(issue_id, kind, OTHER, _EARLIEST, False) for issue_id, kind, _ in falls})
    bulk.write(statements.SEE_WITH, others)
    for kind in _BRING_NEWCOMERS:
        _move_counts(bulk, kind, [(issue_id, value) for issue_id, of, value in falls if of == kind])


def _move_counts(bulk: Bulk, kind: str, fallen: Sequence[tuple[int, str]]) -> None:
    """Count under "other" what was counted under values that fell out: a branch each must not fill the disk."""
    counts: Counter[tuple[int, int, str, str]] = Counter()
    for issue_id, _, hour, environment, version, count in bulk.read(statements.BUCKETS_OF[kind], fallen):
        names = (OTHER, version) if kind == rows.ENVIRONMENT else (environment, OTHER)
        counts[issue_id, hour, *names] += count
    bulk.write(statements.DROP_BUCKETS_OF[kind], fallen)
    bulk.write(statements.COUNT_BUCKETS, [(*key, counts[key]) for key in sorted(counts)])
