"""Between rows and the objects of the domain and the contract. Pure: no database is touched here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec
from attrs import field, frozen
from sqlalchemy import RowMapping

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.domain.muting import Mute
from logcenter_collector.domain.sample import PINNED, Role, Spread
from logcenter_collector.store import tables
from logcenter_collector.store.base import Arrival
from logcenter_collector.store.compression import zstd
from logcenter_collector.store.search.places import stands_elsewhere
from logcenter_collector.store.tables import microseconds, to_instant
from logcenter_collector.store.tally import Counted, Known, Tally
from logcenter_sdk.contract.issue import Fix, Issue, IssueError, Occurrence, StatusChange
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import Frame, Level, Sdk, Source, source_of
from logcenter_sdk.contract.status import Status

Row = RowMapping | Mapping[str, Any]
Values = tuple[Any, ...]


@frozen(kw_only=True)
class Care:
    """Who cares for an issue, and until when it is muted."""

    assignee: str | None = None
    mute: Mute = field(factory=Mute)


ENVIRONMENT: Final = "environment"
"""The kind of ``seen_with`` that is no build; the others are the values of BuildKind."""
_INSTANTS: Final = frozenset(column.name for column in tables.issues.c if isinstance(column.type, tables.Instant))
_BUILD_KINDS: Final = frozenset(kind.value for kind in BuildKind)

WORTH_COMPRESSING: Final = 512
"""Bytes; what is shorter than this shrinks by less than its page has room for."""
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
"""How a zstd frame begins; JSON never begins so."""
# One for all: to make one takes as long as to compress a report. Level 1: a fifth of zlib's time for less space.
_compressor: Final = zstd.ZstdCompressor(level=1)


def pack(value: object) -> bytes:
    """Return a JSON value as bytes, compressed where that is worth it."""
    text = msgspec.json.encode(value)
    return text if len(text) < WORTH_COMPRESSING else _compressor.compress(text, zstd.ZstdCompressor.FLUSH_FRAME)


def unpack(packed: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON value that ``pack`` was given."""
    return msgspec.json.decode(zstd.decompress(packed) if packed.startswith(_ZSTD) else packed)


def of_identity(tally: Tally) -> Values:
    """Return the columns ``statements.IDENTITY`` of a new issue, which its first report gives it."""
    raw = tally.named[0].arrival.raw
    return tally.issue_id, raw.project_id, source_of(raw).value


def of_latest(tally: Tally) -> Values:
    """Return the columns ``statements.LATEST`` of an issue."""
    arrival = tally.last
    raw = arrival.raw
    return (
        raw.level.upper(),
        raw.environment,
        raw.version,
        raw.commit_hash,
        *arrival.text,
        raw.error.line_number,
        microseconds(arrival.arrived_at),
        microseconds(arrival.occurred_at),
        raw.occurrences or 1,
        raw.event_id,
        None if tally.keeps_latest else pack({**_details(arrival), "stack_trace": arrival.stack_trace}),
    )


def of_counts(tally: Tally) -> Values:
    """Return the columns ``statements.COUNTED`` of an issue."""
    state, spread = tally.state, tally.spread
    return (
        state.occurrence_count,
        microseconds(state.last_seen),
        spread.interval_seconds,
        microseconds(spread.sampled_at),
    )


def of_place(tally: Tally) -> Values:
    """Return the columns ``statements.PLACED`` of an issue."""
    state = tally.state
    return (
        state.status.value,
        state.regression_count,
        microseconds(state.first_seen),
        _second(state.last_seen),
        is_registration(tally),
    )


def has_moved(tally: Tally) -> bool:
    """Whether one of the columns ``statements.PLACED`` of a known issue changes."""
    known, state = tally.known, tally.state
    return known is None or (
        (state.last_seen is not known.state.last_seen and _second(state.last_seen) != _second(known.state.last_seen))
        or state.first_seen != known.state.first_seen
        or state.status is not known.state.status
        or state.regression_count != known.state.regression_count
        or known.registration is not is_registration(tally)
    )


def _second(instant: datetime) -> int:
    return microseconds(instant) // 1_000_000


def is_registration(tally: Tally) -> bool:
    """Whether an issue holds nothing but registrations of projects, which stay out of the inbox."""
    if tally.known and not tally.known.registration:
        return False
    return tally.only_registers


def is_new_to_search(tally: Tally) -> bool:
    """Whether one of the issue's terms in the search index changes."""
    known, state, last = tally.known, tally.state, tally.last
    return (
        known is None
        or tally.has_newcomers
        or known.text != last.text
        or known.level != last.raw.level.upper()
        or known.state.status is not state.status
        or stands_elsewhere(known.state, state)
    )


