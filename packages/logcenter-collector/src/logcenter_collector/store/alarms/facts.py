"""What a message says of an issue, from what a batch brings or a move leaves. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from logcenter_collector.domain.alarms.event import IssueFacts
from logcenter_collector.store.base import Arrival
from logcenter_collector.store.tally import Tally
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.limits import cut_characters
from logcenter_sdk.contract.report import Level, Source, source_of

MESSAGE_CHARACTERS: Final = 500
"""A message of an alarm shows the beginning of the error's; the rest is a click away."""


def facts_of_arrival(tally: Tally, arrival: Arrival) -> IssueFacts:
    """Return the facts of an issue of a batch, as the arrival that makes the alarm shows it."""
    state, raw = tally.state, arrival.raw
    error_type, message, file_path = arrival.text
    return IssueFacts(
        issue_id=tally.issue_id,
        project_id=raw.project_id,
        project_name=raw.project_id,
        source=source_of(raw),
        level=level_of(arrival),
        status=state.status,
        environment=raw.environment,
        version=raw.version,
        error_type=error_type,
        message=cut_characters(message, MESSAGE_CHARACTERS),
        place=_place_of_arrival(arrival, file_path),
        occurrence_count=state.occurrence_count,
        regression_count=state.regression_count,
        first_seen=state.first_seen,
        last_seen=state.last_seen,
    )


def facts_of_issue(issue: Issue) -> IssueFacts:
    """Return the facts of an issue as it is stored."""
    return IssueFacts(
        issue_id=issue.id,
        project_id=issue.project_id,
        project_name=issue.project_id,
        source=issue.source,
        level=issue.level,
        status=issue.status,
        environment=issue.environment,
        version=issue.version,
        error_type=issue.error.type,
        message=cut_characters(issue.error.message, MESSAGE_CHARACTERS),
        place=_place(issue.source, issue.error.file_path, issue.error.line_number, issue.context),
        occurrence_count=issue.occurrence_count,
        regression_count=issue.regression_count,
        first_seen=issue.first_seen,
        last_seen=issue.last_seen,
    )


def level_of(arrival: Arrival) -> Level:
    """Return the level of an arrival, which may have any case of letters."""
    return Level(arrival.raw.level.upper())


def _place_of_arrival(arrival: Arrival, file_path: str | None) -> str | None:
    """Return where it happened. A reporter names the first frame of the application as the error's own place."""
    raw = arrival.raw
    source = source_of(raw)
    # Of what the application reports nothing more is read than is read already: there may be hundreds of new issues.
    context = None if source is Source.RUNTIME else arrival.report.context
    if file_path is None and raw.frames:
        own = [frame for frame in arrival.report.frames or () if frame.file_path and frame.in_app is not False]
        if own:
            return _place(source, own[-1].file_path, own[-1].line_number, context or {})
    return _place(source, file_path, raw.error.line_number, context or {})


def _place(source: Source, file_path: str | None, line_number: int | None, context: Mapping[str, Any]) -> str | None:
    """Return file:line, job/step or namespace/deployment; None where nothing is known."""
    match source:
        case Source.CICD:
            return _joined("/", context.get("job_name"), context.get("step_name"))
        case Source.DEPLOYMENT:
            return _joined("/", context.get("namespace"), context.get("deployment_name"))
        case Source.RUNTIME:
            return _joined(":", file_path, line_number) if file_path else None


def _joined(separator: str, *parts: object) -> str | None:
    named = [str(part) for part in parts if isinstance(part, str | int) and part != ""]
    return separator.join(named) or None
