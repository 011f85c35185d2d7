"""Write a batch of reports: fold it by issue first, then one statement for each table, in one transaction.

The connection's transaction must hold the write lock from its beginning, or two collectors could both begin an issue.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import define, field
from sqlalchemy import Connection, bindparam, delete, func, select, tuple_, update

from logcenter_collector.domain.issue import IssueState, builds_of
from logcenter_collector.domain.triage import triage
from logcenter_collector.store import rows, tables
from logcenter_collector.store.base import Arrival
from logcenter_collector.store.dialects import PARAMETERS, insert
from logcenter_collector.store.lookups import chunks, load_states, locate_events, locate_issues
from logcenter_sdk.contract.issue import StatusChange
from logcenter_sdk.contract.limits import OTHER, SEEN_WITH
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Report, occurred_at, stack_lines
from logcenter_sdk.contract.status import Status

KEPT_OCCURRENCES = 100
"""How many full occurrences are kept of an issue: its first, its latest regressions and its latest."""
KEPT_PINNED = 20
"""How many of these may be the first and regressions."""

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str]
"""Project and fingerprint, or project and event id."""


@define
class _Tally:
    """One issue while a batch is folded into it."""

    state: IssueState | None
    issue_id: int = 0
    arrivals: list[tuple[Arrival, Outcome]] = field(factory=list)
    changes: list[StatusChange] = field(factory=list)

    def take(self, arrival: Arrival) -> Outcome:
        decision = triage(self.state, arrival.report, arrival.arrived_at)
        self.state = decision.issue
        self.arrivals.append((arrival, decision.outcome))
        if decision.change is not None:
            self.changes.append(decision.change)
        return decision.outcome

    @property
    def latest(self) -> Arrival:
        return self.arrivals[-1][0]

    @property
    def is_new(self) -> bool:
        return self.issue_id == 0


def record(connection: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
    """Write the arrivals and return their answers in the same order."""
    tallies, events = _load(connection, arrivals)
    folded = [_fold(arrival, tallies, events) for arrival in arrivals]
    touched = sorted({id(tally): tally for tally, _, _ in folded if tally.arrivals}.values(), key=_write_order)
    if touched:
        _ensure_projects(connection, [arrival for tally in touched for arrival, _ in tally.arrivals])
        kept = [(tally, arrival, outcome) for tally in touched for arrival, outcome in _sample(tally)]
        _write_stack_traces(connection, [arrival.report for _, arrival, _ in kept])
        _write_issues(connection, touched)
        _write_history(connection, touched)
        _write_seen_with(connection, touched)
        _write_buckets(connection, touched)
        _write_occurrences(connection, kept)
        _trim_occurrences(connection, [tally.issue_id for tally in touched])
    _write_events(connection, arrivals, events)
    return [Answer(outcome, tally.issue_id, status) for tally, outcome, status in folded]


def _write_order(tally: _Tally) -> tuple[int, str, str]:
    # Everybody takes rows in the same order, so that two writers cannot wait for each other.
    return tally.issue_id, tally.latest.report.project_id, tally.latest.fingerprint


def _load(connection: Connection, arrivals: Sequence[Arrival]) -> tuple[dict[Key, _Tally], dict[Key, _Tally]]:
    """Return what is known already: the issue of each fingerprint and of each event id."""
    issue_of_event = locate_events(connection, [key for arrival in arrivals if (key := _event_key(arrival))])
    issue_of_print = locate_issues(connection, [_print_key(arrival) for arrival in arrivals])
    states = load_states(connection, {*issue_of_event.values(), *issue_of_print.values()})
    tally_of = {issue_id: _Tally(state, issue_id) for issue_id, state in states.items()}
    tallies = {key: tally_of[issue_id] for key, issue_id in issue_of_print.items()}
    events = {key: tally_of[issue_id] for key, issue_id in issue_of_event.items()}
    return tallies, events


def _fold(arrival: Arrival, tallies: dict[Key, _Tally], events: dict[Key, _Tally]) -> tuple[_Tally, Outcome, Status]:
    event_key = _event_key(arrival)
    if event_key is not None and event_key in events:  # a retry: it was counted already, whatever became of the issue
        tally = events[event_key]
        assert tally.state is not None
        return tally, Outcome.DEDUPLICATED, tally.state.status
    tally = tallies.setdefault(_print_key(arrival), _Tally(None))
    if event_key is not None:
        events[event_key] = tally
    outcome = tally.take(arrival)
    assert tally.state is not None
    return tally, outcome, tally.state.status


def _event_key(arrival: Arrival) -> Key | None:
    event_id = arrival.report.event_id
    return None if event_id is None else (arrival.report.project_id, event_id)


def _print_key(arrival: Arrival) -> Key:
    return arrival.report.project_id, arrival.fingerprint


def _ensure_projects(connection: Connection, arrivals: Sequence[Arrival]) -> None:
    now = arrivals[0].arrived_at
    repo_urls: dict[str, str | None] = {}
    for arrival in arrivals:
        project_id = arrival.report.project_id
        repo_urls[project_id] = repo_urls.get(project_id) or arrival.report.repo_url
    table = tables.projects
    known = dict(
        connection.execute(select(table.c.project_id, table.c.repo_url).where(table.c.project_id.in_(repo_urls))).all()
    )
    new = [
        {"project_id": project_id, "repo_url": repo_urls[project_id], "created_at": now, "updated_at": now}
        for project_id in sorted(repo_urls.keys() - known.keys())
    ]
    if new:
        connection.execute(insert(connection, table).on_conflict_do_nothing(), new)
    for project_id in sorted(known):
        if not known[project_id] and repo_urls[project_id]:
            values = {"repo_url": repo_urls[project_id], "updated_at": now}
            connection.execute(update(table).where(table.c.project_id == project_id).values(values))


def _write_stack_traces(connection: Connection, reports: Iterable[Report]) -> None:
    traces = {rows.stack_hash(report): report.error for report in reports}
    new = [
        {"hash": key, "lines": rows.pack(list(stack_lines(traces[key])))}
        for key in sorted(traces.keys() - _known_hashes(connection, list(traces)))
    ]
    if new:
        connection.execute(insert(connection, tables.stack_traces).on_conflict_do_nothing(), new)


def _known_hashes(connection: Connection, hashes: list[bytes]) -> set[bytes]:
    column = tables.stack_traces.c.hash
    return {
        key for part in chunks(hashes, PARAMETERS) for key in connection.scalars(select(column).where(column.in_(part)))
    }


def _write_issues(connection: Connection, tallies: Sequence[_Tally]) -> None:
    for tally in tallies:
        if tally.is_new:
            _begin_issue(connection, tally)
        else:
            connection.execute(_UPDATE, {"issue_id": tally.issue_id, **_columns(tally), **_end_of_registration(tally)})


_UPDATE = update(tables.issues).where(tables.issues.c.id == bindparam("issue_id"))


def _columns(tally: _Tally) -> dict[str, Any]:
    assert tally.state is not None
    return rows.as_last_reported(tally.latest.report) | rows.of_state(tally.state)


def _end_of_registration(tally: _Tally) -> dict[str, bool]:
    """Bring an issue that also holds errors into the inbox: it is no registration any more."""
    only_registrations = all(arrival.report.is_registration for arrival, _ in tally.arrivals)
    return {} if only_registrations else {"registration": False}


def _begin_issue(connection: Connection, tally: _Tally) -> None:
    first = tally.arrivals[0][0].report
    values = rows.of_identity(first) | _columns(tally) | _end_of_registration(tally)
    inserted = connection.execute(tables.issues.insert(), values).inserted_primary_key
    assert inserted is not None
    tally.issue_id = inserted[0]
    project_id, fingerprint = _print_key(tally.latest)
    row = {"project_id": project_id, "fingerprint": fingerprint, "issue_id": tally.issue_id}
    connection.execute(tables.fingerprints.insert(), row)


def _write_history(connection: Connection, tallies: Iterable[_Tally]) -> None:
    changes = [rows.of_change(tally.issue_id, change) for tally in tallies for change in tally.changes]
    if changes:
        connection.execute(tables.history.insert(), changes)


def _write_seen_with(connection: Connection, tallies: Sequence[_Tally]) -> None:
    seen: dict[tuple[int, str, str], datetime] = {}
    for tally in tallies:
        for arrival, _ in tally.arrivals:
            for kind, value in _seen_with(arrival.report):
                seen[tally.issue_id, kind, value] = arrival.arrived_at
    table = tables.seen_with
    statement = insert(connection, table)
    statement = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"last_arrived_at": statement.excluded.last_arrived_at}
    )
    keys = ("issue_id", "kind", "value", "last_arrived_at", "before_fix")
    connection.execute(
        statement, [dict(zip(keys, (*seen_key, seen[seen_key], False), strict=True)) for seen_key in sorted(seen)]
    )
    _trim_seen_with(connection, [tally.issue_id for tally in tallies])


def _seen_with(report: Report) -> Iterator[tuple[str, str]]:
    yield rows.ENVIRONMENT, report.environment
    for build in builds_of(report):
        yield build.kind.value, build.value


def _trim_seen_with(connection: Connection, issue_ids: Sequence[int]) -> None:
    table = tables.seen_with
    for part in chunks(issue_ids, PARAMETERS):
        crowded = (
            select(table.c.issue_id, table.c.kind)
            .where(table.c.issue_id.in_(part), table.c.value != OTHER)
            .group_by(table.c.issue_id, table.c.kind)
            .having(func.count() > SEEN_WITH)
        )
        for issue_id, kind in connection.execute(crowded).all():
            _keep_latest(connection, issue_id, kind)


def _keep_latest(connection: Connection, issue_id: int, kind: str) -> None:
    """Keep the 50 latest values of one kind; the others become one that is called "other" and sorts last."""
    table = tables.seen_with
    mine = (table.c.issue_id == issue_id) & (table.c.kind == kind) & (table.c.value != OTHER)
    latest = select(table.c.value).where(mine).order_by(table.c.last_arrived_at.desc(), table.c.value)
    connection.execute(delete(table).where(mine, table.c.value.not_in(latest.limit(SEEN_WITH))))
    other = {"issue_id": issue_id, "kind": kind, "value": OTHER, "last_arrived_at": _EARLIEST, "before_fix": False}
    connection.execute(insert(connection, table).on_conflict_do_nothing(), other)


def _write_buckets(connection: Connection, tallies: Iterable[_Tally]) -> None:
    counts: Counter[tuple[int, datetime, str]] = Counter()
    for tally in tallies:
        for arrival, _ in tally.arrivals:
            happened = occurred_at(arrival.report, arrival.arrived_at)
            hour = happened.replace(minute=0, second=0, microsecond=0)
            counts[tally.issue_id, hour, arrival.report.environment] += arrival.report.occurrences or 1
    counts = _limit_environments(connection, counts)
    table = tables.buckets
    statement = insert(connection, table)
    statement = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"count": table.c.count + statement.excluded.count}
    )
    keys = ("issue_id", "hour", "environment", "count")
    connection.execute(statement, [dict(zip(keys, (*key, counts[key]), strict=True)) for key in sorted(counts)])


def _limit_environments(
    connection: Connection, counts: Counter[tuple[int, datetime, str]]
) -> Counter[tuple[int, datetime, str]]:
    """Count environments beyond the fiftieth of an hour as "other": a branch for each run must not fill the disk."""
    known: dict[tuple[int, datetime], set[str]] = {(issue_id, hour): set() for issue_id, hour, _ in counts}
    table = tables.buckets
    for part in chunks(sorted(known), PARAMETERS // 2):
        mine = tuple_(table.c.issue_id, table.c.hour).in_(part)
        for issue_id, hour, environment in connection.execute(
            select(table.c.issue_id, table.c.hour, table.c.environment).where(mine)
        ):
            known[issue_id, hour].add(environment)
    limited: Counter[tuple[int, datetime, str]] = Counter()
    for (issue_id, hour, environment), count in sorted(counts.items()):
        names = known[issue_id, hour]
        name = environment if environment in names or len(names - {OTHER}) < SEEN_WITH else OTHER
        names.add(name)
        limited[issue_id, hour, name] += count
    return limited


def _write_occurrences(connection: Connection, kept: Iterable[tuple[_Tally, Arrival, Outcome]]) -> None:
    new = [
        rows.of_occurrence(arrival, regression=outcome is Outcome.REGRESSION, pinned=_is_pinned(outcome))
        | {"issue_id": tally.issue_id}
        for tally, arrival, outcome in kept
    ]
    connection.execute(tables.occurrences.insert(), new)


def _is_pinned(outcome: Outcome) -> bool:
    return outcome is not Outcome.DEDUPLICATED


def _sample(tally: _Tally) -> list[tuple[Arrival, Outcome]]:
    """Return what of a batch may be worth keeping; the rest could not outlive the batch."""
    pinned = [place for place, (_, outcome) in enumerate(tally.arrivals) if _is_pinned(outcome)]
    others = [place for place, (_, outcome) in enumerate(tally.arrivals) if not _is_pinned(outcome)]
    kept = pinned[:1] + pinned[1:][-KEPT_PINNED:] + others[-KEPT_OCCURRENCES:]
    return [tally.arrivals[place] for place in sorted(kept)]


def _trim_occurrences(connection: Connection, issue_ids: Sequence[int]) -> None:
    table = tables.occurrences
    orphans: set[bytes] = set()
    for part in chunks(issue_ids, PARAMETERS):
        crowded = (
            select(table.c.issue_id)
            .where(table.c.issue_id.in_(part))
            .group_by(table.c.issue_id)
            .having(func.count() > KEPT_OCCURRENCES)
        )
        for issue_id in connection.scalars(crowded).all():
            orphans |= _trim_issue(connection, issue_id)
    _drop_orphans(connection, sorted(orphans))


def _trim_issue(connection: Connection, issue_id: int) -> set[bytes]:
    """Delete what is beyond the sample of one issue, and return the stack traces that may have lost their last user."""
    table = tables.occurrences
    kept = select(table.c.id, table.c.pinned, table.c.stack_hash).where(table.c.issue_id == issue_id)
    newest_first = connection.execute(kept.order_by(table.c.id.desc())).all()
    pinned = [row for row in newest_first if row.pinned]
    others = [row for row in newest_first if not row.pinned]
    excess = pinned[KEPT_PINNED - 1 : -1]  # the first of all stays
    excess += others[KEPT_OCCURRENCES - (len(pinned) - len(excess)) :]
    for part in chunks([row.id for row in excess], PARAMETERS):
        connection.execute(delete(table).where(table.c.id.in_(part)))
    return {row.stack_hash for row in excess}


def _drop_orphans(connection: Connection, hashes: Sequence[bytes]) -> None:
    traces = tables.stack_traces
    used = [
        select(table.c.stack_hash).where(table.c.stack_hash == traces.c.hash).exists()
        for table in (tables.occurrences, tables.issues)
    ]
    for part in chunks(hashes, PARAMETERS):
        connection.execute(delete(traces).where(traces.c.hash.in_(part), ~used[0], ~used[1]))


def _write_events(connection: Connection, arrivals: Iterable[Arrival], events: dict[Key, _Tally]) -> None:
    seen_at = {key: arrival.arrived_at for arrival in arrivals if (key := _event_key(arrival))}
    if not seen_at:
        return
    table = tables.event_ids
    statement = insert(connection, table)
    statement = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"seen_at": statement.excluded.seen_at}
    )
    keys = ("project_id", "event_id", "issue_id", "seen_at")
    connection.execute(
        statement,
        [dict(zip(keys, (*key, events[key].issue_id, seen_at[key]), strict=True)) for key in sorted(seen_at)],
    )
