"""Who cares for issues: assignees, mutes, comments, saved views."""

from datetime import timedelta
from typing import Any

import pytest

from logcenter_collector.domain.access import ANYONE, SCOPES_OF, Principal, PrincipalKind, Role
from logcenter_collector.domain.commenting import NotYoursError
from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.access.audit import By
from logcenter_sdk.contract.teamwork import SavedView, SavedViewRequest
from support.stores import Reporter

UNKNOWN = 2**62


def by(name: str, role: Role = Role.MEMBER) -> By:
    return By(principal=Principal(kind=PrincipalKind.PERSON, name=name, scopes=SCOPES_OF[role]))


def listed(reporter: Reporter, **asked: Any) -> list[int | None]:
    query = IssueQuery(project_id=(reporter.project,), asked_at=reporter.now, **asked)
    return [issue.error.line_number for issue in reporter.store.issues(query).items]


@pytest.fixture
def ids(reporter: Reporter) -> list[int]:
    """Three issues, of the lines 0, 1 and 2."""
    return [reporter.report(line_number=number).issue_id for number in range(3)]


def test_an_issue_has_one_assignee_or_none(reporter: Reporter, ids: list[int]) -> None:
    for assignee in ("mei", "tom", "tom", None, None, "mei"):
        issue = reporter.store.assign(ids[0], assignee, reporter.now)

        assert issue is not None
        assert assignee == issue.assignee == reporter.issue(ids[0]).assignee


def test_a_report_leaves_the_assignee(reporter: Reporter, ids: list[int]) -> None:
    reporter.store.assign(ids[0], "mei", reporter.now)

    reporter.report(line_number=0)

    assert "mei" == reporter.issue(ids[0]).assignee


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ({"assignee": ("mei",)}, [0]),
        ({"assignee": ("mei", "tom")}, [1, 0]),
        ({"assignee": (NOBODY,)}, [2]),
        ({"assignee": (NOBODY, "tom")}, [2, 1]),
        ({"assignee": ("nobody else",)}, []),
        ({"without": Filters(assignee=("mei",))}, [2, 1]),
        ({"without": Filters(assignee=(NOBODY,))}, [1, 0]),
        ({"without": Filters(assignee=(NOBODY, "mei"))}, [1]),
        ({"without": Filters(assignee=("mei",)), "assignee": ("mei", NOBODY)}, [2]),
    ],
    ids=str,
)
def test_issues_are_listed_by_assignee(
    reporter: Reporter, ids: list[int], asked: dict[str, Any], lines: list[int]
) -> None:
    reporter.store.assign(ids[0], "mei", reporter.now)
    reporter.store.assign(ids[1], "tom", reporter.now)

    assert lines == listed(reporter, **asked)


def test_a_muted_issue_is_listed_when_asked_for_until_its_time_is_over(reporter: Reporter, ids: list[int]) -> None:
    until = reporter.now + timedelta(hours=1)
    reporter.store.mute(ids[1], MuteWish(until=until), reporter.now)

    assert [[2, 1, 0], [1], [2, 0]] == [listed(reporter, muted=muted) for muted in (None, True, False)]
    reporter.wait(hours=1)
    assert [[2, 1, 0], [], [2, 1, 0]] == [listed(reporter, muted=muted) for muted in (None, True, False)]


def test_a_mute_ends_when_the_issue_occurred_as_often_as_was_said(reporter: Reporter, ids: list[int]) -> None:
    reporter.report(line_number=1)
    issue = reporter.store.mute(ids[1], MuteWish(more=3), reporter.now)
    assert issue is not None
    assert 5 == issue.muted_until_count

    reporter.report(line_number=1, occurrences=2)
    assert [1] == listed(reporter, muted=True)
    reporter.report(line_number=1)
    assert [] == listed(reporter, muted=True)


def test_what_comes_first_ends_a_mute(reporter: Reporter, ids: list[int]) -> None:
    reporter.store.mute(ids[0], MuteWish(until=reporter.now + timedelta(hours=1), more=1), reporter.now)
    reporter.store.mute(ids[1], MuteWish(until=reporter.now + timedelta(hours=1), more=1), reporter.now)

    reporter.report(line_number=0)

    assert [1] == listed(reporter, muted=True)
    reporter.wait(hours=2)
    assert [] == listed(reporter, muted=True)


