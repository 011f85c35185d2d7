"""Forms of an issue's page beside moving it: assign, mute, say something and take that back."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.domain.commenting import NotYoursError
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import actor_cookie
from logcenter_collector.web.ui.forms import Form, InjectedForm
from logcenter_collector.web.ui.handlers import takes_form
from logcenter_collector.web.ui.issue_page import MUTE_HOURS, Refusal, existing_issue, issue_page
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.teamwork import AssigneeRequest, CommentRequest, MuteRequest


@takes_form("/issues/{issue_id:int}/assignee")
def assign_issue(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, issue_id: FromPath[int], form: InjectedForm
) -> Response[Any]:
    """Say who cares for an issue; an empty name is nobody."""
    issue = existing_issue(view, issue_id)
    try:
        wanted = AssigneeRequest(assignee=form.text("assignee") or None)
    except ValueError:
        return issue_page(site, view, request, issue, Refusal(saying="wrong_assignee", typed=form.shown))
    view.assign(issue.id, wanted.assignee, site.clock())
    return Redirect(f"/issues/{issue.id}", status_code=303)


@takes_form("/issues/{issue_id:int}/mute")
def mute_issue(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, issue_id: FromPath[int], form: InjectedForm
) -> Response[Any]:
    """Mute an issue for a time, until it occurred so often again, or both; or end that."""
    issue = existing_issue(view, issue_id)
    try:
        hours, more = muting_in(form)
    except ValueError:
        return issue_page(site, view, request, issue, Refusal(saying="wrong_mute", typed=form.shown))
    now = site.clock()
    view.mute(issue.id, MuteWish(until=None if hours is None else now + timedelta(hours=hours), more=more), now)
    return Redirect(f"/issues/{issue.id}", status_code=303)


def muting_in(form: Form) -> tuple[int | None, int | None]:
    """Return for how many hours, and for how many occurrences more; neither where the mute is to end.

    Raises ValueError.
    """
    if form.text("end"):
        return None, None
    hours, more = _number(form.text("hours")), _number(form.text("more"))
    if (hours is None and more is None) or (hours is not None and hours not in MUTE_HOURS):
        raise ValueError("neither a time nor a number")
    return hours, MuteRequest(more=more).more


def _number(text: str) -> int | None:
    if len(text) > len(str(INTEGER_MAX)):
        raise ValueError("too many digits")
    return int(text) if text else None


@takes_form("/issues/{issue_id:int}/comments")
def add_comment(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, issue_id: FromPath[int], form: InjectedForm
) -> Response[Any]:
    """Say something about an issue."""
    issue = existing_issue(view, issue_id)
    author = form.short("author") or None
    try:
        said = CommentRequest(text=form.text("text"), author=author)
    except ValueError:
        return issue_page(site, view, request, issue, Refusal(saying="wrong_comment", typed=form.shown))
    view.comment(issue.id, said, site.clock())
    cookies = [actor_cookie(author)] if author else []
    return Redirect(f"/issues/{issue.id}#comments", status_code=303, cookies=cookies)


@takes_form("/issues/{issue_id:int}/comments/{comment_id:int}/delete")
def delete_comment(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    issue_id: FromPath[int],
    comment_id: FromPath[int],
) -> Response[Any]:
    """Take a comment back."""
    issue = existing_issue(view, issue_id)
    try:
        gone = 0 < comment_id <= INTEGER_MAX and view.delete_comment(issue.id, comment_id, site.clock())
    except NotYoursError:
        return issue_page(site, view, request, issue, Refusal(saying="wrong_yours", status=403))
    if not gone:
        raise NotFoundException("no such comment")
    return Redirect(f"/issues/{issue.id}#comments", status_code=303)
