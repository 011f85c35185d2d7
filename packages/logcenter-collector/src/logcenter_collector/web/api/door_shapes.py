"""What the API takes and answers about keys and demands of projects."""

from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from logcenter_sdk.contract.limits import SHORT_CHARACTERS

MOST_REPORTS: Final = 1_000_000_000
"""What may be written as a rate or a quota; nobody has more."""


class _Between:
    """A validator: a whole number between two, or nothing."""

    def __init__(self, least: int) -> None:
        self._least = least

    def __call__(self, _instance: object, _field: object, value: int | None) -> None:
        if value is not None and not self._least <= value <= MOST_REPORTS:
            raise ValueError(f"must be {self._least} to {MOST_REPORTS}, or null")


def _a_name(_instance: object, _field: object, value: str) -> None:
    if not value.strip() or len(value) > SHORT_CHARACTERS or not value.isprintable():
        raise ValueError(f"must have 1 to {SHORT_CHARACTERS} printable characters")


def _about(text: str) -> dict[str, Any]:
    return {"description": text}


@frozen(kw_only=True)
class NewKey:
    """Body of ``POST /api/v1/projects/{project_id}/keys``."""

    name: str = field(validator=_a_name, metadata=_about("Where the key will be, as `shop frontend`."))
    per_minute: int | None = field(
        default=None,
        validator=_Between(1),
        metadata=_about("Reports a minute that it may bring; null: as many as its project."),
    )


@frozen(kw_only=True)
class IngestKey:
    """An ingest key as it is listed; the key itself is shown once, when it is made."""

    id: int
    project_id: str
    name: str
    hint: str = field(metadata=_about("How the key begins."))
    per_minute: int | None
    created_at: datetime
    created_by: str
    last_used_at: datetime | None = field(metadata=_about("To the minute."))
    revoked_at: datetime | None
    accepted_today: int = field(metadata=_about("Reports that it brought since midnight UTC."))


@frozen(kw_only=True)
class NewIngestKey(IngestKey):
    """An ingest key that was made just now."""

    key: str = field(metadata=_about("For `LOG_CENTER_KEY`. Nobody can read it again."))


@frozen(kw_only=True)
class DoorsChange:
    """Body of ``PUT /api/v1/projects/{project_id}/doors``: what it names is set, the rest stays."""

    requires_key: bool | None = field(
        default=None, metadata=_about("Whether reports need a key or a token; null is false.")
    )
    per_minute: int | None = field(
        default=None,
        validator=_Between(0),
        metadata=_about("Reports a minute; null: as `--project-per-minute` says, 0: any number."),
    )
    per_day: int | None = field(
        default=None, validator=_Between(1), metadata=_about("Reports a day, which begins at midnight UTC; null: any.")
    )
    scrub_names: tuple[str, ...] | None = field(
        default=None, metadata=_about("Names whose values are scrubbed, in any spelling: `apiKey` is `API-KEY`.")
    )
    scrub_patterns: tuple[str, ...] | None = field(
        default=None, metadata=_about("RE2 patterns; what they match in any text is scrubbed.")
    )


@frozen(kw_only=True)
class Usage:
    """What came since midnight UTC."""

    accepted: int
    refused: int = field(metadata=_about("For want of a good key, and over the rate or the quota."))


@frozen(kw_only=True)
class Doors:
    """What a project demands of its reports, and what came of them today."""

    project_id: str
    requires_key: bool
    per_minute: int | None
    per_day: int | None
    scrub_names: tuple[str, ...]
    scrub_patterns: tuple[str, ...]
    today: Usage
