"""The report: one message from a reporter, body of ``POST /api/v1/logs/report``."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from attrs import evolve, field, frozen

from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.limits import (
    CLOCK_AHEAD_SECONDS,
    ERROR_TYPE_CHARACTERS,
    FILE_PATH_CHARACTERS,
    FINGERPRINT_PARTS,
    FRAMES,
    MESSAGE_BYTES,
    OCCURRENCES,
    SHORT_CHARACTERS,
    STACK_LINE_BYTES,
    cut_bytes,
    cut_characters,
    cut_context,
    cut_lines,
    is_clean_and_small,
)
from logcenter_sdk.contract.storable import storable_json, storable_lines, storable_text

In = TypeVar("In")
Out = TypeVar("Out")

PROJECT_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_UUID: Final = re.compile(r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})", re.IGNORECASE)

_UUID_CHARACTERS: Final = 36
"""Of a UUID with all its hyphens."""

REGISTRATION: Final = "ProjectInit"
"""A report with this ``error.type`` registers its project; it is no alarm and stays out of the inbox."""


class Level(StrEnum):
    """How bad a report is; any case is read."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


class Source(StrEnum):
    """Where errors come from: the running application, the CI pipeline, the cluster."""

    RUNTIME = "runtime"
    CICD = "cicd"
    DEPLOYMENT = "deployment"


def _valid_project_id(_instance: object, _field: object, value: str) -> None:
    if not PROJECT_ID.fullmatch(value):
        raise ValueError("must be 1 to 64 letters, digits, '_', '-' or '.'")


def _valid_level(_instance: object, _field: object, value: str) -> None:
    if value.upper() not in Level.__members__:
        raise ValueError("must be one of ERROR, WARNING, CRITICAL")


def _valid_source(_instance: object, _field: object, value: str | None) -> None:
    if value is not None and value not in _SOURCES:
        raise ValueError("must be one of runtime, cicd, deployment")


def _valid_instant(_instance: object, _field: object, value: str | None) -> None:
    if value is not None:
        parse_instant(value)


def _valid_uuid(_instance: object, _field: object, value: str | None) -> None:
    if value is not None and not _UUID.fullmatch(value):
        raise ValueError("must be a UUID, such as 3f2b8c1e-9a4d-4c6b-8f1e-2d7a5b9c0e11")


