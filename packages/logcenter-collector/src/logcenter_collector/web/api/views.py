"""Saved views: searches with a name, of one's own or of everybody."""

from typing import Any

from litestar import delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.domain.query_language import WrongQueryError, parse
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.store.base import Page
from logcenter_collector.web.api.issues import page_of_items
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import page_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.teamwork import SavedView, SavedViewRequest
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/views",
    sync_to_thread=True,
    summary="Saved views, by name",
    description="One's own and those that are shared with everybody.",
    tags=["Saved views"],
    opt={"answers": page_of(SavedView)},
)
def list_views(view: InjectedView) -> dict[str, Any]:
    """Return the saved views."""
    return page_of_items(Page(items=view.saved_views(), next_cursor=None))


@post(
    "/api/v1/views",
    status_code=200,
    summary="Save a view",
    tags=["Saved views"],
    opt={
        "takes": ref(SavedViewRequest),
        "examples": {"for everybody": {"name": "Of today", "query": "env:production first:24h", "shared": True}},
        "answers": ref(SavedView),
    },
)
async def save_view(request: AnyRequest, view: InjectedView, now: InjectedNow) -> dict[str, Any]:
    """Save a view and return it; a search that nobody understands is refused."""
    wanted = read_object(SavedViewRequest, await read_json(request))
    try:
        parse(wanted.query, now)
    except WrongQueryError as error:
        raise invalid_fields([FieldError("query", wrong.message) for wrong in error.wrong]) from None
    return dict(to_wire(await sync_to_thread(view.save_view, wanted, now)))


@delete(
    "/api/v1/views/{view_id:int}",
    status_code=200,
    sync_to_thread=True,
    summary="Delete a saved view",
    description="One's own, or one that is shared.",
    tags=["Saved views"],
    opt={"answers": {"type": "object"}},
)
def delete_view(view_id: FromPath[int], view: InjectedView, now: InjectedNow) -> dict[str, Any]:
    """Delete a saved view."""
    if not 0 < view_id <= INTEGER_MAX or not view.delete_view(view_id, now):
        raise not_found(f"saved view {view_id}")
    return {}
