"""Moving issues: the table, compare-and-set, overrides, fixes, history."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from logcenter_collector.domain.workflow import Move, MoveRefusedError, ReasonMissingError
from logcenter_collector.store.base import Store
from logcenter_sdk.contract.issue import Fix, StatusChange
from logcenter_sdk.contract.status import Status
from support.stores import Reporter


def test_a_move_changes_the_status_and_is_kept_with_who_and_why(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    issue = reporter.move(issue_id, "VERIFYING", actor="mei", reason="looking at it")

    assert (Status.VERIFYING, reporter.issue(issue_id)) == (issue.status, issue)
    expected = StatusChange(
        from_=Status.NEW, to=Status.VERIFYING, at=reporter.now, actor="mei", reason="looking at it", override=False,
        regression=False, fix=None,
    )  # fmt: skip
    assert (expected,) == reporter.store.history(issue_id)


@pytest.mark.parametrize("to", [status for status in Status if status is not Status.VERIFYING])
def test_a_wrong_step_is_refused_with_the_legal_ones_and_changes_nothing(reporter: Reporter, to: Status) -> None:
    issue_id = reporter.report().issue_id

    with pytest.raises(MoveRefusedError) as refused:
        reporter.move(issue_id, to)

    assert (Status.NEW, (Status.VERIFYING,)) == (refused.value.status_now, tuple(refused.value.allowed))
    assert (Status.NEW, ()) == (reporter.issue(issue_id).status, reporter.store.history(issue_id))


def test_a_move_that_expects_another_status_is_refused(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.move(issue_id, "VERIFYING", expected=Status.NEW)

    with pytest.raises(MoveRefusedError):
        reporter.move(issue_id, "PENDING_FIX", expected=Status.NEW, force=True, reason="I insist")

    assert Status.VERIFYING is reporter.issue(issue_id).status


def test_of_many_who_expect_the_same_status_one_moves_the_issue(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    def attempt(number: int) -> bool:
        try:
            reporter.move(issue_id, "VERIFYING", expected=Status.NEW, actor=str(number))
        except MoveRefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        moved = list(threads.map(attempt, range(8)))

    assert 1 == sum(moved) == len(reporter.store.history(issue_id))


def test_an_override_goes_anywhere_with_a_reason(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    with pytest.raises(ReasonMissingError):
        reporter.move(issue_id, "DEPLOYED", force=True)
    issue = reporter.move(issue_id, "DEPLOYED", force=True, reason="shipped long ago")

    [change] = reporter.store.history(issue_id)
    assert (Status.DEPLOYED, True, "shipped long ago") == (issue.status, change.override, change.reason)


def test_later_moves_add_to_the_fix_and_the_next_fix_begins_empty(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id, fix=Fix(commit_hash="c1", branch="fix/it"))

    verified = reporter.move(issue_id, "VERIFIED", fix=Fix(version="2.0", pr_url="https://git.example/1"))
    reporter.report()
    again = reporter.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING")

    assert Fix(commit_hash="c1", branch="fix/it", version="2.0", pr_url="https://git.example/1") == verified.fix
    assert again.fix is None
    fixes = [change.fix for change in reporter.store.history(issue_id) if change.fix]
    assert [Fix(commit_hash="c1", branch="fix/it"), Fix(version="2.0", pr_url="https://git.example/1")] == fixes


def test_a_fix_that_names_nothing_is_none(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id

    issue = reporter.fix(issue_id, fix=Fix())

    assert [None] * 5 == [issue.fix, *(change.fix for change in reporter.store.history(issue_id))]


def test_history_keeps_its_order_over_a_whole_life(reporter: Reporter) -> None:
    issue_id = reporter.report().issue_id
    reporter.fix(issue_id)
    reporter.report()
    reporter.move(issue_id, "VERIFYING", "CANNOT_REPRODUCE")

    steps = [(change.from_.value, change.to.value) for change in reporter.store.history(issue_id)]

    way = ["NEW", "VERIFYING", "PENDING_FIX", "FIXING", "FIXED", "NEW", "VERIFYING", "CANNOT_REPRODUCE"]
    assert list(pairwise(way)) == steps


def test_an_unknown_issue_cannot_be_moved(store: Store, reporter: Reporter) -> None:
    assert store.move(2**62, Move(to=Status.VERIFYING), reporter.now) is None
