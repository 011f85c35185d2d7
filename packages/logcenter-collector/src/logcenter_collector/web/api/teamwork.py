"""Who cares for issues: assign, mute, comment."""

from datetime import datetime
from typing import Any

from litestar import delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.store.base import Page
from logcenter_collector.web.api.issues import issue_detail, issue_not_found, known_issue, page_of_items
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import page_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.teamwork import AssigneeRequest, Comment, CommentRequest, MuteRequest
from logcenter_sdk.contract.writing import to_wire


@put(
    "/api/v1/issues/{issue_id:int}/assignee",
    summary="Say who cares for an issue",
    description="A search finds it by `assignee:NAME`; null is nobody.",
    tags=["Issues"],
    opt={
        "takes": ref(AssigneeRequest),
        "examples": {"to mei": {"assignee": "mei"}, "to nobody": {"assignee": None}},
        "answers": ref("IssueDetail"),
    },
)
async def assign_issue(
    request: AnyRequest, issue_id: FromPath[int], view: InjectedView, now: InjectedNow
) -> dict[str, Any]:
    """Assign an issue and return it."""
    assignee = read_object(AssigneeRequest, await read_json(request)).assignee
    issue = await sync_to_thread(view.assign, issue_id, assignee, now) if 0 < issue_id <= INTEGER_MAX else None
    if issue is None:
        raise issue_not_found(issue_id)
    return issue_detail(issue, now)


@put(
    "/api/v1/issues/{issue_id:int}/mute",
    summary="Mute an issue, or end that",
    description="For a time (`until`), until it occurred so many times `more`, or both: what comes first ends it, and "
    "so does a regression. With neither, a mute ends now. Reports of a muted issue count as always.",
    tags=["Issues"],
    opt={
        "takes": ref(MuteRequest),
        "examples": {
            "until it occurred 100 times more": {"more": 100},
            "until a time": {"until": "2030-01-31T09:00:00+08:00"},
            "what comes first": {"until": "2030-01-31T09:00:00+08:00", "more": 100},
            "not any more": {},
        },
        "answers": ref("IssueDetail"),
    },
)
async def mute_issue(
    request: AnyRequest, issue_id: FromPath[int], view: InjectedView, now: InjectedNow
) -> dict[str, Any]:
    """Mute an issue and return it."""
    wish = to_wish(read_object(MuteRequest, await read_json(request)), now)
    issue = await sync_to_thread(view.mute, issue_id, wish, now) if 0 < issue_id <= INTEGER_MAX else None
    if issue is None:
        raise issue_not_found(issue_id)
    return issue_detail(issue, now)


def to_wish(request: MuteRequest, now: datetime, path: str = "") -> MuteWish:
    """Return what a request wishes. Raises RefusedError for a time that is over."""
    until = None if request.until is None else parse_instant(request.until)
    if until is not None and until <= now:
        raise invalid_fields([FieldError(f"{path}until", "is over already")])
    return MuteWish(until=until, more=request.more)


@get(
    "/api/v1/issues/{issue_id:int}/comments",
    sync_to_thread=True,
    summary="What was said about an issue, oldest first",
    tags=["Issues"],
    opt={"answers": page_of(Comment)},
)
def list_comments(issue_id: FromPath[int], view: InjectedView) -> dict[str, Any]:
    """Return every comment on an issue."""
    return page_of_items(Page(items=view.comments(known_issue(view, issue_id)), next_cursor=None))


@post(
    "/api/v1/issues/{issue_id:int}/comments",
    status_code=200,
    summary="Say something about an issue",
    tags=["Issues"],
    opt={
        "takes": ref(CommentRequest),
        "examples": {"a comment": {"text": "Only orders in yen.", "author": "mei"}},
        "answers": ref(Comment),
    },
)
async def add_comment(
    request: AnyRequest, issue_id: FromPath[int], view: InjectedView, now: InjectedNow
) -> dict[str, Any]:
    """Add a comment and return it."""
    said = read_object(CommentRequest, await read_json(request))
    comment = await sync_to_thread(view.comment, issue_id, said, now) if 0 < issue_id <= INTEGER_MAX else None
    if comment is None:
        raise issue_not_found(issue_id)
    return dict(to_wire(comment))


@delete(
    "/api/v1/issues/{issue_id:int}/comments/{comment_id:int}",
    status_code=200,
    sync_to_thread=True,
    summary="Take a comment back",
    description="One's own; administrators may delete any, and where nobody signs in anybody may.",
    tags=["Issues"],
    opt={"answers": {"type": "object"}},
)
def delete_comment(
    issue_id: FromPath[int], comment_id: FromPath[int], view: InjectedView, now: InjectedNow
) -> dict[str, Any]:
    """Delete a comment."""
    known_issue(view, issue_id)
    if not 0 < comment_id <= INTEGER_MAX or not view.delete_comment(issue_id, comment_id, now):
        raise not_found(f"comment {comment_id} on issue {issue_id}")
    return {}
