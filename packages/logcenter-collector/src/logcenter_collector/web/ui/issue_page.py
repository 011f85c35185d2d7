"""The page of one issue: stack trace, context, occurrences, history and the next steps."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen
from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from logcenter_collector.access.view import View
from logcenter_collector.domain.workflow import MoveRefusedError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import remembered_actor
from logcenter_collector.web.ui.excerpts import trace_lines
from logcenter_collector.web.ui.site import Site
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.status import TRANSITIONS

OCCURRENCES: Final = 10
"""How many of the kept occurrences the page lists."""


@route("/issues/{issue_id:int}", http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
def issue(
    request: Request[Any, Any, Any], site: NamedDependency[Site], view: InjectedView, issue_id: FromPath[int]
) -> Response[str]:
    """Show an issue."""
    return issue_page(site, view, request, existing_issue(view, issue_id))


def existing_issue(view: View, issue_id: int) -> Issue:
    """Return an issue. Raises NotFoundException."""
    found = view.issue(issue_id) if 0 < issue_id <= INTEGER_MAX else None
    if found is None:
        raise NotFoundException("no such issue")
    return found


@frozen
class Refusal:
    """A move that was refused, and what the mover had typed, so that nothing typed is lost."""

    error: MoveRefusedError
    typed: Mapping[str, str]


def issue_page(
    site: Site, view: View, request: Request[Any, Any, Any], issue: Issue, refusal: Refusal | None = None
) -> Response[str]:
    """Render an issue; after a refused move with the reason for it and what had been typed."""
    occurrences = view.occurrences(issue.id, limit=OCCURRENCES).items
    return site.page(
        request,
        "issue.html",
        status=409 if refusal else 200,
        issue=issue,
        project=view.project(issue.project_id),
        trace=trace_lines(issue.error),
        occurrences=occurrences,
        frames=occurrences[0].frames or () if occurrences else (),
        history=tuple(reversed(view.history(issue.id))),
        next_statuses=TRANSITIONS[issue.status],
        refused=refusal.error if refusal else None,
        typed=refusal.typed if refusal else {},
        actor=remembered_actor(request.cookies),
    )