def _at_least_one(_instance: object, _field: object, value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError("must be at least 1")


_SOURCES: Final = frozenset(source.value for source in Source)


def _about(text: str, **schema: object) -> dict[str, Any]:
    """Metadata of a field: its description, and what JSON Schema can say beyond its type."""
    return {"description": text, "schema": schema}


@frozen(kw_only=True)
class Frame:
    """One structured frame of a stack trace, outermost first."""

    file_path: str | None = None
    line_number: int | None = None
    function: str | None = None
    module: str | None = None
    in_app: bool | None = None
    context_line: str | None = None
    pre_context: tuple[str, ...] | None = None
    post_context: tuple[str, ...] | None = None
    locals: dict[str, Any] | None = None


@frozen(kw_only=True)
class ReportedError:
    """The error itself."""

    type: str = field(metadata=_about("`ValueError`, `CICDFailure`, `CrashLoopBackOff`, …"))
    message: str = field(metadata=_about("What it says; cut at 8 KiB."))
    stack_trace: tuple[str, ...] | str = field(
        metadata=_about("Lines, or one string that is split at its newlines; the first 100 and last 400 are kept.")
    )
    file_path: str | None = field(default=None, metadata=_about("Where it was raised; null for other sources."))
    line_number: int | None = field(default=None, metadata=_about("The line in `file_path`."))


@frozen(kw_only=True)
class Sdk:
    """Which reporter sent it."""

    name: str | None = None
    version: str | None = None


@frozen(kw_only=True)
class Report:
    """One message from a reporter, with the fields that the contract's section 1 describes.

    A report as it came is not yet cleaned, cut or upper-cased: ``normalise`` does that.
    """

    project_id: str = field(
        validator=_valid_project_id,
        metadata=_about("Created on its first report.", pattern=f"^{PROJECT_ID.pattern}$", examples=["rtc_backend"]),
    )
    environment: str = field(
        metadata=_about("`development`, `staging`, `production`; for `cicd` the branch name, so any string.")
    )
    level: str = field(
        validator=_valid_level,
        metadata=_about(
            "`ERROR`, `WARNING` or `CRITICAL`; any case is read.", examples=[level.value for level in Level]
        ),
    )
    error: ReportedError
    source: str | None = field(
        default=None,
        validator=_valid_source,
        metadata=_about("Where it comes from; `runtime` when absent.", enum=[*sorted(_SOURCES), None]),
    )
    timestamp: str | None = field(
        default=None,
        validator=_valid_instant,
        metadata=_about(
            "When it happened, ISO 8601, no offset means UTC; absent or more than 5 minutes ahead: the server's time.",
            format="date-time",
        ),
    )
    version: str | None = field(default=None, metadata=_about("The application's release."))
    commit_hash: str | None = field(default=None, metadata=_about("The Git commit it was built from."))
    repo_url: str | None = field(default=None, metadata=_about("Fills the project's when that has none."))
    context: dict[str, Any] | None = field(
        default=None,
        metadata=_about(
            "Free JSON. `cicd` reads `job_name`, `step_name`; `deployment` reads `namespace`, `deployment_name`."
        ),
    )
    event_id: str | None = field(
        default=None,
        validator=_valid_uuid,
        metadata=_about("Idempotency key within the project: a retry counts once.", format="uuid"),
    )
    occurrences: int | None = field(
        default=None,
        validator=_at_least_one,
        metadata=_about("How many identical errors this report stands for; 1 when absent.", minimum=1),
    )
    first_timestamp: str | None = field(
        default=None,
        validator=_valid_instant,
        metadata=_about("With `occurrences` > 1: when the first of them happened.", format="date-time"),
    )
    fingerprint: tuple[str, ...] | None = field(
        default=None,
        metadata=_about("The reporter's own grouping; `{{default}}` stands for the default fingerprint."),
    )
    frames: tuple[Frame, ...] | None = field(default=None, metadata=_about("Structured frames, outermost first."))
    sdk: Sdk | None = field(default=None, metadata=_about("Name and version of the reporter."))

    @property
    def is_registration(self) -> bool:
        """Whether this report only registers its project."""
        return self.error.type == REGISTRATION


def source_of(report: Report) -> Source:
    """Return the report's source, ``runtime`` where it names none."""
    return Source.RUNTIME if report.source is None else Source(report.source)


def stack_lines(error: ReportedError) -> tuple[str, ...]:
    """Return the stack trace as lines: one string is split at its newlines."""
    trace = error.stack_trace
    return tuple(trace.replace("\r\n", "\n").removesuffix("\n").split("\n")) if isinstance(trace, str) else tuple(trace)


def occurred_at(report: Report, now: datetime) -> datetime:
    """Return when the error happened, in UTC: the report's own time, or ``now`` where that is absent or ahead."""
    own = own_instant(report, now)
    return now if own is None else own


def own_instant(report: Report, now: datetime) -> datetime | None:
    """Return the report's own timestamp in UTC, or None where the server's time stands in for it."""
    if report.timestamp is None:
        return None
    instant = parse_instant(report.timestamp)
    return None if instant - now > timedelta(seconds=CLOCK_AHEAD_SECONDS) else instant


def first_occurred_at(report: Report, now: datetime) -> datetime:
    """Return when the first of the errors happened that this report stands for; never after ``occurred_at``."""
    last = occurred_at(report, now)
    if report.first_timestamp is None or (report.occurrences or 1) == 1:
        return last
    return min(parse_instant(report.first_timestamp), last)


def normalise(report: Report) -> Report:
    """Return the report as it is stored: clean, cut to the contract's limits, level upper-cased, trace in lines.

    The fingerprint is of the values before any cut: take it first. Most reports are as they are stored but for the
    form of the trace, so what does not change is not made anew.
    """
    changes = {
        "environment": _short(report.environment),
        "level": report.level.upper(),
        "error": _normalise_error(report.error),
        "version": _optional(report.version, _short),
        "commit_hash": _optional(report.commit_hash, _short),
        "repo_url": _optional(report.repo_url, _short),
        "context": _optional(report.context, _clean_context),
        "event_id": _optional(report.event_id, canonical_uuid),
        "occurrences": _optional(report.occurrences, lambda count: min(count, OCCURRENCES)),
        "fingerprint": _optional(
            report.fingerprint, lambda parts: tuple(_short(part) for part in parts[:FINGERPRINT_PARTS])
        ),
        "frames": _optional(
            report.frames, lambda frames: tuple(_normalise_frame(frame) for frame in _cut_frames(frames))
        ),
        "sdk": _optional(
            report.sdk,
            lambda sdk: _changed(sdk, name=_optional(sdk.name, _short), version=_optional(sdk.version, _short)),
        ),
    }
    return _changed(report, **changes)


def _changed(value: In, **changes: Any) -> In:  # noqa: ANN401 - fields of any class of the contract
    """Return ``value`` with what differs; itself where nothing does."""
    differing = {name: new for name, new in changes.items() if (old := getattr(value, name)) is not new and old != new}
    return evolve(value, **differing) if differing else value  # type: ignore[misc] # of any attrs class


def canonical_uuid(text: str) -> str:
    """Return a UUID in lower case with its hyphens, so that two spellings of one id are one id."""
    match = _UUID.fullmatch(text)
    if match is None:
        raise ValueError(f"is no UUID: {text[:40]!r}")
    return text.lower() if len(text) == _UUID_CHARACTERS else "-".join(match.groups()).lower()


def _clean_context(context: dict[str, Any]) -> dict[str, Any]:
    return context if is_clean_and_small(context) else cut_context(storable_json(context))


def _normalise_error(error: ReportedError) -> ReportedError:
    return _changed(
        error,
        type=cut_characters(storable_text(error.type), ERROR_TYPE_CHARACTERS),
        message=cut_bytes(storable_text(error.message), MESSAGE_BYTES),
        stack_trace=cut_lines(storable_lines(stack_lines(error))),
        file_path=_optional(error.file_path, lambda path: cut_characters(storable_text(path), FILE_PATH_CHARACTERS)),
    )


def _cut_frames(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Keep both ends of a deep stack: who called, and where it broke."""
    half = FRAMES // 2
    return frames if len(frames) <= FRAMES else frames[:half] + frames[-half:]


def _normalise_frame(frame: Frame) -> Frame:
    return Frame(
        file_path=_optional(frame.file_path, lambda path: cut_characters(storable_text(path), FILE_PATH_CHARACTERS)),
        line_number=frame.line_number,
        function=_optional(frame.function, _short),
        module=_optional(frame.module, _short),
        in_app=frame.in_app,
        context_line=_optional(frame.context_line, _source_line),
        pre_context=_optional(frame.pre_context, _source_lines),
        post_context=_optional(frame.post_context, _source_lines),
        locals=_optional(frame.locals, _clean_context),
    )


def _short(text: str) -> str:
    if len(text) <= SHORT_CHARACTERS and text.isprintable():
        return text
    return cut_characters(storable_text(text), SHORT_CHARACTERS)


def _source_line(text: str) -> str:
    return cut_bytes(storable_text(text), STACK_LINE_BYTES)


def _source_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_source_line(line) for line in lines[:50])


def _optional(value: In | None, function: Callable[[In], Out]) -> Out | None:
    return None if value is None else function(value)