def of_occurrence(issue_id: int, counted: Counted, role: Role, stack_hash: bytes) -> Values:
    """Return the columns ``statements.OCCURRENCE`` of a kept occurrence."""
    arrival = counted.arrival
    raw = arrival.raw
    return (
        issue_id,
        counted.number,
        role.value,
        role in PINNED,
        microseconds(arrival.arrived_at),
        microseconds(arrival.occurred_at),
        raw.environment,
        raw.version,
        raw.commit_hash,
        raw.level.upper(),
        raw.occurrences or 1,
        raw.event_id,
        stack_hash,
        pack(_details(arrival)),
    )


def _details(arrival: Arrival) -> dict[str, Any]:
    """Return what of a report stands in no column of its own."""
    error_type, message, file_path = arrival.text
    line_number = arrival.raw.error.line_number
    error = {"type": error_type, "message": message, "file_path": file_path, "line_number": line_number}
    return {**error, **arrival.details()}


def stack_row(issue_id: int, arrival: Arrival) -> tuple[int, bytes, bytes]:
    """Return the columns of ``statements.ADD_STACK_TRACES``: the hash is the same for the same lines."""
    lines = msgspec.json.encode(arrival.stack_trace)
    return issue_id, blake2b(lines, digest_size=16).digest(), pack(msgspec.Raw(lines))


def with_trace(body: bytes, lines: bytes | None) -> bytes:
    """Return the body of a kept occurrence as the latest one has it: with its stack trace."""
    return pack({**unpack(body), "stack_trace": unpack(lines) if lines else ()})


def of_state(state: IssueState) -> dict[str, Any]:
    """Return the columns of an issue that a move changes."""
    fixed_in = {build.kind: build.value for build in state.fixed_in}
    return {
        "status": state.status.value,
        "fixed_at": state.fixed_at,
        "fixed_in_commit_hash": fixed_in.get(BuildKind.COMMIT_HASH),
        "fixed_in_version": fixed_in.get(BuildKind.VERSION),
        **of_fix(state.fix),
    }


def of_fix(fix: Fix | None) -> dict[str, str | None]:
    """Return the four columns of a fix."""
    fix = fix or Fix()
    return {
        "fix_commit_hash": fix.commit_hash,
        "fix_branch": fix.branch,
        "fix_pr_url": fix.pr_url,
        "fix_version": fix.version,
    }


def of_change(issue_id: int, change: StatusChange) -> Values:
    """Return the columns of ``statements.ADD_HISTORY`` of a change that came with a report."""
    return (
        issue_id,
        change.from_.value,
        change.to.value,
        microseconds(change.at),
        change.actor,
        change.reason,
        change.override,
        change.regression,
    )


def of_move(issue_id: int, change: StatusChange) -> dict[str, Any]:
    """Return the row of the history for a move."""
    return {
        "issue_id": issue_id,
        "from_status": change.from_.value,
        "to_status": change.to.value,
        "at": change.at,
        "actor": change.actor,
        "on_behalf_of": change.on_behalf_of,
        "reason": change.reason,
        "override": change.override,
        "regression": change.regression,
        **of_fix(change.fix),
    }


def to_known(row: Values) -> Known:
    """Return what recording needs to know of an issue, from the columns ``statements.STATE``."""
    (
        issue_id, status, occurrence_count, regression_count, first_seen, last_seen, fixed_at, commit_hash, version,
        registration, level, *named, error_type, message, file_path, interval_seconds, sampled_at,
    ) = row  # fmt: skip
    state = IssueState(
        status=Status(status),
        occurrence_count=occurrence_count,
        regression_count=regression_count,
        first_seen=to_instant(first_seen),
        last_seen=to_instant(last_seen),
        fixed_at=None if fixed_at is None else to_instant(fixed_at),
        fixed_in=_builds(commit_hash, version),
    )
    return Known(
        issue_id=issue_id,
        state=state,
        registration=bool(registration),
        level=level,
        named=(named[0], named[1], named[2]),
        text=(error_type, message, file_path),
        spread=Spread(interval_seconds, to_instant(sampled_at)),
    )


def _builds(commit_hash: str | None, version: str | None) -> frozenset[Build]:
    if commit_hash is None and version is None:
        return frozenset()
    return frozenset(
        Build(kind, value)
        for kind, value in ((BuildKind.COMMIT_HASH, commit_hash), (BuildKind.VERSION, version))
        if value
    )


def to_builds(found: Iterable[Values]) -> defaultdict[int, list[Build]]:
    """Return the builds of each issue, from rows of issue, a key, kind and value."""
    builds: defaultdict[int, list[Build]] = defaultdict(list)
    for issue_id, _, kind, value in found:
        if kind in _BUILD_KINDS:
            builds[issue_id].append(Build(BuildKind(kind), value))
    return builds


