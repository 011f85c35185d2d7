"""The quick way of a report: what counting needs is read, the heavy parts stay JSON until somebody asks for them.

A report of 20 kB is decoded in 4 µs so, and in 29 µs into the contract's classes. What is not plainly right (another
case of letters, something too long, a number too large, anything wrong) is left to the slow way, which knows all rules.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Final, cast

import msgspec
from attrs import define

from logcenter_collector.store.base import Arrival, event_key, is_plain, is_short
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.limits import (
    CONTEXT_BYTES,
    CONTEXT_DEPTH,
    ERROR_TYPE_CHARACTERS,
    FILE_PATH_CHARACTERS,
    INTEGER_MAX,
    INTEGER_MIN,
    MESSAGE_BYTES,
    STACK_LINE_BYTES,
    STACK_LINES,
    cut_bytes,
    cut_characters,
    cut_lines,
)
from logcenter_sdk.contract.report import (
    PROJECT_ID,
    REGISTRATION,
    Level,
    Report,
    ReportedError,
    Source,
    canonical_uuid,
    normalise,
    occurred_at,
    stack_lines,
)
from logcenter_sdk.contract.storable import storable_lines, storable_text

_ABSENT: Final = msgspec.Raw()


class ErrorEnvelope(msgspec.Struct, gc=False):
    """``ReportedError``, its trace unread."""

    type: str
    message: str
    stack_trace: msgspec.Raw
    file_path: str | None = None
    line_number: int | None = None


class SdkEnvelope(msgspec.Struct, gc=False):
    """``Sdk``."""

    name: str | None = None
    version: str | None = None


class Envelope(msgspec.Struct, gc=False):
    """``Report``, its heavy parts unread. A test holds that it has the same fields."""

    project_id: str
    environment: str
    level: str
    error: ErrorEnvelope
    source: str | None = None
    timestamp: str | None = None
    version: str | None = None
    commit_hash: str | None = None
    repo_url: str | None = None
    context: msgspec.Raw = _ABSENT
    event_id: str | None = None
    occurrences: int | None = None
    first_timestamp: str | None = None
    fingerprint: tuple[str, ...] | None = None
    frames: msgspec.Raw = _ABSENT
    sdk: SdkEnvelope | None = None

    @property
    def is_registration(self) -> bool:
        """Whether this report only registers its project."""
        return self.error.type == REGISTRATION


_ENVELOPE: Final = msgspec.json.Decoder(Envelope)
_TRACE: Final = msgspec.json.Decoder(tuple[str, ...] | str)
_LEVELS: Final = frozenset(level.value for level in Level)
_UNCLEAN: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes of NUL and of surrogates, half of a pair or not. UTF-8 itself holds neither."""


def _json_type(levels: int) -> Any:  # noqa: ANN401 - a type
    """Return the type of JSON that is nested so deeply at most, with numbers that fit into 64 bits."""
    number = Annotated[int, msgspec.Meta(ge=INTEGER_MIN, le=INTEGER_MAX)]
    scalar: Any = str | number | float | bool | None
    if levels == 0:
        return scalar
    inner = _json_type(levels - 1)
    return scalar | dict[str, inner] | list[inner]  # type: ignore[valid-type] # made at run time


_CONTEXT: Final = msgspec.json.Decoder(dict[str, _json_type(CONTEXT_DEPTH - 1)])  # type: ignore[misc] # see above
"""Fails where there is something to cut or to refuse; all in C."""


def is_clean(text: bytes) -> bool:
    """Whether JSON holds nothing that has to be replaced before it is stored."""
    return rb"\u" not in text or _UNCLEAN.search(text) is None


def clean_trace(text: bytes) -> msgspec.Raw | tuple[str, ...]:
    """Return a trace as it is stored: as it came where there is plainly nothing to do, else in lines, cut and clean."""
    short = len(text) <= STACK_LINE_BYTES and text.count(b'"') <= STACK_LINES
    if short and text.startswith(b"[") and is_clean(text):
        return msgspec.Raw(text)
    error = ReportedError(type="", message="", stack_trace=_TRACE.decode(text))
    return cut_lines(storable_lines(stack_lines(error)))


