"""Do the same with several issues."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import post
from litestar.concurrency import sync_to_thread

from logcenter_collector.access.view import View
from logcenter_collector.domain.workflow import MoveRefusedError
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.web.api.issues import issue_detail, issue_not_found
from logcenter_collector.web.api.teamwork import to_wish
from logcenter_collector.web.api.transitions import to_move
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import ref
from logcenter_collector.web.problems import storage_gone, wrong_step
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import FieldError, Problem
from logcenter_sdk.contract.teamwork import BulkRequest

Do = Callable[[int], Issue | None]


@post(
    "/api/v1/issues/bulk",
    status_code=200,
    summary="Move, assign or mute up to 200 issues",
    description="Each is done by itself: what is refused for one is done for the others. The answers stand in the "
    "order of the ids, each with the issue or with the problem.",
    tags=["Issues"],
    opt={
        "takes": ref(BulkRequest),
        "examples": {
            "move": {"ids": [17, 18], "move": {"to": "VERIFYING", "actor": "mei", "reason": "Looking into it."}},
            "assign": {"ids": [17, 18], "assign": {"assignee": "mei"}},
            "mute": {"ids": [17, 18], "mute": {"more": 100}},
        },
        "answers": ref("BulkAnswers"),
    },
)
async def change_issues(request: AnyRequest, view: InjectedView, now: InjectedNow) -> dict[str, Any]:
    """Do one thing with several issues."""
    wanted = read_object(BulkRequest, await read_json(request))
    do = _what_to_do(wanted, view, now)
    ids = dict.fromkeys(wanted.ids)
    return {"items": await sync_to_thread(lambda: [_answer(do, issue_id, now) for issue_id in ids])}


def _what_to_do(wanted: BulkRequest, view: View, now: datetime) -> Do:
    """Return what is to be done with an issue. Raises RefusedError unless the request says one thing."""
    ways: list[Do] = []
    if wanted.move is not None:
        move = to_move(wanted.move)
        ways.append(lambda issue_id: view.move(issue_id, move, now))
    if wanted.assign is not None:
        assignee = wanted.assign.assignee
        ways.append(lambda issue_id: view.assign(issue_id, assignee, now))
    if wanted.mute is not None:
        wish = to_wish(wanted.mute, now, "mute.")
        ways.append(lambda issue_id: view.mute(issue_id, wish, now))
    if len(ways) != 1:
        raise invalid_fields([FieldError("(body)", "must have one of move, assign and mute")])
    return ways[0]


def _answer(do: Do, issue_id: int, now: datetime) -> dict[str, Any]:
    done = _done(do, issue_id)
    if isinstance(done, Problem):
        return {"id": issue_id, "issue": None, "problem": done.to_wire()}
    return {"id": issue_id, "issue": issue_detail(done, now), "problem": None}


def _done(do: Do, issue_id: int) -> Issue | Problem:
    try:
        issue = do(issue_id) if 0 < issue_id <= INTEGER_MAX else None
    except MoveRefusedError as error:
        return wrong_step(error)
    except StoreUnavailableError:
        return storage_gone().problem
    return issue or issue_not_found(issue_id).problem
