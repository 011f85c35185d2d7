"""What people do with issues beside moving them: who cares for one, who wants to hear of it, what is said about it."""

from collections.abc import Sized
from datetime import datetime
from typing import Final

from attrs import field, frozen

from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.issue import TransitionRequest
from logcenter_sdk.contract.limits import MESSAGE_BYTES, OCCURRENCES, SHORT_CHARACTERS, AtMost

BULK_ISSUES: Final = 200
QUERY_CHARACTERS: Final = 1_024
NOBODY: Final = "none"
"""How a search says that nobody is the assignee."""


def _name_of_somebody(_instance: object, _field: object, value: str | None) -> None:
    AtMost(SHORT_CHARACTERS)(_instance, _field, value)
    if value is not None and (not value.strip() or value.lower() == NOBODY):
        raise ValueError("must be somebody's name; null is nobody")


def _instant(_instance: object, _field: object, value: str | None) -> None:
    if value is not None:
        parse_instant(value)


def _some(_instance: object, _field: object, value: int | None) -> None:
    if value is not None and not 1 <= value <= OCCURRENCES:
        raise ValueError(f"must be from 1 to {OCCURRENCES}")


def _text(_instance: object, _field: object, value: str) -> None:
    if not value.strip():
        raise ValueError("must not be empty")
    if len(value.encode("utf-8", "replace")) > MESSAGE_BYTES:
        raise ValueError(f"must have at most {MESSAGE_BYTES} bytes")


def _short_text(_instance: object, _field: object, value: str) -> None:
    AtMost(SHORT_CHARACTERS)(_instance, _field, value)
    _text(_instance, _field, value)


def _query(_instance: object, _field: object, value: str) -> None:
    AtMost(QUERY_CHARACTERS)(_instance, _field, value)


def _up_to_bulk(_instance: object, _field: object, value: Sized) -> None:
    if not 1 <= len(value) <= BULK_ISSUES:
        raise ValueError(f"must be 1 to {BULK_ISSUES} ids, not {len(value)}")


@frozen(kw_only=True)
class AssigneeRequest:
    """Body of ``PUT /api/v1/issues/{id}/assignee``."""

    assignee: str | None = field(
        validator=_name_of_somebody, metadata={"description": "Who cares for the issue; null: nobody."}
    )


@frozen(kw_only=True)
class MuteRequest:
    """Body of ``PUT /api/v1/issues/{id}/mute``: until what comes first of two. Neither, or null, ends the mute."""

    until: str | None = field(
        default=None, validator=_instant, metadata={"description": "Until this instant (ISO 8601)."}
    )
    more: int | None = field(
        default=None, validator=_some, metadata={"description": "Until it occurred so many times more."}
    )


@frozen(kw_only=True)
class CommentRequest:
    """Body of ``POST /api/v1/issues/{id}/comments``."""

    text: str = field(validator=_text, metadata={"description": "At most 8 KiB."})
    author: str | None = field(
        default=None,
        validator=AtMost(SHORT_CHARACTERS),
        metadata={"description": "Who says it, where nobody signs in; else it is whoever signed in."},
    )


@frozen(kw_only=True)
class Comment:
    """What somebody said about an issue."""

    id: int
    issue_id: int
    at: datetime
    author: str | None
    text: str


@frozen(kw_only=True)
class SavedViewRequest:
    """Body of ``POST /api/v1/views``."""

    name: str = field(validator=_short_text)
    query: str = field(validator=_query, metadata={"description": "In the language of the search box."})
    shared: bool = field(default=False, metadata={"description": "For everybody, and not for its owner alone."})


@frozen(kw_only=True)
class SavedView:
    """A search that somebody saved."""

    id: int
    name: str
    query: str
    shared: bool
    created_at: datetime


@frozen(kw_only=True)
class BulkRequest:
    """Body of ``POST /api/v1/issues/bulk``: one of three things to do with several issues."""

    ids: tuple[int, ...] = field(validator=_up_to_bulk)
    move: TransitionRequest | None = None
    assign: AssigneeRequest | None = None
    mute: MuteRequest | None = None
