"""Retention and the disk budget: what is kept and for how long, the room it takes, and what upkeep does."""

import re
from datetime import timedelta
from typing import Any, Final

from attrs import frozen
from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from logcenter_collector.domain.policy import Policy
from logcenter_collector.upkeep.standing import read_standing
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.ui.languages import Catalogue
from logcenter_collector.web.ui.overview import duration, size
from logcenter_collector.web.ui.site import InjectedSite, Site, language_of

STORAGE: Final = "/admin/storage"
_COUNTED: Final = re.compile(r"([\d,]+) ([a-z ]+?)(?: and |$)")
_UNITS: Final = {"months": 30, "weeks": 7, "days": 1}
_AT_LEAST: Final = 3
"""Of so many on, a unit is used: ten days are no "about one week"."""
_FULL: Final = 100


@frozen(kw_only=True)
class Gauge:
    """How much of its room a database takes, in parts of a hundred."""

    used: int
    mark: int
    """Where dropping begins."""


@route(STORAGE, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def storage(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    policy: NamedDependency[SkipValidation[Policy]],
    collector: NamedDependency[SkipValidation[CollectorStatus | None]],
) -> Response[str]:
    """Show how storage stands, and by which settings it is changed."""
    stored = await collector.survey.stored() if collector else None
    issues = None if stored is None else sum(stored.issues.values())
    return await sync_to_thread(_page, request, site, policy, issues)


def _page(request: Request[Any, Any, Any], site: Site, policy: Policy, issues: int | None) -> Response[str]:
    t, database = language_of(request), site.front.database
    standing = read_standing(database, policy, site.clock())
    return site.page(
        request,
        "admin_storage.html",
        section="storage",
        standing=standing,
        is_sqlite=not database.is_postgresql,
        gauge=None if standing.room is None else gauge_of(standing.space.used, standing.room),
        retention_days=policy.retention and policy.retention.days,
        issues=issues,
        size=size,
        roughly=roughly,
        duration=lambda seconds: duration(seconds, t),
        span=lambda within: span(within, t),
        said=lambda did: said(did, t),
    )


def gauge_of(used: int, room: int) -> Gauge:
    """Return how full a room is."""
    return Gauge(used=min(_FULL, round(_FULL * used / room)), mark=90)


def roughly(count: int, *, is_exact: bool) -> str:
    """Return a number as people read it; one that is estimated with two digits that mean something."""
    if is_exact or count < _FULL:
        return f"{count:,}"
    unit: int = 10 ** (len(f"{count}") - 2)
    return f"{round(count / unit) * unit:,}"


def span(within: timedelta, t: Catalogue) -> str:
    """Return about how long it is until then."""
    days = max(1, within.days)
    unit = next((unit for unit, length in _UNITS.items() if days >= _AT_LEAST * length), "days")
    n = round(days / _UNITS[unit])
    return t("storage.day") if n == 1 else t(f"storage.{unit}", n=n)


def said(did: str, t: Catalogue) -> str:
    """Return what a job came to, in the reader's language; what has no words there is left out."""
    counted = ((f"storage.did_{what.replace(' ', '_')}", count) for count, what in _COUNTED.findall(did))
    return t("storage.and").join(t(key, n=count) for key, count in counted if key in t.texts)
