"""Tokens as they stand in requests and answers."""

from datetime import datetime
from typing import Final

from attrs import field, frozen

from logcenter_collector.domain.access import Scope
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.report import PROJECT_ID

_MOST_DAYS: Final = 3_650


def _some_name(_instance: object, _field: object, value: str) -> None:
    if not value.strip() or len(value) > SHORT_CHARACTERS or not value.isprintable():
        raise ValueError(f"must be 1 to {SHORT_CHARACTERS} printable characters")


def _known_scopes(_instance: object, _field: object, value: tuple[str, ...]) -> None:
    if not value or not set(value) <= set(Scope):
        raise ValueError(f"must be one or more of {', '.join(Scope)}")


def _project_ids(_instance: object, _field: object, value: tuple[str, ...] | None) -> None:
    if value is not None and not (value and all(PROJECT_ID.fullmatch(each) for each in value)):
        raise ValueError("must be one or more ids of projects, or null for all")


def _days(_instance: object, _field: object, value: int | None) -> None:
    if value is not None and not 1 <= value <= _MOST_DAYS:
        raise ValueError(f"must be from 1 to {_MOST_DAYS}, or null for ever")


@frozen(kw_only=True)
class TokenRequest:
    """Body of ``POST /api/v1/tokens``."""

    name: str = field(validator=_some_name, metadata={"description": "What history and audit log call its holder."})
    scopes: tuple[str, ...] = field(
        validator=_known_scopes,
        metadata={"schema": {"items": {"type": "string", "enum": [scope.value for scope in Scope]}, "minItems": 1}},
    )
    projects: tuple[str, ...] | None = field(
        default=None, validator=_project_ids, metadata={"description": "The only ones that exist for it; null: all."}
    )
    expires_in_days: int | None = field(
        default=None, validator=_days, metadata={"description": "When it is over; null: never."}
    )


@frozen(kw_only=True)
class ShownToken:
    """A token as it is listed; its secret is known to its holder only."""

    id: int
    name: str
    hint: str = field(metadata={"description": "The beginning of its secret."})
    scopes: tuple[str, ...]
    projects: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None = field(metadata={"description": "To the minute."})
    revoked_at: datetime | None


@frozen(kw_only=True)
class IssuedToken(ShownToken):
    """A token that was just made, with its secret, which nobody can ask for again."""

    token: str = field(metadata={"description": "Send it as `Authorization: Bearer …`."})
