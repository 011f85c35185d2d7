"""An issue while a batch is folded into it: counting many at once is counting one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.issue import IssueState
from logcenter_collector.domain.recent import keep_recent, newcomers
from logcenter_collector.domain.sample import Role, begin_spread
from logcenter_collector.domain.triage import triage
from logcenter_collector.store.base import Arrival, arrive
from logcenter_collector.store.tally import Known, Tally
from logcenter_sdk.contract.report import Report, ReportedError
from logcenter_sdk.contract.status import Status

NOW = datetime(2026, 2, 20, 10, 30, tzinfo=UTC)


def arrival(seconds: int, occurrences: int = 1, environment: str = "production", span: int = 0) -> Arrival:
    error = ReportedError(type="T", message="m", stack_trace=())
    at = NOW + timedelta(seconds=seconds)
    return arrive(
        Report(
            project_id="p",
            environment=environment,
            level="ERROR",
            error=error,
            occurrences=occurrences,
            timestamp=at.isoformat(),
            first_timestamp=(at - timedelta(seconds=span)).isoformat(),
        ),
        NOW + timedelta(seconds=abs(seconds)),
    )


def a_known(status: Status) -> Known:
    state = IssueState(
        status=status, occurrence_count=5, regression_count=0, first_seen=NOW, last_seen=NOW, fixed_at=NOW
    )
    return Known(
        issue_id=1,
        state=state,
        registration=False,
        level="ERROR",
        named=("production", None, None),
        text=("T", "m", None),
        spread=begin_spread(NOW),
    )


@given(
    st.none() | st.sampled_from(Status),
    st.lists(st.builds(arrival, st.integers(-50, 50), st.integers(1, 9), st.just("e"), st.integers(0, 99)), min_size=1),
)
def test_a_tally_decides_and_counts_as_triage_does_one_by_one(status: Status | None, arrivals: list[Arrival]) -> None:
    known = None if status is None else a_known(status)
    tally, state = Tally(("p", "f"), known), known.state if known else None
    for each in arrivals:
        decision = triage(state, each.raw, each.arrived_at)
        state = decision.issue

        assert decision.outcome is tally.take(each)
        assert state.status is tally.status

    assert state == tally.state
    assert sum(each.raw.occurrences or 1 for each in arrivals) == sum(tally.buckets.values())


def test_of_a_new_issue_the_first_is_kept_and_the_next_nine_and_then_none_in_a_burst() -> None:
    tally = Tally(("p", "f"))
    for _ in range(30):
        tally.take(arrival(0))

    assert [Role.FIRST, *[Role.SPREAD] * 9] == [role for _, role in tally.kept]
    assert not tally.keeps_latest


def test_only_arrivals_that_name_something_else_than_the_one_before_are_noted() -> None:
    tally = Tally(("p", "f"), a_known(Status.NEW))
    for environment in ("production", "staging", "staging", "production"):
        tally.take(arrival(0, environment=environment))

    assert [7, 9] == [counted.number for counted in tally.named]


def test_the_fifty_latest_values_stay_and_the_oldest_fall_out() -> None:
    known = {f"branch-{number:02}": NOW + timedelta(seconds=number) for number in range(50)}

    recent = keep_recent(known, {"new": NOW + timedelta(hours=1), "branch-00": NOW + timedelta(hours=1)})

    assert frozenset({"branch-01"}) == recent.falls_out
    assert {"new", "branch-00"} == set(recent.stays)
    assert frozenset({"new"}) == newcomers(known, ["new", "branch-00"])
