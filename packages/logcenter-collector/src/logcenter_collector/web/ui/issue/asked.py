"""What the address of an issue's page asks for: which occurrence, which bars, the occurrences of which time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from attrs import evolve, frozen

from logcenter_collector.store.base import Per
from logcenter_collector.web.ui.issue.frequency import By
from logcenter_sdk.contract.instants import format_instant, parse_instant
from logcenter_sdk.contract.limits import INTEGER_MAX


@frozen(kw_only=True)
class Asked:
    """What is asked for; None is the usual."""

    issue_id: int
    occurrence: int | None = None
    per: Per | None = None
    by: By = By.ENVIRONMENT
    since: datetime | None = None
    until: datetime | None = None

    def url(self, part: str = "", **changes: Any) -> str:  # noqa: ANN401 - its own fields
        """Return the address of the page with something asked for besides, and a part of the page to go to."""
        wanted = evolve(self, **changes)
        values = {
            "occurrence": wanted.occurrence,
            "per": wanted.per,
            "by": wanted.by if wanted.by != By.ENVIRONMENT else None,
            "from": wanted.since and format_instant(wanted.since),
            "until": wanted.until and format_instant(wanted.until),
        }
        query = urlencode({name: value for name, value in values.items() if value is not None})
        return f"/issues/{self.issue_id}{'?' if query else ''}{query}{'#' if part else ''}{part}"


def asked_for(issue_id: int, params: Mapping[str, str]) -> Asked:
    """Return what an address asks for; what cannot be read counts as not said."""
    occurrence = params.get("occurrence", "")
    return Asked(
        issue_id=issue_id,
        occurrence=_number(occurrence),
        per=next((per for per in Per if per == params.get("per")), None),
        by=next((by for by in By if by == params.get("by")), By.ENVIRONMENT),
        since=_instant(params.get("from")),
        until=_instant(params.get("until")),
    )


def _number(text: str) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(INTEGER_MAX)):
        return None
    return int(text) if 0 < int(text) < INTEGER_MAX else None


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None