def test_wishing_nothing_ends_a_mute(reporter: Reporter, ids: list[int]) -> None:
    reporter.store.mute(ids[0], MuteWish(more=5), reporter.now)

    issue = reporter.store.mute(ids[0], MuteWish(), reporter.now)

    assert issue is not None
    assert (None, None) == (issue.muted_until, issue.muted_until_count)
    assert [] == listed(reporter, muted=True)


def test_a_regression_ends_a_mute_and_a_mere_report_does_not(reporter: Reporter, ids: list[int]) -> None:
    for issue_id in ids[:2]:
        reporter.store.mute(issue_id, MuteWish(more=1_000), reporter.now)
    reporter.fix(ids[0])

    reporter.report(line_number=0)
    reporter.report(line_number=1)

    assert [1] == listed(reporter, muted=True)


def test_a_question_about_mutes_has_to_say_when_it_is_asked(reporter: Reporter) -> None:
    reporter.report()

    with pytest.raises(ValueError, match="when it is asked"):
        reporter.store.issues(IssueQuery(project_id=(reporter.project,), muted=False))


def test_comments_are_read_in_the_order_in_which_they_were_said(reporter: Reporter, ids: list[int]) -> None:
    first = reporter.store.comment(ids[0], "again?", "mei", reporter.now, by("mei"))
    second = reporter.store.comment(ids[0], "又来了", None, reporter.now, by("tom"))

    assert (first, second) == reporter.store.comments(ids[0])
    assert () == reporter.store.comments(ids[1])


def test_a_comment_is_deleted_by_its_author_or_an_administrator(reporter: Reporter, ids: list[int]) -> None:
    said = [reporter.store.comment(ids[0], "x", "mei", reporter.now, by("mei")) for _ in range(3)]
    [first, second, third] = [comment.id for comment in said if comment]

    with pytest.raises(NotYoursError):
        reporter.store.delete_comment(ids[0], first, reporter.now, by("tom"))
    assert reporter.store.delete_comment(ids[0], first, reporter.now, by("mei"))
    assert reporter.store.delete_comment(ids[0], second, reporter.now, by("root", Role.ADMIN))
    assert reporter.store.delete_comment(ids[0], third, reporter.now, By(principal=ANYONE))
    assert () == reporter.store.comments(ids[0])


def test_a_comment_is_deleted_of_its_own_issue_and_once(reporter: Reporter, ids: list[int]) -> None:
    said = reporter.store.comment(ids[0], "x", "mei", reporter.now, by("mei"))
    assert said is not None

    deleted = [
        reporter.store.delete_comment(issue_id, said.id, reporter.now, by("mei")) for issue_id in (ids[1], *ids[:1] * 2)
    ]

    assert [False, True, False] == deleted


def test_a_saved_view_is_its_owners_or_everybodys(reporter: Reporter) -> None:
    owner, other = f"mei of {reporter.project}", f"tom of {reporter.project}"
    own, shared = (
        reporter.store.save_view(SavedViewRequest(name=name, query="is:muted", shared=shared), reporter.now, by(owner))
        for name, shared in ((f"b {reporter.project}", False), (f"a {reporter.project}", True))
    )

    assert [shared, own] == of_project(reporter, owner)
    assert [shared] == of_project(reporter, other)
    assert not reporter.store.delete_view(own.id, reporter.now, by(other))
    assert reporter.store.delete_view(shared.id, reporter.now, by(other))
    assert reporter.store.delete_view(own.id, reporter.now, by(owner))
    assert [] == of_project(reporter, owner)


def of_project(reporter: Reporter, owner: str) -> list[SavedView]:
    """Return the views that a test named after its project: everybody's are everybody's."""
    return [view for view in reporter.store.saved_views(owner) if reporter.project in view.name]


def test_of_an_unknown_issue_nothing_can_be_done(reporter: Reporter) -> None:
    store, now = reporter.store, reporter.now

    assert store.assign(UNKNOWN, "mei", now) is None
    assert store.mute(UNKNOWN, MuteWish(more=1), now) is None
    assert store.comment(UNKNOWN, "x", None, now) is None
    assert () == store.comments(UNKNOWN)
    assert not store.delete_comment(UNKNOWN, 1, now)
    assert not store.delete_view(UNKNOWN, now)
