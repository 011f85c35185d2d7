"""Which issues to list, and in what order."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

NOBODY: Final = ""
"""As an assignee: issues that are assigned to nobody."""


class Sort(StrEnum):
    """What a list of issues is ordered by, the largest first."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    OCCURRENCE_COUNT = "occurrence_count"
    RISING = "rising"
    """Only issues that occurred far more often in the last 24 hours than in the days before."""


@frozen(kw_only=True)
class Filters:
    """Values to filter by. Several of one filter are alternatives, but for texts: an issue has all of them."""

    project_id: tuple[str, ...] = ()
    status: tuple[Status, ...] = ()
    source: tuple[Source, ...] = ()
    level: tuple[Level, ...] = ()
    environment: tuple[str, ...] = ()
    """Any that the issue was seen with, as of releases."""
    version: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """In the error's type, message or file, in any case of letters."""
    assignee: tuple[str, ...] = ()
    """Names, or NOBODY."""


@frozen(kw_only=True)
class IssueQuery(Filters):
    """Which issues to list. An empty filter matches all."""

    without: Filters = field(factory=Filters)
    """No issue that has one of these."""
    muted: bool | None = None
    """Whether it is muted; None: either."""
    asked_at: datetime | None = None
    """Now: what a question about mutes is about."""
    regressed: bool | None = None
    """Whether it was ever reopened by a report; None: either."""
    registration: bool | None = False
    """Whether it holds nothing but registrations of a project (``ProjectInit``); None: either."""
    since: datetime | None = None
    """Last seen at this instant or later."""
    until: datetime | None = None
    """Last seen before this instant."""
    first_since: datetime | None = None
    """First seen at this instant or later."""
    sort: Sort = Sort.LAST_SEEN
    limit: int = 50
    cursor: str | None = None

    @property
    def asking_at(self) -> datetime:
        """Now, in a question about mutes. Raises ValueError where the query does not say it."""
        if self.asked_at is None:
            raise ValueError("a query about mutes has to say when it is asked")
        return self.asked_at
