"""Why a report is refused: one exception that carries the problem to answer with."""

from collections.abc import Iterable
from enum import StrEnum

from logcenter_sdk.contract.problem import FieldError, Problem


class Reason(StrEnum):
    """Why a report is rejected, as ``/metrics`` and the log call it."""

    NOT_JSON = "not_json"
    INVALID_FIELDS = "invalid_fields"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNKNOWN_ENCODING = "unknown_encoding"
    CUT_OFF = "cut_off"
    KEY_MISSING = "key_missing"
    KEY_WRONG = "key_wrong"
    RATE = "rate"
    QUOTA = "quota"
    QUEUE_FULL = "queue_full"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    STORAGE_FULL = "storage_full"
    CANNOT_BE_STORED = "cannot_be_stored"
    INTERNAL_ERROR = "internal_error"


class RefusedError(Exception):
    """The request cannot be served; ``problem`` is the answer, ``retry_after`` seconds where trying again may help.

    Of a report, ``reason`` says why in one word. A refusal of ``reports`` reports at once is one of a whole batch; 1
    where they could not be counted. ``project_id`` is the project whose demands or limits say no.
    """

    def __init__(
        self,
        problem: Problem,
        retry_after: int | None = None,
        *,
        reason: Reason | None = None,
        reports: int = 1,
        project_id: str | None = None,
    ) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.retry_after = retry_after
        self.reason = reason
        self.reports = reports
        self.project_id = project_id


class ClientGoneError(RefusedError):
    """The client went away before its body was complete; nobody waits for an answer."""

    def __init__(self) -> None:
        problem = Problem(title="Body cut off", status=400, detail="The connection ended before the body did.")
        super().__init__(problem, reason=Reason.CUT_OFF)


def internal_error() -> Problem:
    """Return the problem of an error of ours."""
    detail = "This is an error of the collector; its log says more."
    return Problem(title="Internal error", status=500, detail=detail)


def not_json(detail: str) -> RefusedError:
    """Return the refusal of a body that is no JSON."""
    return RefusedError(Problem(title="Not JSON", status=400, detail=detail), reason=Reason.NOT_JSON)


def too_deep() -> RefusedError:
    """Return the refusal of JSON that is nested deeper than can be walked."""
    return not_json("The body is nested too deeply.")


def invalid_fields(errors: Iterable[FieldError]) -> RefusedError:
    """Return the refusal of a body with missing or wrong fields."""
    named = tuple(errors)
    detail = "; ".join(f"{error.field} {error.message}" for error in named[:5])
    if len(named) > 5:  # noqa: PLR2004 - the rest stands in ``errors``
        detail += f"; and {len(named) - 5} more"
    problem = Problem(title="Invalid fields", status=400, detail=detail, errors=named)
    return RefusedError(problem, reason=Reason.INVALID_FIELDS)


def too_large(limit: int) -> RefusedError:
    """Return the refusal of a body over its limit in bytes."""
    detail = f"The body is over the limit of {limit} bytes (after decompression). Send less context or fewer reports."
    return RefusedError(Problem(title="Body too large", status=413, detail=detail), reason=Reason.TOO_LARGE)


def too_many(limit: int, sent: int) -> RefusedError:
    """Return the refusal of a batch with too many reports."""
    problem = Problem(title="Too many reports", status=413, detail=f"Send at most {limit} reports in one batch.")
    return RefusedError(problem, reason=Reason.TOO_MANY, reports=sent)


def key_missing(project_id: str | None = None) -> RefusedError:
    """Return the refusal of reports that come without the credential that they need."""
    detail = (
        "These reports need a credential: their project's ingest key as header X-Log-Center-Key or as ?key=, "
        "or a token with the scope report as Authorization: Bearer. Administrators make them."
    )
    return RefusedError(
        Problem(title="Key missing", status=401, detail=detail), reason=Reason.KEY_MISSING, project_id=project_id
    )


def key_wrong(project_id: str | None = None) -> RefusedError:
    """Return the refusal of reports whose credential is unknown, revoked, expired, or of another project."""
    detail = (
        "The key or token is not good for reports of this project: it is unknown, revoked, expired or of another "
        "project. An administrator can make a new one."
    )
    return RefusedError(
        Problem(title="Key wrong", status=403, detail=detail), reason=Reason.KEY_WRONG, project_id=project_id
    )


def over_rate(project_id: str, per_minute: int, retry_after: int, *, is_key: bool) -> RefusedError:
    """Return the refusal of a report that comes too soon after many others."""
    whose = f"This key of project {project_id}" if is_key else f"Project {project_id}"
    detail = f"{whose} may bring {per_minute} reports a minute, and has; send it again after {retry_after} s."
    problem = Problem(title="Too many reports", status=429, detail=detail)
    return RefusedError(problem, retry_after, reason=Reason.RATE, project_id=project_id)


def over_quota(project_id: str, per_day: int, retry_after: int) -> RefusedError:
    """Return the refusal of a report of a project that has had its share of the day."""
    detail = f"Project {project_id} takes {per_day} reports a day, and has; the next day begins at midnight UTC."
    problem = Problem(title="Quota used up", status=429, detail=detail)
    return RefusedError(problem, retry_after, reason=Reason.QUOTA, project_id=project_id)


def unavailable(
    detail: str, retry_after: int, reason: Reason = Reason.STORAGE_UNAVAILABLE, reports: int = 1
) -> RefusedError:
    """Return the refusal of what could not be committed; nothing of it was."""
    problem = Problem(title="Not available now", status=503, detail=detail)
    return RefusedError(problem, retry_after, reason=reason, reports=reports)


def full(retry_after: int) -> RefusedError:
    """Return the refusal of what there is no room for."""
    detail = "The collector's database is over its disk budget. Tell whoever runs it if that lasts."
    problem = Problem(title="No room left", status=507, detail=detail)
    return RefusedError(problem, retry_after, reason=Reason.STORAGE_FULL)
