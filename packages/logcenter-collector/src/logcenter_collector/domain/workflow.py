"""The transition table at work: which moves are allowed and what a move does to an issue."""

from datetime import datetime

from attrs import evolve, frozen

from logcenter_collector.domain.issue import Build, IssueState, builds_of
from logcenter_sdk.contract.issue import Fix, StatusChange
from logcenter_sdk.contract.status import REOPENED_BY_REPORT, TRANSITIONS, Status


@frozen(kw_only=True)
class Move:
    """A wish to move an issue to another status."""

    to: Status
    expected: Status | None = None
    """Compare-and-set: the status that the mover believes to be the present one."""
    actor: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None
    force: bool = False
    fix: Fix | None = None


class MoveRefusedError(Exception):
    """The transition table, or the status that the mover expected, forbids the move."""

    def __init__(self, detail: str, status_now: Status) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status_now = status_now
        self.allowed = TRANSITIONS[status_now]


class ReasonMissingError(Exception):
    """An override needs a reason."""

    def __init__(self) -> None:
        super().__init__("An override (force) needs a reason: it is kept in the issue's history.")


def next_statuses(status: Status) -> tuple[Status, ...]:
    """Return where an issue may go from here without an override."""
    return TRANSITIONS[status]


def move_issue(
    issue: IssueState, move: Move, seen_with: frozenset[Build], now: datetime
) -> tuple[IssueState, StatusChange]:
    """Return the issue after the move, and the entry for its history.

    ``seen_with`` are the builds that the issue was seen with so far; the move to FIXED remembers them as older than
    the fix. Raises MoveRefusedError and ReasonMissingError.
    """
    _check(issue.status, move)
    fixed = _calls_it_fixed(issue.status, move.to)
    moved = evolve(
        issue,
        status=move.to,
        fix=_merge(None if _begins_a_fix(issue.status, move.to) else issue.fix, move.fix),
        fixed_at=now if fixed else issue.fixed_at,
        fixed_in=_builds_of(move.fix) if fixed else issue.fixed_in,
        builds_before_fix=seen_with if fixed else issue.builds_before_fix,
    )
    return moved, _entry(issue.status, move, now)


def _check(status: Status, move: Move) -> None:
    if move.force and not (move.reason or "").strip():
        raise ReasonMissingError
    if move.expected is not None and move.expected is not status:
        raise MoveRefusedError(f"The issue is {status}, not {move.expected} any more.", status)
    if move.to is status:
        raise MoveRefusedError(f"The issue is {status} already.", status)
    if move.to not in TRANSITIONS[status] and not move.force:
        allowed = " or ".join(TRANSITIONS[status]) or "nowhere"
        raise MoveRefusedError(f"An issue that is {status} may go to {allowed}, not to {move.to}.", status)


def _calls_it_fixed(status: Status, to: Status) -> bool:
    """Whether this is the move from which on reports of the issue are regressions.

    An override that leaps over FIXED stands for the move to FIXED.
    """
    return to is Status.FIXED or (to in REOPENED_BY_REPORT and status not in REOPENED_BY_REPORT)


def _begins_a_fix(status: Status, to: Status) -> bool:
    """Whether what is known of an earlier fix does not belong to this one."""
    return to is Status.FIXING or (_calls_it_fixed(status, to) and status is not Status.FIXING)


def _builds_of(fix: Fix | None) -> frozenset[Build]:
    return frozenset() if fix is None else builds_of(fix)


def _merge(old: Fix | None, new: Fix | None) -> Fix | None:
    """Later moves add to the fix (VERIFIED its release, say) and do not wipe what FIXED recorded."""
    if old is None or new is None:
        return new or old
    return Fix(
        commit_hash=new.commit_hash or old.commit_hash,
        branch=new.branch or old.branch,
        pr_url=new.pr_url or old.pr_url,
        version=new.version or old.version,
    )


def _entry(status: Status, move: Move, now: datetime) -> StatusChange:
    return StatusChange(
        from_=status,
        to=move.to,
        at=now,
        actor=move.actor,
        on_behalf_of=move.on_behalf_of,
        reason=move.reason,
        override=move.force,
        regression=False,
        fix=move.fix,
    )
