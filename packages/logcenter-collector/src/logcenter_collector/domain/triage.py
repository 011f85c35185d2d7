"""What a report does to its issue: begin it, count, or reopen it; section 3 of the contract."""

from datetime import datetime

from attrs import evolve, frozen

from logcenter_collector.domain.issue import BuildKind, IssueState, builds_of
from logcenter_sdk.contract.issue import StatusChange
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.report import Report, first_occurred_at, occurred_at, own_instant
from logcenter_sdk.contract.status import REOPENED_BY_REPORT, Status


@frozen
class Decision:
    """What a report did: the issue after it, the answer's outcome, and the change of status where there is one."""

    issue: IssueState
    outcome: Outcome
    change: StatusChange | None = None


def triage(issue: IssueState | None, report: Report, now: datetime) -> Decision:
    """Decide what a report does to its issue; None is an issue that nothing was known of."""
    if issue is None:
        return Decision(_begin(report, now), Outcome.NEW)
    counted = _count(issue, report, now)
    if only_counts(issue, report, now):
        return Decision(counted, Outcome.DEDUPLICATED)
    reopened = evolve(counted, status=Status.NEW, regression_count=issue.regression_count + 1)
    return Decision(reopened, Outcome.REGRESSION, _reopening(issue.status, now))


def only_counts(issue: IssueState, report: Report, now: datetime) -> bool:
    """Whether a report of a known issue is counted and changes nothing else."""
    return issue.status not in REOPENED_BY_REPORT or _is_late(issue, report, now) or _is_of_old_build(issue, report)


def _begin(report: Report, now: datetime) -> IssueState:
    return IssueState(
        status=Status.NEW,
        occurrence_count=report.occurrences or 1,
        regression_count=0,
        first_seen=first_occurred_at(report, now),
        last_seen=occurred_at(report, now),
    )


def _count(issue: IssueState, report: Report, now: datetime) -> IssueState:
    return evolve(
        issue,
        occurrence_count=issue.occurrence_count + (report.occurrences or 1),
        first_seen=min(issue.first_seen, first_occurred_at(report, now)),
        last_seen=max(issue.last_seen, occurred_at(report, now)),
    )


def _is_late(issue: IssueState, report: Report, now: datetime) -> bool:
    """Whether it happened before the fix and was only delivered after it."""
    own = own_instant(report, now)
    return own is not None and issue.fixed_at is not None and own < issue.fixed_at


def _is_of_old_build(issue: IssueState, report: Report) -> bool:
    """Whether it comes from a build known to be older than the fix, which is not deployed yet.

    The fix and the report are compared by the first kind of build that both name.
    """
    if issue.status is Status.DEPLOYED:
        return False
    fixed_in = {build.kind: build for build in issue.fixed_in}
    built_from = {build.kind: build for build in builds_of(report)}
    for kind in BuildKind:
        if kind in fixed_in and kind in built_from:
            return built_from[kind] != fixed_in[kind] and built_from[kind] in issue.builds_before_fix
    return False


def _reopening(status: Status, now: datetime) -> StatusChange:
    return StatusChange(
        from_=status,
        to=Status.NEW,
        at=now,
        actor=None,
        reason="Regression: reported again",
        override=False,
        regression=True,
        fix=None,
    )
