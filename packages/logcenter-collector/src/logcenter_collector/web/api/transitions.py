"""Move an issue to another status."""

from typing import Any

from litestar import post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.domain.workflow import Move
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.web.api.issues import issue_detail, issue_not_found
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import ref
from logcenter_sdk.contract.issue import TransitionRequest
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.status import Status


@post(
    "/api/v1/issues/{issue_id:int}/transitions",
    status_code=200,
    summary="Move an issue to another status",
    description="A wrong step is a 409 that names the legal ones; `force` with a reason overrides the table; with "
    "`from` the move is compare-and-set.",
    tags=["Issues"],
    opt={"takes": ref(TransitionRequest), "answers": ref("IssueDetail")},
)
async def move_issue(
    request: AnyRequest, issue_id: FromPath[int], view: InjectedView, now: InjectedNow
) -> dict[str, Any]:
    """Move an issue and return it."""
    move = to_move(read_object(TransitionRequest, await read_json(request)))
    issue = await sync_to_thread(view.move, issue_id, move, now) if 0 < issue_id <= INTEGER_MAX else None
    if issue is None:
        raise issue_not_found(issue_id)
    return issue_detail(issue, now)


def to_move(request: TransitionRequest) -> Move:
    """Return the move that a request asks for."""
    return Move(
        to=Status(request.to),
        expected=None if request.from_ is None else Status(request.from_),
        actor=request.actor,
        reason=request.reason,
        force=bool(request.force),
        fix=request.fix,
    )
