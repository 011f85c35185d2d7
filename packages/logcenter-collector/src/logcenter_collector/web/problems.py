"""Every error is an ``application/problem+json`` answer that says what to do."""

import logging
from http import HTTPStatus
from typing import Any, Final

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from logcenter_collector.access.doorway import NotAllowedError, NotSignedInError
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.rule import Language
from logcenter_collector.domain.commenting import NotYoursError
from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.domain.workflow import MoveRefusedError, ReasonMissingError
from logcenter_collector.ingest.refusal import RefusedError, internal_error, unavailable
from logcenter_collector.ingest.runner import RETRY_AFTER_SECONDS
from logcenter_collector.store.base import InvalidCursorError, Per, StoreUnavailableError
from logcenter_collector.web.bodies import AnyRequest
from logcenter_collector.web.ui.languages import catalogue
from logcenter_sdk.contract.limits import PAGE_ITEMS
from logcenter_sdk.contract.problem import MEDIA_TYPE, FieldError, Problem
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

_CHOICES: Final = {
    "status": Status,
    "source": Source,
    "level": Level,
    "sort": Sort,
    "per": Per,
    "outcome": DeliveryState,
    "language": Language,
}

_EXPECTED: Final = {
    "limit": f"must be a whole number from 1 to {PAGE_ITEMS}",
    "registrations": "must be true or false",
}

CHALLENGE: Final = 'Bearer realm="Log Center"'

log = logging.getLogger(__name__)


def answer(problem: Problem, retry_after: int | None = None) -> Response[dict[str, Any]]:
    """Return the answer that a problem makes."""
    headers = headers_of(problem, retry_after)
    return Response(problem.to_wire(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def headers_of(problem: Problem, retry_after: int | None) -> dict[str, str]:
    """Return the headers that a problem makes beside its content type."""
    headers = {"WWW-Authenticate": CHALLENGE} if problem.status == HTTPStatus.UNAUTHORIZED else {}
    return headers if retry_after is None else headers | {"Retry-After": str(retry_after)}


def not_found(what: str) -> RefusedError:
    """Return the refusal of a request for something that is not there."""
    return RefusedError(Problem(title="Not Found", status=404, detail=f"There is no {what}."))


def wrong_step(error: MoveRefusedError) -> Problem:
    """Return the problem of a move that is not allowed."""
    more = {"status_now": error.status_now.value, "allowed": [status.value for status in error.allowed]}
    return Problem(title="Wrong step", status=409, detail=error.detail, more=more)


def storage_gone() -> RefusedError:
    """Return the refusal of what the storage cannot do now."""
    return unavailable("The storage cannot be used now; try again.", RETRY_AFTER_SECONDS)


def _refused(_request: AnyRequest, error: RefusedError) -> Response[dict[str, Any]]:
    return answer(error.problem, error.retry_after)


def _not_signed_in(_request: AnyRequest, error: NotSignedInError) -> Response[dict[str, Any]]:
    response = answer(Problem(title="Not signed in", status=401, detail=error.detail))
    if error.is_wrong:
        response.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'
    return response


def _not_allowed(_request: AnyRequest, error: NotAllowedError) -> Response[dict[str, Any]]:
    return answer(Problem(title="Not allowed", status=403, detail=error.detail))


def _not_yours(_request: AnyRequest, error: NotYoursError) -> Response[dict[str, Any]]:
    return answer(Problem(title="Not yours", status=403, detail=str(error)))


def _move_refused(_request: AnyRequest, error: MoveRefusedError) -> Response[dict[str, Any]]:
    return answer(wrong_step(error))


def _reason_missing(_request: AnyRequest, error: ReasonMissingError) -> Response[dict[str, Any]]:
    return answer(_wrong_field("reason", str(error)))


_CONFLICTS: Final = {"name_taken", "last_admin", "first_admin"}


def _people_refused(_request: AnyRequest, error: PeopleRefusedError) -> Response[dict[str, Any]]:
    said = catalogue("en")(f"refused.{error.saying}")
    if error.saying in _CONFLICTS:
        return answer(Problem(title="Conflict", status=409, detail=said))
    return answer(_wrong_field(error.field or "body", said))


def _invalid_cursor(_request: AnyRequest, error: InvalidCursorError) -> Response[dict[str, Any]]:
    return answer(_wrong_field("cursor", str(error)))


def _wrong_field(field: str, message: str) -> Problem:
    return Problem(
        title="Invalid fields", status=400, detail=f"{field}: {message}", errors=(FieldError(field, message),)
    )


def _store_unavailable(_request: AnyRequest, _error: StoreUnavailableError) -> Response[dict[str, Any]]:
    refusal = storage_gone()
    return answer(refusal.problem, refusal.retry_after)


def _invalid_parameters(_request: AnyRequest, error: ValidationException) -> Response[dict[str, Any]]:
    errors = tuple(
        FieldError(key := str(item.get("key", "")), _what_to_send(key, str(item.get("message", ""))))
        for item in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(item, dict)
    )
    detail = "; ".join(f"{item.field}: {item.message}" for item in errors) or error.detail
    return answer(Problem(title="Invalid parameters", status=400, detail=detail, errors=errors))


def _what_to_send(parameter: str, message: str) -> str:
    if parameter in _CHOICES:
        return f"must be one of {', '.join(_CHOICES[parameter])}"
    return _EXPECTED.get(parameter, message)


def _http_error(request: AnyRequest, error: HTTPException) -> Response[dict[str, Any]]:
    if error.status_code >= 500:  # noqa: PLR2004
        return _unexpected(request, error)
    detail = error.detail
    if error.status_code == 404:  # noqa: PLR2004
        detail = f"Nothing answers at {request.scope['path']}; /docs lists the routes."
    allow = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    if allow:
        detail = f"{request.method} is not answered here; allowed: {', '.join(allow.values())}."
    response = answer(Problem(title=HTTPStatus(error.status_code).phrase, status=error.status_code, detail=detail))
    response.headers.update(allow)
    return response


def _unexpected(request: AnyRequest, error: Exception) -> Response[dict[str, Any]]:
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return answer(internal_error())


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    RefusedError: _refused,
    NotSignedInError: _not_signed_in,
    NotAllowedError: _not_allowed,
    NotYoursError: _not_yours,
    MoveRefusedError: _move_refused,
    ReasonMissingError: _reason_missing,
    PeopleRefusedError: _people_refused,
    InvalidCursorError: _invalid_cursor,
    StoreUnavailableError: _store_unavailable,
    ValidationException: _invalid_parameters,
    HTTPException: _http_error,
    Exception: _unexpected,
}
