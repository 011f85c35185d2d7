"""The fingerprint: which reports are the same error. The same function decides in every client and in the collector.

MD5 names a group here; it protects nothing.
"""

from collections.abc import Iterable
from hashlib import md5
from typing import Any, Final

from logcenter_sdk.contract.limits import compact_json
from logcenter_sdk.contract.report import Report, Source, source_of
from logcenter_sdk.contract.storable import storable_json, storable_text

DEFAULT: Final = "{{default}}"
"""A part of a reporter's own grouping that stands for the default fingerprint."""


def fingerprint_of(report: Report) -> str:
    """Return the report's fingerprint: 32 lower-case hexadecimal digits.

    It is of the values after NUL and surrogate replacement and before any cut.
    """
    default = _digest(key_fields(report))
    parts = report.fingerprint
    if not parts or parts == (DEFAULT,):
        return default
    return _digest([report.project_id, *(default if part == DEFAULT else part for part in parts)])


def key_fields(report: Report) -> tuple[str, ...]:
    """Return what the default fingerprint is made of: one recipe for each source."""
    error, context = report.error, report.context or {}
    match source_of(report):
        case Source.CICD:
            return (report.project_id, "cicd", error.type, *_texts(context, "job_name", "step_name"))
        case Source.DEPLOYMENT:
            return (report.project_id, "deployment", error.type, *_texts(context, "namespace", "deployment_name"))
        case Source.RUNTIME:
            line = "" if error.line_number is None else str(error.line_number)
            return (report.project_id, error.type, error.file_path or "", line)


def _texts(context: dict[str, Any], *keys: str) -> tuple[str, ...]:
    return tuple(_text(context.get(key)) for key in keys)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else compact_json(storable_json(value))


def _digest(parts: Iterable[str]) -> str:
    joined = "|".join(storable_text(part) for part in parts)
    return md5(joined.encode(), usedforsecurity=False).hexdigest()
