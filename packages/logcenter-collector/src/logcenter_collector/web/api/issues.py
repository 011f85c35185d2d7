"""Issues: list, read, and what happened to them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from attrs import evolve
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from logcenter_collector.access.view import View
from logcenter_collector.domain.issue_query import IssueQuery, Sort
from logcenter_collector.domain.muting import as_of
from logcenter_collector.domain.query_language import WrongQueryError, parse
from logcenter_collector.domain.workflow import next_statuses
from logcenter_collector.ingest.refusal import RefusedError, invalid_fields
from logcenter_collector.store.base import Page, Per
from logcenter_collector.web.api.instants import Instant, instant_in
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import page_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.limits import INTEGER_MAX, PAGE_ITEMS
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.teamwork import QUERY_CHARACTERS
from logcenter_sdk.contract.writing import to_wire

_STATS_PERIOD = timedelta(days=14)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_ABOUT_QUERY: Final = (
    "What to list, in the language of the search box: "
    '`status:NEW -level:WARNING env:production since:7d "connection refused"`.'
)

Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_ITEMS, description="How many items at most.")]
Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]


@get(
    "/api/v1/issues",
    sync_to_thread=True,
    summary="Issues, newest activity first",
    description="Several values of one filter are alternatives. `environment` and `version` match any that the issue "
    "was seen with. Registrations of projects (`ProjectInit`) are left out unless `registrations=true`. `query` says "
    "all of this in the language of the dashboard's search box, and exclusions as well; what it names cannot be named "
    "by another parameter too. By `rising`, only issues that occurred far more often in the last 24 hours than in the "
    "7 days before are listed, at most 500.",
    tags=["Issues"],
    opt={"answers": page_of(Issue)},
)
def list_issues(  # noqa: PLR0913, PLR0917 - one parameter for each filter
    view: InjectedView,
    now: InjectedNow,
    asked: Annotated[str, QueryParameter(name="query", max_length=QUERY_CHARACTERS, description=_ABOUT_QUERY)] = "",
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
    sort: FromQuery[Sort | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Return one page of issues."""
    named: dict[str, Any] = {
        "project_id": _storable(project_id),
        "status": tuple(status or ()),
        "source": tuple(source or ()),
        "level": tuple(level or ()),
        "environment": _storable(environment),
        "version": _storable(version),
        "texts": _storable([q] if q else None),
        "since": instant_in("since", since),
        "until": instant_in("until", until),
        "registration": None if registrations else False,
        "sort": sort or Sort.LAST_SEEN,
    }
    page = view.issues(evolve(_joined(asked, now, named), limit=limit, cursor=cursor))
    return page_of_items(evolve(page, items=tuple(as_of(issue, now) for issue in page.items)))


def _joined(text: str, now: datetime, named: Mapping[str, Any]) -> IssueQuery:
    """Return what a text in the language of the search box and the other parameters ask for together."""
    try:
        query = parse(text, now)
    except WrongQueryError as error:
        raise invalid_fields([FieldError("query", wrong.message) for wrong in error.wrong]) from None
    plain = IssueQuery()
    said = {name: value for name, value in named.items() if value != getattr(plain, name)}
    if texts := said.get("texts"):
        said["texts"] = (*query.texts, *texts)
    twice = [name for name in said if name != "texts" and getattr(query, name) != getattr(plain, name)]
    if twice:
        raise invalid_fields([FieldError(name, "is said in `query` as well; say it once") for name in twice])
    return evolve(query, **said)


@get(
    "/api/v1/issues/{issue_id:int}",
    sync_to_thread=True,
    summary="One issue",
    tags=["Issues"],
    opt={"answers": ref("IssueDetail")},
)
def get_issue(issue_id: FromPath[int], view: InjectedView, now: InjectedNow) -> dict[str, Any]:
    """Return one issue and where it may go from here."""
    issue = view.issue(issue_id) if 0 < issue_id <= INTEGER_MAX else None
    if issue is None:
        raise issue_not_found(issue_id)
    return issue_detail(issue, now)


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
    return page_of_items(view.occurrences(known_issue(view, issue_id), limit=limit, cursor=cursor))


@get(
    "/api/v1/issues/{issue_id:int}/history",
    sync_to_thread=True,
    summary="The status changes of an issue, oldest first",
    tags=["Issues"],
    opt={"answers": page_of(StatusChange)},
)
def list_history(issue_id: FromPath[int], view: InjectedView) -> dict[str, Any]:
    """Return every status change of an issue."""
    return page_of_items(Page(items=view.history(known_issue(view, issue_id)), next_cursor=None))


@get(
    "/api/v1/issues/{issue_id:int}/stats",
    sync_to_thread=True,
    summary="Occurrences per hour or per day, by environment and release",
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
    known = known_issue(view, issue_id)
    end = instant_in("until", until) or now + timedelta(hours=1)
    begin = instant_in("since", since) or end - min(_STATS_PERIOD, end - _EARLIEST)
    begin = begin.replace(minute=0, second=0, microsecond=0) if per is Per.HOUR else _midnight(begin)
    return {"per": per.value, **page_of_items(Page(items=view.stats(known, per, begin, end), next_cursor=None))}


def _midnight(instant: datetime) -> datetime:
    """Return the begin of an instant's day: half a day would look like a quiet one."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def known_issue(view: View, issue_id: int) -> int:
    """Return the id of an issue that exists. Raises RefusedError (404)."""
    if not 0 < issue_id <= INTEGER_MAX or not view.exists(issue_id):
        raise issue_not_found(issue_id)
    return issue_id


def issue_not_found(issue_id: int) -> RefusedError:
    """Return the refusal of a request for an unknown issue."""
    return not_found(f"issue {issue_id}")


def issue_detail(issue: Issue, now: datetime) -> dict[str, Any]:
    """Return an issue as the detail route answers it."""
    return {**to_wire(as_of(issue, now)), "next_statuses": [status.value for status in next_statuses(issue.status)]}


def _storable(texts: list[str] | None) -> tuple[str, ...]:
    return tuple(storable_text(text) for text in texts or ())


def page_of_items(page: Page[Any]) -> dict[str, Any]:
    """Return a page of a list as every list is answered."""
    return {"items": [to_wire(item) for item in page.items], "next_cursor": page.next_cursor}
