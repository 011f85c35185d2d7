"""An issue as the rules see it: what a report or a move needs to know, and what it changes."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.status import Status


class BuildKind(StrEnum):
    """What names a build, the more exact first."""

    COMMIT_HASH = "commit_hash"
    VERSION = "version"


@frozen
class Build:
    """What a report says it was built from."""

    kind: BuildKind
    value: str


@frozen(kw_only=True)
class IssueState:
    """The part of an issue that reports and moves change.

    ``fixed_at`` is when the issue last came to be called fixed, by the collector's clock; ``fixed_in`` are the builds
    that this move named as having the fix, ``builds_before_fix`` those that the issue had been seen with until then.
    """

    status: Status
    occurrence_count: int
    regression_count: int
    first_seen: datetime
    last_seen: datetime
    fix: Fix | None = None
    fixed_at: datetime | None = None
    fixed_in: frozenset[Build] = frozenset()
    builds_before_fix: frozenset[Build] = frozenset()


def builds_of(named_in: Report | Fix) -> frozenset[Build]:
    """Return the builds that a report or a fix names: at most one of each kind."""
    named = ((BuildKind.COMMIT_HASH, named_in.commit_hash), (BuildKind.VERSION, named_in.version))
    return frozenset(Build(kind, value) for kind, value in named if value)
