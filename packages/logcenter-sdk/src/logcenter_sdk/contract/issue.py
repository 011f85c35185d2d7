"""Issues: all occurrences of one error in one project, and the moves of their life."""

from datetime import datetime
from typing import Any

from attrs import field, frozen

from logcenter_sdk.contract.limits import FILE_PATH_CHARACTERS, MESSAGE_BYTES, SHORT_CHARACTERS, AtMost
from logcenter_sdk.contract.report import Frame, Level, Sdk, Source
from logcenter_sdk.contract.status import Status


def _known_status(_instance: object, _field: object, value: Any) -> None:  # noqa: ANN401 - two fields
    if value is not None and value not in Status.__members__:
        raise ValueError(f"must be one of {', '.join(Status)}")


@frozen(kw_only=True)
class Fix:
    """What came with a move: the fix's commit, branch, pull request and release."""

    commit_hash: str | None = field(default=None, validator=AtMost(SHORT_CHARACTERS))
    branch: str | None = field(default=None, validator=AtMost(SHORT_CHARACTERS))
    pr_url: str | None = field(default=None, validator=AtMost(FILE_PATH_CHARACTERS))
    version: str | None = field(default=None, validator=AtMost(SHORT_CHARACTERS))


@frozen(kw_only=True)
class TransitionRequest:
    """Body of ``POST /api/v1/issues/{id}/transitions``.

    ``from`` is no Python name; it is read as ``from_``.
    """

    to: str = field(validator=_known_status, metadata={"schema": {"enum": [status.value for status in Status]}})
    from_: str | None = field(
        default=None,
        validator=_known_status,
        metadata={"description": "Move only if this is the present status (compare-and-set)."},
    )
    actor: str | None = field(
        default=None, validator=AtMost(SHORT_CHARACTERS), metadata={"description": "Who moves it."}
    )
    reason: str | None = field(
        default=None, validator=AtMost(MESSAGE_BYTES), metadata={"description": "Why; an override needs one."}
    )
    force: bool | None = field(default=None, metadata={"description": "Override the transition table."})
    fix: Fix | None = None


@frozen(kw_only=True)
class StatusChange:
    """One entry of an issue's history. Nothing deletes history."""

    from_: Status
    to: Status
    at: datetime
    actor: str | None
    on_behalf_of: str | None = field(
        default=None,
        metadata={"description": "Where people sign in: the `actor` that the request named; `actor` is who signed in."},
    )
    reason: str | None
    override: bool
    regression: bool
    fix: Fix | None


@frozen(kw_only=True)
class IssueError:
    """The error of an issue, as last reported."""

    type: str
    message: str
    file_path: str | None
    line_number: int | None
    stack_trace: tuple[str, ...]


@frozen(kw_only=True)
class Issue:
    """An issue as the API answers it. "Last" is by arrival; the instants go by the reports' timestamps."""

    id: int
    project_id: str
    source: Source
    fingerprint: str
    fingerprints: tuple[str, ...]
    status: Status
    level: Level
    environment: str
    version: str | None
    commit_hash: str | None
    error: IssueError
    context: dict[str, Any]
    occurrence_count: int
    regression_count: int
    first_seen: datetime
    last_seen: datetime
    environments: tuple[str, ...]
    versions: tuple[str, ...]
    fix: Fix | None
    assignee: str | None = None
    muted_until: datetime | None = None
    muted_until_count: int | None = None


@frozen(kw_only=True)
class Occurrence:
    """One kept happening of an issue."""

    id: int
    issue_id: int
    timestamp: datetime
    arrived_at: datetime
    level: Level
    environment: str
    version: str | None
    commit_hash: str | None
    error: IssueError
    context: dict[str, Any]
    event_id: str | None
    occurrences: int
    regression: bool
    frames: tuple[Frame, ...] | None
    sdk: Sdk | None


@frozen(kw_only=True)
class StatsBucket:
    """How often an issue occurred in one hour or day that begins at ``start``.

    The counts by release (``versions``) lack what was reported without any.
    """

    start: datetime
    count: int
    environments: dict[str, int]
    versions: dict[str, int] = field(factory=dict)