def to_state(row: Row, builds_before_fix: Iterable[Build]) -> IssueState:
    """Return the part of an issue's row that moves need."""
    return IssueState(
        status=Status(row["status"]),
        occurrence_count=row["occurrence_count"],
        regression_count=row["regression_count"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        fix=to_fix(row),
        fixed_at=row["fixed_at"],
        fixed_in=_builds(row["fixed_in_commit_hash"], row["fixed_in_version"]),
        builds_before_fix=frozenset(builds_before_fix),
    )


def to_fix(row: Row) -> Fix | None:
    """Return the fix of a row; None where it names nothing."""
    commit_hash, branch = row["fix_commit_hash"], row["fix_branch"]
    pr_url, version = row["fix_pr_url"], row["fix_version"]
    if commit_hash is branch is pr_url is version is None:  # as good as always in a list
        return None
    return Fix(commit_hash=commit_hash, branch=branch, pr_url=pr_url, version=version)


def named(names: Sequence[str], values: Values) -> Row:
    """Return the values of a row by the names of their columns, with instants as such."""
    row = dict(zip(names, values, strict=True))
    for name in _INSTANTS & row.keys():
        if row[name] is not None:
            row[name] = to_instant(row[name])
    return row


def to_issue(
    row: Row,
    body: Mapping[str, Any],
    fingerprints: tuple[str, ...],
    seen_with: Mapping[str, tuple[str, ...]],
    care: Care,
) -> Issue:
    """Return an issue of its row, the body of its latest occurrence, and what stands in other tables.

    The latest comes first in ``seen_with``.
    """
    return Issue(
        id=row["id"],
        project_id=row["project_id"],
        source=Source(row["source"]),
        fingerprint=fingerprints[0],
        fingerprints=fingerprints,
        status=Status(row["status"]),
        level=Level(row["level"]),
        environment=row["environment"],
        version=row["version"],
        commit_hash=row["commit_hash"],
        error=IssueError(
            type=row["error_type"],
            message=row["error_message"],
            file_path=row["file_path"],
            line_number=row["line_number"],
            stack_trace=tuple(body.get("stack_trace") or ()),
        ),
        context=body.get("context") or {},
        occurrence_count=row["occurrence_count"],
        regression_count=row["regression_count"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        environments=seen_with.get(ENVIRONMENT, ()),
        versions=seen_with.get(BuildKind.VERSION, ()),
        fix=to_fix(row),
        assignee=care.assignee,
        muted_until=care.mute.until,
        muted_until_count=care.mute.until_count,
    )


def latest_occurrence(row: Row) -> dict[str, Any]:
    """Return the latest occurrence of an issue, which stands in the issue's own row, as a row of ``occurrences``."""
    return {
        "issue_id": row["id"],
        "number": row["occurrence_count"],
        "role": Role.SPREAD,
        "arrived_at": row["latest_arrived_at"],
        "timestamp": row["latest_timestamp"],
        "environment": row["environment"],
        "version": row["version"],
        "commit_hash": row["commit_hash"],
        "level": row["level"],
        "occurrences": row["latest_occurrences"],
        "event_id": row["latest_event_id"],
        "stack_hash": None,
        "body": row["latest_body"],
    }


def to_occurrence(row: Row, lines: tuple[str, ...]) -> Occurrence:
    """Return a kept occurrence of its row and its stack trace, unless that stands in the row's own body."""
    body = unpack(row["body"])
    frames, sdk = body.get("frames"), body.get("sdk")
    return Occurrence(
        id=row["number"],
        issue_id=row["issue_id"],
        timestamp=row["timestamp"],
        arrived_at=row["arrived_at"],
        level=Level(row["level"]),
        environment=row["environment"],
        version=row["version"],
        commit_hash=row["commit_hash"],
        error=IssueError(
            type=body["type"],
            message=body["message"],
            file_path=body.get("file_path"),
            line_number=body.get("line_number"),
            stack_trace=tuple(body.get("stack_trace") or lines),
        ),
        context=body.get("context") or {},
        event_id=row["event_id"],
        occurrences=row["occurrences"],
        regression=row["role"] == Role.REGRESSION,
        # they were checked when they came
        frames=None if frames is None else msgspec.convert(frames, tuple[Frame, ...]),
        sdk=None if sdk is None else msgspec.convert(sdk, Sdk),
    )


def to_change(row: Row) -> StatusChange:
    """Return one entry of the history."""
    return StatusChange(
        from_=Status(row["from_status"]),
        to=Status(row["to_status"]),
        at=row["at"],
        actor=row["actor"],
        on_behalf_of=row["on_behalf_of"],
        reason=row["reason"],
        override=row["override"],
        regression=row["regression"],
        fix=to_fix(row),
    )


def to_project(row: Row) -> Project:
    """Return a project; its name is its id until somebody names it."""
    return Project(**{**row, "name": row["name"] or row["project_id"]})
