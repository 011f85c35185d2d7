"""Reports as JSON has them, and answers read back. cattrs is imported by whoever imports this module first."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.report import Frame, Report
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.storable import storable_json
from logcenter_sdk.encoded import Encoded


def _without_absent(cls: type[Any]) -> Callable[[Any], dict[str, Any]]:
    return make_dict_unstructure_fn(cls, _CONVERTER, _cattrs_omit_if_default=True)


_CONVERTER = Converter()
_CONVERTER.register_unstructure_hook_factory(attrs.has, _without_absent)


def to_wire(value: Report | Frame) -> dict[str, Any]:
    """Return a report, or a frame of one, as a JSON object: absent fields left out, every text storable."""
    return cast("dict[str, Any]", storable_json(_CONVERTER.unstructure(value)))


def to_bytes(wire: Mapping[str, Any]) -> bytes:
    """Return a body. Raises ValueError for what JSON has not (NaN, infinity) and TypeError for what is no JSON."""
    return json.dumps(wire, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def encode(report: Report) -> Encoded:
    """Return a report as it goes out. Raises as ``to_bytes`` does."""
    return Encoded(report.occurrences or 1, to_bytes(to_wire(report)))


def read_answer(body: object) -> Answer:
    """Return the answer in a decoded body. Raises ValueError where it is none."""
    answer = body if isinstance(body, dict) else {}
    outcome, issue_id = Outcome(answer.get("message", "")), answer.get("id")
    if not isinstance(issue_id, int):
        raise ValueError("the answer names no issue")  # noqa: TRY004 - wrong as an answer
    return Answer(outcome, issue_id, Status(answer.get("status") or Status.NEW))


def read_field_errors(problem: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """Return the wrong fields that a problem names; none where it names none."""
    errors = problem.get("errors")
    named = errors if isinstance(errors, list) else []
    return tuple(
        FieldError(str(each.get("field")), str(each.get("message"))) for each in named if isinstance(each, dict)
    )
