"""The overview: what happened in a period, and what the collector did."""

from datetime import datetime
from typing import Any, Final

from litestar import get
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery

from logcenter_collector.domain.overview import DAY, LONGEST, OverviewQuery, begin_of, day_of
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.web.api.instants import Instant, instant_in
from logcenter_collector.web.injected import InjectedBy, InjectedCollector, InjectedNow, InjectedView
from logcenter_collector.web.openapi import ref
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.writing import to_wire

DAYS: Final = 30


@get(
    "/api/v1/overview",
    summary="What happened in a period",
    description="In whole days of UTC: the last 30, today among them, unless `since` or `until` say else; 366 at most. "
    "`collector` is null for whoever is limited to some projects.",
    tags=["Overview"],
    opt={"answers": ref("OverviewAnswer")},
)
async def get_overview(  # noqa: PLR0913, PLR0917 - what it is made of, and one parameter for each option
    view: InjectedView,
    by: InjectedBy,
    collector: InjectedCollector,
    now: InjectedNow,
    project_id: FromQuery[list[str] | None] = None,
    since: Instant = None,
    until: Instant = None,
) -> dict[str, Any]:
    """Return the overview."""
    begin, end = period(instant_in("since", since), instant_in("until", until), now)
    projects = tuple(storable_text(name) for name in project_id) if project_id else None
    query = OverviewQuery(since=begin, until=end, project_ids=projects)
    found = to_wire(await sync_to_thread(view.overview, query))
    did = await collector.read() if by.principal.may_everywhere else None
    return {**found, "collector": to_wire(did)}


def period(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the whole days of a period; the last one is today where nothing else is said. Raises RefusedError."""
    try:
        end = until if until and until == begin_of(day_of(until)) else begin_of(day_of(until or now) + 1)
        begin = begin_of(day_of(since)) if since else end - DAYS * DAY
    except OverflowError:
        raise invalid_fields([FieldError("until", "lies at the end of time")]) from None
    if begin >= end:
        raise invalid_fields([FieldError("since", "must lie before `until`")])
    if end - begin > LONGEST:
        raise invalid_fields([FieldError("since", f"must be at most {LONGEST.days} days before `until`")])
    return begin, end
