"""What figure 1 of the dashboard asks for: every page with many queries and issues, as paths of the dashboard."""

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from growth_rows import BUSIEST
from growth_texts import token_of
from logcenter_sdk.contract.instants import format_instant

SEARCHES: Final[Mapping[str, tuple[str, ...]]] = {
    "inbox": ("",),
    "inbox, other orders": ("sort:first_seen", "sort:occurrence_count"),
    "search: text": (
        "timeout", '"connection refused"', '"handshake certificate"', "request", "report/", "ValueError", "db", "42",
        "z", "refused upstream deadlock", *(token_of(number) for number in (500, 70_001, 99_998)),
    ),
    "search: Chinese": ("超时", "用户", "熔断", "限流重试", "断", "数据库 超时", "不存在"),
    "search: filters": (
        "status:NEW", "status:DEPLOYED", "source:cicd", "level:CRITICAL", "env:production", "env:development",
        "env:branch-77", "project:shop", "project:legacy", "release:month-02", "release:1.300.0", "release:9.9.9",
        "since:24h", "since:30d", "first:7d", "until:200d", "is:regressed",
        "project:shop level:CRITICAL env:production", 'status:NEW source:cicd env:production "connection refused"',
    ),
    "search: exclusions": (
        "-level:ERROR", "-env:production", "-env:production,staging", "-status:NEW,DEPLOYED", "-project:shop",
        "-release:month-02", '-"timeout"', "-request", "-source:runtime -level:ERROR",
        'status:NEW source:cicd env:production "connection refused" -level:WARNING',
    ),
    "search: assignee": (
        "assignee:person-7", "assignee:none", "-assignee:none", "assignee:none,person-7 project:shop",
        "assignee:person-7 status:NEW", "-assignee:person-7,person-8",
    ),
    "search: muted": (
        "is:muted", "with:muted", "is:muted project:shop", "with:muted timeout", "with:muted -level:ERROR",
    ),
    "search: filters, by count": (
        "timeout sort:occurrence_count", "release:month-02 sort:occurrence_count", "超时 sort:occurrence_count",
        "-env:production sort:occurrence_count", "until:200d sort:occurrence_count", "request sort:first_seen",
        "status:DEPLOYED sort:first_seen", "assignee:person-7 sort:occurrence_count",
    ),
    "search: rising": ("sort:rising", "sort:rising project:shop", "sort:rising -level:WARNING", "sort:rising timeout"),
}  # fmt: skip
"""Names of pages, and what is typed into the box."""

DEEP: Final = (
    "",
    "with:muted",
    "sort:first_seen",
    "sort:occurrence_count",
    "project:shop",
    "-level:WARNING",
    "request",
)
"""What is leafed through."""
DEEP_PAGES: Final = (2, 200, 2_000)
BULK: Final = (1, 10, 50)
"""So many issues are changed by one form."""


def searches() -> dict[str, list[str]]:
    """Return the paths of each page of lists."""
    return {name: [listed(text) for text in texts] for name, texts in SEARCHES.items()}


def listed(text: str, cursor: str | None = None) -> str:
    """Return the path of a list."""
    asked = {name: value for name, value in (("q", text), ("cursor", cursor)) if value}
    return f"/?{urlencode(asked)}" if asked else "/"


def issue_pages(
    issues: int, kept: Mapping[int, Iterable[int]], rich: Iterable[int], now: datetime
) -> dict[str, list[str]]:
    """Return the paths of each page of issues: any, the busiest, with what real reports bring.

    ``kept`` are the kept occurrences of some issues.
    """
    chance = random.Random(6)
    drawn = [chance.randrange(1, issues + 1) for _ in range(100)]
    some = (BUSIEST, *drawn[:20])
    steps = [f"/issues/{issue}?occurrence={number}" for issue, numbers in kept.items() for number in numbers]
    return {
        "issue": [f"/issues/{issue}" for issue in drawn],
        "issue with much in its report": [f"/issues/{issue}" for issue in rich],
        "issue: the busiest": [f"/issues/{BUSIEST}"],
        "issue: bars by release": [f"/issues/{issue}?by=release" for issue in some],
        "issue: bars per hour": [f"/issues/{BUSIEST}?per=hour&by={by}" for by in ("environment", "release")],
        "issue: previous, next": steps,
        "issue: the time of a bar": [_bar(day, now) for day in range(20)],
        "issue as Markdown": [f"/issues/{issue}/issue.md" for issue in (*some, *rich)],
    }


def _bar(day: int, now: datetime) -> str:
    begin = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=day + 1)
    asked = {"per": "day", "from": format_instant(begin), "until": format_instant(begin + timedelta(days=1))}
    return f"/issues/{BUSIEST}?{urlencode(asked)}"


OVERVIEWS: Final[Mapping[str, list[str]]] = {
    "overview of 30 days": ["/overview"],
    "overview of 7 days": ["/overview?days=7"],
    "overview of 90 days": ["/overview?days=90"],
    "overview of a project": ["/overview?project=shop", "/overview?project=legacy&days=90", "/overview?project=report"],
}
OTHERS: Final[Mapping[str, list[str]]] = {
    "administration": [
        "/admin/people",
        "/admin/audit",
        "/admin/alarms",
        "/admin/projects",
        "/admin/storage",
        "/account",
    ],
}
