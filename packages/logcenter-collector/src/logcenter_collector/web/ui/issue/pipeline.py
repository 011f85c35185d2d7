"""The repair pipeline: the nine statuses as a path, and how far along it an issue is."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import frozen

from logcenter_sdk.contract.issue import Issue, StatusChange
from logcenter_sdk.contract.status import Status

MAIN_PATH: Final = (
    Status.NEW,
    Status.VERIFYING,
    Status.PENDING_FIX,
    Status.FIXING,
    Status.FIXED,
    Status.VERIFIED,
    Status.DEPLOYED,
)
SIDE_PATHS: Final = {Status.CANNOT_REPRODUCE: Status.VERIFYING, Status.FIX_FAILED: Status.FIXING}
"""Where no fix comes of it, and from which status of the path one gets there first."""


class Reach(StrEnum):
    """How an issue stands to a status, in this life: since it was new, or came back."""

    HERE = "here"
    DONE = "done"
    """It was there before."""
    PASSED = "passed"
    """It went by without being there: an override."""
    AHEAD = "ahead"


@frozen(kw_only=True)
class Station:
    """One status of the path."""

    status: Status
    reach: Reach
    change: StatusChange | None
    """By which it got there last."""
    at: datetime | None
    after: Status | None
    """Of a side path, the status that it leaves from."""


def pipeline_of(issue: Issue, history: Sequence[StatusChange]) -> tuple[Station, ...]:
    """Return the path of an issue, whose history is oldest first; side paths follow the status that they leave from."""
    life = _this_life(history)
    reached = {change.to: change for change in life}
    return tuple(_station(status, issue, reached) for status in _ordered())


def _this_life(history: Sequence[StatusChange]) -> Sequence[StatusChange]:
    """Return the changes since the issue came back last, that one among them."""
    begin = max((number for number, change in enumerate(history) if change.regression), default=0)
    return history[begin:]


def _ordered() -> list[Status]:
    aside = {main: side for side, main in SIDE_PATHS.items()}
    return [status for main in MAIN_PATH for status in (main, aside.get(main)) if status is not None]


def _station(status: Status, issue: Issue, reached: dict[Status, StatusChange]) -> Station:
    change = reached.get(status)
    at = change.at if change else issue.first_seen if status is Status.NEW else None
    return Station(
        status=status, reach=_reach(status, issue, reached), change=change, at=at, after=SIDE_PATHS.get(status)
    )


def _reach(status: Status, issue: Issue, reached: dict[Status, StatusChange]) -> Reach:
    if status is issue.status:
        return Reach.HERE
    if status in SIDE_PATHS:
        return Reach.DONE if status in reached else Reach.AHEAD
    now = MAIN_PATH.index(SIDE_PATHS.get(issue.status, issue.status))
    if MAIN_PATH.index(status) > now:
        return Reach.AHEAD
    return Reach.DONE if status in reached or status is Status.NEW else Reach.PASSED
