"""What figure 4 asks for: each order, each filter alone and with a project, texts of any frequency, each detail."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from growth_rows import BUSIEST, UNTIL
from growth_texts import HALF, token_of
from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery, Sort
from logcenter_collector.domain.query_language import write
from logcenter_sdk.contract.instants import format_instant
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

_FIRST: Final = {"sort": Sort.FIRST_SEEN}
_COUNT: Final = {"sort": Sort.OCCURRENCE_COUNT}
_SHOP: Final = {"project_id": ("shop",)}
_LEGACY: Final = {"project_id": ("legacy",)}
_OLD: Final = {"version": ("month-02",)}
_NOW: Final = {"asked_at": UNTIL}

_LISTS: Final[dict[str, dict[str, Any]]] = {
    "all": {},
    "all, by first seen": _FIRST,
    "all, by count": _COUNT,
    "project": _SHOP,
    "project, by first seen": {**_SHOP, **_FIRST},
    "project, by count": {**_SHOP, **_COUNT},
    "small project": {"project_id": ("report",)},
    "quiet project": _LEGACY,
    "quiet project, by first seen": {**_LEGACY, **_FIRST},
    "quiet project, by count": {**_LEGACY, **_COUNT},
    "NEW": {"status": (Status.NEW,)},
    "NEW, by count": {"status": (Status.NEW,), **_COUNT},
    "DEPLOYED, which are old": {"status": (Status.DEPLOYED,)},
    "DEPLOYED, by first seen": {"status": (Status.DEPLOYED,), **_FIRST},
    "FIXED of a project": {"status": (Status.FIXED,), **_SHOP},
    "source": {"source": (Source.DEPLOYMENT,)},
    "source of a project": {"source": (Source.DEPLOYMENT,), **_SHOP},
    "level": {"level": (Level.CRITICAL,)},
    "level, by count": {"level": (Level.CRITICAL,), **_COUNT},
    "level of a project": {"level": (Level.CRITICAL,), **_SHOP},
    "environment": {"environment": ("production",)},
    "small environment": {"environment": ("development",)},
    "environment of a project": {"environment": ("development",), **_SHOP},
    "rare environment": {"environment": ("branch-77",)},
    "old release": _OLD,
    "old release, by first seen": {**_OLD, **_FIRST},
    "old release, by count": {**_OLD, **_COUNT},
    "old release of a project": {**_OLD, **_SHOP},
    "rare release": {"version": ("1.300.0",)},
    "unknown release": {"version": ("9.9.9",)},
    "last 30 days": {"since": UNTIL - timedelta(days=30)},
    "until 200 days ago": {"until": UNTIL - timedelta(days=200)},
    "one day, by first seen": {"since": UNTIL - timedelta(days=200), "until": UNTIL - timedelta(days=199), **_FIRST},
    "until 200 days ago, by count": {"until": UNTIL - timedelta(days=200), **_COUNT},
    "text of one issue": {"texts": (token_of(500),)},
    "text of half of all": {"texts": (HALF,)},
    "text of half, by count": {"texts": (HALF,), **_COUNT},
    "text of half, of a project": {"texts": (HALF,), **_LEGACY},
    "common text": {"texts": ("timeout",)},
    "common text of a project": {"texts": ("timeout",), **_SHOP},
    "text of a file": {"texts": ("report/",)},
    "phrase": {"texts": ("handshake certificate",)},
    "rare phrase": {"texts": ("connection refused by upstream",)},
    "text of no issue": {"texts": ("zzqqxxy",)},
    "two letters": {"texts": ("db",)},
    "two digits": {"texts": ("42",)},
    "one letter": {"texts": ("z",)},
    "超时": {"texts": ("超时",)},
    "超时, by count": {"texts": ("超时",), **_COUNT},
    "超时 of a project": {"texts": ("超时",), **_SHOP},
    "用户, common": {"texts": ("用户",)},
    "熔断, rare": {"texts": ("熔断",)},
    "限流重试": {"texts": ("限流重试",)},
    "断": {"texts": ("断",)},
    "without a level": {"without": Filters(level=(Level.ERROR,))},
    "without most statuses, by count": {"without": Filters(status=(Status.NEW, Status.DEPLOYED)), **_COUNT},
    "without a project": {"without": Filters(project_id=("shop",))},
    "without an environment": {"without": Filters(environment=("production",))},
    "without two, by count": {"without": Filters(environment=("production", "staging")), **_COUNT},
    "without an old release": {"without": Filters(version=("month-02",)), **_FIRST},
    "without a text": {"without": Filters(texts=("timeout",))},
    "without text of half": {"without": Filters(texts=(HALF,))},
    "two texts": {"texts": ("handshake", "certificate")},
    "not muted": {"muted": False, **_NOW},
    "not muted of a project": {"muted": False, **_SHOP, **_NOW},
    "not muted, by count": {"muted": False, **_COUNT, **_NOW},
    "muted": {"muted": True, **_NOW},
    "assigned": {"assignee": ("person-7",)},
    "assigned, by count": {"assignee": ("person-7", "person-8"), **_COUNT},
    "of nobody": {"assignee": (NOBODY,)},
    "of nobody and somebody": {"assignee": (NOBODY, "person-7"), **_SHOP},
    "of others": {"without": Filters(assignee=("person-7", NOBODY))},
    "regressed": {"regressed": True},
    "never regressed, by count": {"regressed": False, **_COUNT},
    "new this week": {"first_since": UNTIL - timedelta(days=7)},
    "new this month, by count": {"first_since": UNTIL - timedelta(days=30), **_COUNT},
    "不存在, of no issue": {"texts": ("不存在",)},
}  # fmt: skip

LISTS: Final = {name: IssueQuery(**asked) for name, asked in _LISTS.items()}

_WEEKS: Final = {"since": format_instant(UNTIL - timedelta(days=14)), "until": format_instant(UNTIL)}
_EARLIEST: Final = format_instant(datetime(2000, 1, 1, tzinfo=UTC))
DETAILS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "an issue": ("/500", {}),
    "the busiest issue": (f"/{BUSIEST}", {}),
    "its occurrences": (f"/{BUSIEST}/occurrences", {}),
    "its days": (f"/{BUSIEST}/stats", _WEEKS),
    "all its days": (f"/{BUSIEST}/stats", {"since": _EARLIEST, "until": _WEEKS["until"]}),
    "its hours": (f"/{BUSIEST}/stats", {"per": "hour", **_WEEKS}),
    "its history": (f"/{BUSIEST}/history", {}),
}
"""Paths behind that of the issues, and parameters."""


def parameters(query: IssueQuery) -> dict[str, str]:
    """Return a query as the API takes it."""
    return {"query": write(query)} | ({"cursor": query.cursor} if query.cursor else {})
