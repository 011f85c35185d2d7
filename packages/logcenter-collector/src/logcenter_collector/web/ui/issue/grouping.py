"""Why occurrences are one issue: the parts of the fingerprint in words. The recipe is ``contract/fingerprint.py``'s."""

from typing import Final

from attrs import frozen

from logcenter_sdk.contract.fingerprint import fingerprint_of, key_fields
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.report import Report, ReportedError, Source

_NAMES: Final = {
    Source.RUNTIME: ("project", "type", "file", "line"),
    Source.CICD: ("project", "source", "type", "job", "step"),
    Source.DEPLOYMENT: ("project", "source", "type", "namespace", "deployment"),
}


@frozen(kw_only=True)
class Grouping:
    """What the occurrences of an issue have in common."""

    by: str
    """``runtime``, ``cicd``, ``deployment``, or ``reporter`` where the reporter chose another grouping."""
    parts: tuple[tuple[str, str], ...]
    """Names, which are keys among the texts, and values; none where the reporter chose."""


def grouping_of(issue: Issue) -> Grouping:
    """Return why the occurrences of an issue are one.

    Only the digest of a reporter's own grouping is kept. It is told by the usual recipe giving another digest, as it
    does where a value of the recipe was masked or cut as well.
    """
    error = issue.error
    report = Report(
        project_id=issue.project_id,
        environment=issue.environment,
        level=issue.level,
        source=issue.source,
        context=issue.context,
        error=ReportedError(
            type=error.type, message="", stack_trace=(), file_path=error.file_path, line_number=error.line_number
        ),
    )
    if fingerprint_of(report) not in issue.fingerprints:
        return Grouping(by="reporter", parts=())
    parts = zip(_NAMES[issue.source], key_fields(report), strict=True)
    return Grouping(by=issue.source.value, parts=tuple((name, value) for name, value in parts if name != "source"))
