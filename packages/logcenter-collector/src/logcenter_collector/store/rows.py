"""Between rows and the objects of the domain and the contract. Pure: no database is touched here."""

import json
import zlib
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from sqlalchemy import RowMapping

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.store.base import Arrival
from logcenter_sdk.contract.issue import Fix, Issue, IssueError, Occurrence, StatusChange
from logcenter_sdk.contract.limits import compact_json
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Frame, Level, Report, Sdk, Source, occurred_at, source_of, stack_lines
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.writing import to_wire

Row = RowMapping | Mapping[str, Any]
Values = dict[str, Any]

ENVIRONMENT = "environment"
"""The kind of ``seen_with`` that is no build; the others are the values of BuildKind."""

SAVED_LEVEL = 1
"""Compression level: 1 is a third of the time of 6 for nearly the same size on stack traces."""


def pack(value: object) -> bytes:
    """Return a JSON value as compressed bytes."""
    return zlib.compress(compact_json(value).encode(), SAVED_LEVEL)


def unpack(packed: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON value that ``pack`` was given."""
    return json.loads(zlib.decompress(packed))


def stack_hash(report: Report) -> bytes:
    """Return the key under which a report's stack trace is kept, the same for the same lines."""
    return blake2b(compact_json(stack_lines(report.error)).encode(), digest_size=16).digest()


def as_last_reported(report: Report) -> Values:
    """Return the columns of an issue that the latest report sets."""
    return {
        "level": report.level,
        "environment": report.environment,
        "version": report.version,
        "commit_hash": report.commit_hash,
        "error_type": report.error.type,
        "error_message": report.error.message,
        "file_path": report.error.file_path,
        "line_number": report.error.line_number,
        "stack_hash": stack_hash(report),
        "context": compact_json(report.context or {}),
    }


def of_identity(report: Report) -> Values:
    """Return the columns of an issue that never change."""
    return {
        "project_id": report.project_id,
        "source": source_of(report).value,
        "registration": report.is_registration,
    }


def of_state(state: IssueState) -> Values:
    """Return the columns of an issue that triage and moves change."""
    fixed_in = {build.kind: build.value for build in state.fixed_in}
    return {
        "status": state.status.value,
        "occurrence_count": state.occurrence_count,
        "regression_count": state.regression_count,
        "first_seen": state.first_seen,
        "last_seen": state.last_seen,
        "fixed_at": state.fixed_at,
        "fixed_in_commit_hash": fixed_in.get(BuildKind.COMMIT_HASH),
        "fixed_in_version": fixed_in.get(BuildKind.VERSION),
        **of_fix(state.fix),
    }


def of_fix(fix: Fix | None) -> Values:
    """Return the four columns of a fix."""
    fix = fix or Fix()
    return {
        "fix_commit_hash": fix.commit_hash,
        "fix_branch": fix.branch,
        "fix_pr_url": fix.pr_url,
        "fix_version": fix.version,
    }


def of_change(issue_id: int, change: StatusChange) -> Values:
    """Return the row of one entry of the history."""
    return {
        "issue_id": issue_id,
        "from_status": change.from_.value,
        "to_status": change.to.value,
        "at": change.at,
        "actor": change.actor,
        "reason": change.reason,
        "override": change.override,
        "regression": change.regression,
        **of_fix(change.fix),
    }


def of_occurrence(arrival: Arrival, *, regression: bool, pinned: bool) -> Values:
    """Return the row of a kept occurrence, but for its issue's id."""
    report = arrival.report
    body = {
        "type": report.error.type,
        "message": report.error.message,
        "file_path": report.error.file_path,
        "line_number": report.error.line_number,
        "context": report.context or {},
        "frames": to_wire(report.frames),
        "sdk": to_wire(report.sdk),
        "fingerprint": to_wire(report.fingerprint),
    }
    return {
        "arrived_at": arrival.arrived_at,
        "timestamp": occurred_at(report, arrival.arrived_at),
        "environment": report.environment,
        "version": report.version,
        "commit_hash": report.commit_hash,
        "level": report.level,
        "occurrences": report.occurrences or 1,
        "regression": regression,
        "pinned": pinned,
        "event_id": report.event_id,
        "stack_hash": stack_hash(report),
        "body": pack(body),
    }


def to_state(row: Row, builds_before_fix: Iterable[Build]) -> IssueState:
    """Return the part of an issue's row that triage and moves need."""
    named = (
        (BuildKind.COMMIT_HASH, row["fixed_in_commit_hash"]),
        (BuildKind.VERSION, row["fixed_in_version"]),
    )
    return IssueState(
        status=Status(row["status"]),
        occurrence_count=row["occurrence_count"],
        regression_count=row["regression_count"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        fix=to_fix(row),
        fixed_at=row["fixed_at"],
        fixed_in=frozenset(Build(kind, value) for kind, value in named if value),
        builds_before_fix=frozenset(builds_before_fix),
    )


def to_fix(row: Row) -> Fix | None:
    """Return the fix of a row; None where it names nothing."""
    fix = Fix(
        commit_hash=row["fix_commit_hash"],
        branch=row["fix_branch"],
        pr_url=row["fix_pr_url"],
        version=row["fix_version"],
    )
    return None if fix == Fix() else fix


def to_issue(
    row: Row, lines: tuple[str, ...], fingerprints: tuple[str, ...], seen_with: Mapping[str, tuple[str, ...]]
) -> Issue:
    """Return an issue of its row and what stands in other tables, latest first in ``seen_with``."""
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
            stack_trace=lines,
        ),
        context=json.loads(row["context"]),
        occurrence_count=row["occurrence_count"],
        regression_count=row["regression_count"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        environments=seen_with.get(ENVIRONMENT, ()),
        versions=seen_with.get(BuildKind.VERSION, ()),
        fix=to_fix(row),
    )


def to_occurrence(row: Row, lines: tuple[str, ...]) -> Occurrence:
    """Return a kept occurrence of its row and its stack trace."""
    body = unpack(row["body"])
    return Occurrence(
        id=row["id"],
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
            file_path=body["file_path"],
            line_number=body["line_number"],
            stack_trace=lines,
        ),
        context=body["context"],
        event_id=row["event_id"],
        occurrences=row["occurrences"],
        regression=row["regression"],
        frames=None if body["frames"] is None else tuple(read(Frame, frame) for frame in body["frames"]),
        sdk=None if body["sdk"] is None else read(Sdk, body["sdk"]),
    )


def to_change(row: Row) -> StatusChange:
    """Return one entry of the history."""
    return StatusChange(
        from_=Status(row["from_status"]),
        to=Status(row["to_status"]),
        at=row["at"],
        actor=row["actor"],
        reason=row["reason"],
        override=row["override"],
        regression=row["regression"],
        fix=to_fix(row),
    )


def to_project(row: Row) -> Project:
    """Return a project; its name is its id until somebody names it."""
    return Project(**{**row, "name": row["name"] or row["project_id"]})
