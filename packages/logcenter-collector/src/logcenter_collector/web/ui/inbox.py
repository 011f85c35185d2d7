"""The inbox: which issues there are, newest activity first, filtered by what the URL says."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from attrs import frozen
from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import MultiDict

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.base import InvalidCursorError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.problem_pages import problem_page
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.report import Source
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.storable import storable_text

Choice = TypeVar("Choice", bound=StrEnum)


@frozen
class LiveLink:
    """Where a page is told what changes, and what was the newest issue before it was made."""

    url: str
    after: int


FILTERS: Final = ("q", "project", "status", "source", "registrations")
"""The parameters of the URL that choose issues; ``cursor`` and ``lang`` choose how they are shown."""


@route("/", http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
def inbox(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show one page of the inbox."""
    query = query_from(request.query_params)
    live = LiveLink(_url(request.query_params, None).replace("/", "/live", 1), view.newest_issue())  # before the list
    try:
        page = view.issues(query)
    except InvalidCursorError:
        return problem_page(site, request, 400, "cursor")
    return site.page(
        request,
        "inbox.html",
        issues=page.items,
        query=query,
        projects=view.projects(),
        statuses=tuple(Status),
        sources=tuple(Source),
        filtered=any(request.query_params.get(name) for name in FILTERS),
        older=_url(request.query_params, page.next_cursor) if page.next_cursor else None,
        newest=_url(request.query_params, None) if query.cursor else None,
        here=_url(request.query_params, None),
        live=live,
    )


def query_from(params: MultiDict[str]) -> IssueQuery:
    """Return what the URL asks for. What is no status or source is left out, as the form then shows it."""
    return IssueQuery(
        project_id=tuple(storable_text(name) for name in params.getall("project", []) if name),
        status=_known(Status, params.getall("status", [])),
        source=_known(Source, params.getall("source", [])),
        texts=tuple(text for text in [storable_text(params.get("q", "").strip())[:SHORT_CHARACTERS]] if text),
        registration=None if params.get("registrations") else False,
        cursor=params.get("cursor") or None,
    )


def _known(choices: type[Choice], texts: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(choices(text) for text in texts if text in {choice.value for choice in choices})


def _url(params: MultiDict[str], cursor: str | None) -> str:
    """Return the inbox's URL with the same filters at another place of the list."""
    kept = [(name, value) for name, value in params.items() if name in FILTERS and value]
    query = urlencode([*kept, *([("cursor", cursor)] if cursor else [])])
    return f"/?{query}" if query else "/"
