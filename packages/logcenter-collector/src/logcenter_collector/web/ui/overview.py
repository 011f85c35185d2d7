"""The overview: what happened lately in numbers, and what the collector itself does."""

from datetime import datetime
from typing import Any, Final

from attrs import frozen
from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from logcenter_collector.domain.overview import DAY, OverviewQuery, begin_of, day_of
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.ui.charts import Bar, Chart, Part, sparkline
from logcenter_collector.web.ui.languages import Catalogue
from logcenter_collector.web.ui.search import open_issues_of
from logcenter_collector.web.ui.site import InjectedSite, language_of
from logcenter_sdk.contract.overview import Overview, ProjectOverview
from logcenter_sdk.contract.report import Source
from logcenter_sdk.contract.storable import storable_text

PERIODS: Final = (7, 30, 90)
"""Days that can be chosen; the second is shown first."""
_COLOURS: Final = {Source.RUNTIME: "part-1", Source.CICD: "part-2", Source.DEPLOYMENT: "part-3"}
_STEPS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
_KIB: Final = 1024


@route("/overview", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def overview(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    collector: NamedDependency[SkipValidation[CollectorStatus | None]],
) -> Response[str]:
    """Show what happened in the last days, of all projects or of one."""
    days, project_id = days_in(request.query_params.get("days")), storable_text(request.query_params.get("project", ""))
    until = begin_of(day_of(site.clock()) + 1)
    query = OverviewQuery(since=until - days * DAY, until=until, project_ids=(project_id,) if project_id else None)
    found = await sync_to_thread(view.overview, query)
    did = await collector.read() if collector and by_of(request).principal.may_everywhere else None
    t = language_of(request)
    return await sync_to_thread(
        site.page,
        request,
        "overview.html",
        overview=found,
        collector=did,
        days=days,
        periods=PERIODS,
        project_id=project_id,
        project_name=next((project.name for project in found.projects if project.project_id == project_id), project_id),
        chart=chart_of(found, t),
        spark=Sparks(t),
        open_issues_of=open_issues_of,
        duration=lambda seconds: duration(seconds, t),
        size=size,
    )


def days_in(asked: str | None) -> int:
    """Return the period that the URL asks for; what is none of those that can be chosen is the usual one."""
    return next((days for days in PERIODS if f"{days}" == asked), PERIODS[1])


def chart_of(found: Overview, t: Catalogue) -> Chart:
    """Return the chart of occurrences by day and source."""
    shown = [source for source in Source if any(source in day.sources for day in found.days)]
    busiest = max(found.days, key=lambda day: day.count)
    return Chart(
        title=t("overview.chart_title"),
        description=t(
            "overview.chart_text", n=f"{found.occurrences:,}", most=f"{busiest.count:,}", day=day_label(busiest.start)
        ),
        bars=tuple(Bar(label=day_label(day.start), counts=day.sources) for day in found.days),
        parts=tuple(Part(key=source, name=t(f"source.{source}"), colour=_COLOURS[source]) for source in shown),
        unit=t("overview.all"),
    )


def day_label(day: datetime) -> str:
    """Return a day without its year, the same in both languages."""
    return day.strftime("%m-%d")


@frozen
class Sparks:
    """Makes the small charts of projects."""

    t: Catalogue

    def __call__(self, project: ProjectOverview) -> str:
        """Return the chart of a project's last days."""
        return sparkline(
            project.days, title=self.t("overview.spark", days=len(project.days), n=f"{sum(project.days):,}")
        )


def duration(seconds: int, t: Catalogue) -> str:
    """Return how long something took, in the largest unit of which it has at least one and a half."""
    for length, unit in _STEPS:
        if seconds >= 1.5 * length or length == 1:
            return t(f"duration.{unit}", n=round(seconds / length))
    raise AssertionError


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    value, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= _KIB and len(units) > 1:
        value, units = value / _KIB, units[1:]
    return f"{value:.0f} {units[0]}" if value >= 10 or units[0] == "B" else f"{value:.1f} {units[0]}"  # noqa: PLR2004
