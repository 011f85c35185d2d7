"""Issues: list, read, and what happened to them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from logcenter_collector.access.view import View
from logcenter_collector.domain.workflow import next_statuses
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.base import IssueQuery, Page, Per, Sort
from logcenter_collector.web.api.instants import Instant, instant_in
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import page_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.limits import INTEGER_MAX, PAGE_ITEMS
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.writing import to_wire

_STATS_PERIOD = timedelta(days=14)
_EARLIEST = datetime.min.replace(tzinfo=UTC)

Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_ITEMS, description="How many items at most.")]
Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]


@get(
    "/api/v1/issues",
    sync_to_thread=True,
    summary="Issues, newest activity first",
    description="Several values of one filter are alternatives. `environment` and `version` match any that the issue "
    "was seen with. Registrations of projects (`ProjectInit`) are left out unless `registrations=true`.",
    tags=["Issues"],
    opt={"answers": page_of(Issue)},
)
def list_issues(  # noqa: PLR0913, PLR0917 - one parameter for each filter
    view: InjectedView,
    project_id: FromQuery[list[str] | None] = None,
    status: FromQuery[list[Status] | None] = None,
    source: FromQuery[list[Source] | None] = None,
    level: FromQuery[list[Level] | None] = None,
    environment: FromQuery[list[str] | None] = None,
    version: FromQuery[list[str] | None] = None,
    q: Annotated[str, QueryParameter(max_length=1024, description="Text in the error's type, message or file.")] = "",
    since: Instant = None,
    until: Instant = None,
    registrations: FromQuery[bool] = False,
    sort: FromQuery[Sort] = Sort.LAST_SEEN,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Return one page of issues."""
    query = IssueQuery(
        project_id=_storable(project_id),
        status=tuple(status or ()),
        source=tuple(source or ()),
        level=tuple(level or ()),
        environment=_storable(environment),
        version=_storable(version),
        q=storable_text(q),
        since=instant_in("since", since),
        until=instant_in("until", until),
        registrations=registrations,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    return _page(view.issues(query))


@get(
    "/api/v1/issues/{issue_id:int}",
    sync_to_thread=True,
    summary="One issue",
    tags=["Issues"],
    opt={"answers": ref("IssueDetail")},
)
def get_issue(issue_id: FromPath[int], view: InjectedView) -> dict[str, Any]:
    """Return one issue and where it may go from here."""
    issue = view.issue(issue_id) if 0 < issue_id <= INTEGER_MAX else None
    if issue is None:
        raise issue_not_found(issue_id)
    return issue_detail(issue)


@get(
    "/api/v1/issues/{issue_id:int}/occurrences",
    sync_to_thread=True,
    summary="The kept occurrences of an issue, newest first",
    tags=["Issues"],
    opt={"answers": page_of(Occurrence)},
)
def list_occurrences(
    issue_id: FromPath[int], view: InjectedView, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """Return one page of kept occurrences; the counters count those that were not kept as well."""
    return _page(view.occurrences(_known(view, issue_id), limit=limit, cursor=cursor))


@get(
    "/api/v1/issues/{issue_id:int}/history",
    sync_to_thread=True,
    summary="The status changes of an issue, oldest first",
    tags=["Issues"],
    opt={"answers": page_of(StatusChange)},
)
def list_history(issue_id: FromPath[int], view: InjectedView) -> dict[str, Any]:
    """Return every status change of an issue."""
    return _page(Page(items=view.history(_known(view, issue_id)), next_cursor=None))


@get(
    "/api/v1/issues/{issue_id:int}/stats",
    sync_to_thread=True,
    summary="Occurrences per hour or per day",
    description="Only hours or days with occurrences are listed; the last 14 days unless `since` or `until` say else. "
    "The first hour or day is a whole one.",
    tags=["Issues"],
    opt={"answers": page_of(StatsBucket)},
)
def get_stats(  # noqa: PLR0913, PLR0917 - one parameter for each option
    issue_id: FromPath[int],
    view: InjectedView,
    now: InjectedNow,
    per: FromQuery[Per] = Per.DAY,
    since: Instant = None,
    until: Instant = None,
) -> dict[str, Any]:
    """Return how often an issue occurred."""
    known = _known(view, issue_id)
    end = instant_in("until", until) or now + timedelta(hours=1)
    begin = instant_in("since", since) or end - min(_STATS_PERIOD, end - _EARLIEST)
    begin = begin.replace(minute=0, second=0, microsecond=0) if per is Per.HOUR else _midnight(begin)
    return {"per": per.value, **_page(Page(items=view.stats(known, per, begin, end), next_cursor=None))}


def _midnight(instant: datetime) -> datetime:
    """Return the begin of an instant's day: half a day would look like a quiet one."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _known(view: View, issue_id: int) -> int:
    """Return the id of an issue that exists. Raises RefusedError (404)."""
    if not 0 < issue_id <= INTEGER_MAX or not view.exists(issue_id):
        raise issue_not_found(issue_id)
    return issue_id


def issue_not_found(issue_id: int) -> RefusedError:
    """Return the refusal of a request for an unknown issue."""
    return not_found(f"issue {issue_id}")


def issue_detail(issue: Issue) -> dict[str, Any]:
    """Return an issue as the detail route answers it."""
    return {**to_wire(issue), "next_statuses": [status.value for status in next_statuses(issue.status)]}


def _storable(texts: list[str] | None) -> tuple[str, ...]:
    return tuple(storable_text(text) for text in texts or ())


def _page(page: Page[Any]) -> dict[str, Any]:
    return {"items": [to_wire(item) for item in page.items], "next_cursor": page.next_cursor}