@define(kw_only=True)
class QuickArrival(Arrival):
    """An arrival whose report is not read further than counting needs."""

    body: bytes
    envelope: Envelope
    _text: tuple[str, str, str | None] | None = None

    def shed(self) -> None:
        """Keep it as it is: bytes take no more than they came in."""

    @property
    def report(self) -> Report:
        """The report as it is stored."""
        if self._report is None:
            self._report = normalise(_REPORT.decode(self.body))
        return self._report

    @property
    def text(self) -> tuple[str, str, str | None]:
        """The error's type, message and file, as they are stored."""
        if self._text is None:
            error = self.envelope.error
            path = error.file_path
            self._text = (
                cut_characters(storable_text(error.type), ERROR_TYPE_CHARACTERS),
                cut_bytes(storable_text(error.message), MESSAGE_BYTES),
                None if path is None else cut_characters(storable_text(path), FILE_PATH_CHARACTERS),
            )
        return self._text

    @property
    def stack_trace(self) -> object:
        """The lines of the stack trace, as JSON takes them."""
        if self._stack_trace is None:
            self._stack_trace = clean_trace(bytes(self.envelope.error.stack_trace))
        return self._stack_trace

    def details(self) -> dict[str, Any]:
        """Return what is kept of the report beside what has a column of its own."""
        found = {"context": self.envelope.context, "sdk": self.envelope.sdk}
        return {name: value for name, value in found.items() if value}


_REPORT: Final = msgspec.json.Decoder(Report)


class QuickReader:
    """Reads the reports that are plainly right."""

    def __init__(self) -> None:
        self._project_ids: set[str] = set()

    def read(self, body: bytes, now: datetime) -> Arrival | None:
        """Return the arrival of a report, or None where the slow way has to look."""
        try:
            envelope = _ENVELOPE.decode(body)
            if envelope.event_id is not None:
                envelope.event_id = canonical_uuid(envelope.event_id)
            if not self._is_plain(envelope):
                return None
            _TRACE.decode(envelope.error.stack_trace)  # only to know that it is one
            report = cast("Report", envelope)  # for counting: it has all that counting looks at
            return QuickArrival(
                raw=report,
                fingerprint=fingerprint_of(report),
                arrived_at=now,
                occurred_at=occurred_at(report, now),
                event_key=_event_key(envelope),
                body=body,
                envelope=envelope,
            )
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None

    def _is_plain(self, envelope: Envelope) -> bool:
        return (
            self._is_project(envelope.project_id)
            and envelope.level in _LEVELS
            and (envelope.source is None or envelope.source == Source.RUNTIME)
            and envelope.fingerprint is None
            and not envelope.frames
            and is_short(cast("Report", envelope))
            and _is_plain_number(envelope.occurrences, 1)
            and _is_plain_number(envelope.error.line_number, INTEGER_MIN)
            and (envelope.first_timestamp is None or parse_instant(envelope.first_timestamp) is not None)
            and (envelope.sdk is None or (is_plain(envelope.sdk.name) and is_plain(envelope.sdk.version)))
            and (not envelope.context or _is_plain_context(bytes(envelope.context)))
        )

    def _is_project(self, project_id: str) -> bool:
        if project_id in self._project_ids:
            return True
        if PROJECT_ID.fullmatch(project_id) is None:
            return False
        if len(self._project_ids) < _PROJECTS:
            self._project_ids.add(project_id)
        return True


_PROJECTS: Final = 10_000


def _event_key(envelope: Envelope) -> bytes | None:
    return None if envelope.event_id is None else event_key(envelope.project_id, envelope.event_id)


def _is_plain_number(number: int | None, least: int) -> bool:
    return number is None or least <= number <= INTEGER_MAX


def _is_plain_context(text: bytes) -> bool:
    """Whether a context has nothing to clean or to cut, and is no other thing than an object."""
    return len(text) <= CONTEXT_BYTES and is_clean(text) and _CONTEXT.decode(text) is not None
