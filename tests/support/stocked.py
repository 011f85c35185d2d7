"""A collector with something of everything in it, and the address of each of its pages.

What people and reporters say in it is Chinese or one word: an English sentence on a Chinese page is the page's own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from logcenter_collector.web.rules import DASHBOARD_RULES
from support.collector import Collector, start
from support.visiting import Guest

ADMIN: Final = "an-administrator-s-token"
NAME: Final = "li.lei"
PROJECT: Final = "shop"
REPOSITORY: Final = "https://github.com/acme/shop"
FIXED: Final = ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED")

NO_PAGES: Final = {"GET /live", "GET /static/{file_path}", "GET /issues/{issue_id}/issue.md"}
"""What answers with no page of HTML."""

_FRAMES: Final = [
    {
        "file_path": "shop/views.py",
        "line_number": 88,
        "function": "checkout",
        "in_app": True,
        "context_line": "total()",
    },
    {"file_path": "django/base.py", "line_number": 104, "function": "view", "in_app": False, "locals": {"self": "…"}},
    {
        "file_path": "shop/cart.py",
        "line_number": 12,
        "function": "total",
        "in_app": True,
        "pre_context": ["def total(lines, currency):", "    rates = load_rates()"],
        "context_line": "    return sum(lines) * rates[currency]",
        "post_context": ["", "def empty():"],
        "locals": {"currency": "EUR", "lines": [{"price": 10, "title": "茶杯" * 40}], "rates": {"USD": 1.08}},
    },
]
_TRACE: Final = [
    "Traceback (most recent call last):",
    '  File "shop/views.py", line 88, in checkout',
    "    total()",
    '  File "django/base.py", line 104, in view',
    '  File "shop/cart.py", line 12, in total',
    "    return sum(lines) * rates[currency]",
    "KeyError: 'EUR'",
]
PYTHON: Final[dict[str, Any]] = {
    "error": {"type": "KeyError", "message": "汇率表里没有“EUR”", "file_path": "shop/cart.py", "line_number": 12}
    | {"stack_trace": _TRACE},
    "frames": _FRAMES,
    "version": "1.4.2",
    "commit_hash": "a81f3c0d",
    "context": {
        "url": "https://shop.example/checkout",
        "user": {"id": 4711},
        "tags": {"host": "web-1"},
        "breadcrumbs": [
            {"timestamp": "2026-03-02T10:00:00Z", "category": "http", "level": "info", "message": "读取购物车"},
            {"timestamp": "2026-03-02T10:00:01Z", "category": "sql", "message": "查询汇率", "data": {"rows": 0}},
        ],
    },
    "sdk": {"name": "logcenter-sdk", "version": "1.0.0"},
}
PIPELINE: Final[dict[str, Any]] = {
    "source": "cicd",
    "environment": "ci",
    "error": {"type": "BuildError", "message": "第 3 步退出码为 2", "stack_trace": ["make: *** [build] Error 2"]},
    "context": {"job_name": "build", "step_name": "compile", "run_url": "https://ci.example/runs/7"},
}
CLUSTER: Final[dict[str, Any]] = {
    "source": "deployment",
    "level": "CRITICAL",
    "error": {"type": "CrashLoopBackOff", "message": "容器反复重启", "stack_trace": ["Error: OOMKilled"]},
    "context": {"namespace": "shop", "deployment_name": "web", "pod_name": "web-7d9c", "container": "app"},
}


@frozen(kw_only=True)
class Stocked:
    """The collector, the ids of what is in it, and the cookies of the administrator who is signed in."""

    collector: Collector
    issues: dict[str, int]
    ids: dict[str, int | str]
    """What stands for the parameters of a path."""
    session: str

    @property
    def pages(self) -> list[str]:
        """The address of every page, and of what some of them show besides."""
        return [self._place(key) for key in DASHBOARD_RULES if key.startswith("GET ") and key not in NO_PAGES] + [
            f"/?q=project:{PROJECT}+-level:WARNING",
            "/?q=sort:rising+status:NEW",
            "/?q=nothing-like-this",
            "/?q=statsu:NEW",
            "/?q=with:muted&done=moved&n=3",
            "/?cursor=made-up",
            f"/overview?days=7&project={PROJECT}",
            *(f"/issues/{issue_id}" for name, issue_id in self.issues.items() if name != "python"),
            f"/issues/{self.issues['python']}?by=release&per=day&occurrence=1",
            "/admin/alarms/channels/new?kind=feishu",
            "/admin/audit?action=person",
            "/nowhere",
        ]

    def _place(self, key: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: str(self.ids[found[1]]), key.removeprefix("GET "))


@contextmanager
def stocked(folder: Path) -> Iterator[Stocked]:
    """Start a collector that is closed, put something of everything into it, and stop it at the end."""
    collector = start(folder / "stocked.db", "--admin-token", ADMIN, "--keyless-reports")
    collector.client.headers["Authorization"] = f"Bearer {ADMIN}"
    issues = {name: _report(collector, **report) for name, report in _REPORTS.items()}
    _fill_projects(collector)
    _fill_issues(collector, issues)
    admin = _person(collector)
    ids = _fill_administration(collector, admin)
    session = admin.client.cookies["lc_session"]
    yield Stocked(
        collector=collector,
        issues=issues,
        ids={"issue_id": issues["python"], "project_id": PROJECT, **ids},
        session=session,
    )
    assert collector.stop() == 0


_QUIET: Final = {"error": {"type": "Unhandled", "message": "没有堆栈", "stack_trace": []}, "level": "WARNING"}
_REPORTS: Final[dict[str, dict[str, Any]]] = {
    "python": PYTHON,
    "pipeline": PIPELINE,
    "cluster": CLUSTER,
    "deployed": {"error": {"type": "OldError", "message": "早已修好", "stack_trace": ["OldError"]}},
    "muted": {"error": {"type": "Noise", "message": "太吵了", "stack_trace": ["Noise"]}},
    "quiet": _QUIET,
}


def _report(collector: Collector, **report: Any) -> int:
    known = {"project_id": PROJECT, "environment": "production", "level": "ERROR"}
    return int(collector.report(known | report)["id"])


def _fill_projects(collector: Collector) -> None:
    """Name the project, and report as many other errors as fill a page of the inbox, of projects of their own."""
    named = {"name": "网店", "description": "卖茶杯", "repo_url": REPOSITORY, "local_path": "/srv/shop"}
    collector.client.put(f"/api/v1/projects/{PROJECT}", json=named).raise_for_status()
    many = [
        {
            "project_id": f"service-{number % 20}",
            "environment": "production",
            "level": "ERROR",
            "error": {"type": f"Error{number}", "message": f"连接被拒绝 {number} " * 8, "stack_trace": ["Error"]}
            | {"file_path": f"services/part_{number}/connection.py", "line_number": number},
        }
        for number in range(60)
    ]
    assert collector.report_batch(many).status_code == 200


def _fill_issues(collector: Collector, issues: dict[str, int]) -> None:
    """Do with issues what people do with them."""
    fix = {"commit_hash": "a81f3c0d", "branch": "fix/eur", "pr_url": "#12", "version": "1.4.3"}
    collector.move(issues["python"], *FIXED, reason="补上了汇率", actor="韩梅梅", fix=fix)
    for _ in range(3):
        _report(collector, **PYTHON)  # it comes back
    collector.move(issues["cluster"], "VERIFYING", "CANNOT_REPRODUCE")
    collector.move(issues["deployed"], *FIXED, "VERIFIED", "DEPLOYED", reason="已上线", fix=fix)
    put = {"mute": ("muted", {"more": 100}), "assignee": ("python", {"assignee": NAME})}
    for what, (name, body) in put.items():
        collector.client.put(f"/api/v1/issues/{issues[name]}/{what}", json=body).raise_for_status()
    said = {"text": "是汇率表的问题。", "author": "韩梅梅"}
    collector.client.post(f"/api/v1/issues/{issues['python']}/comments", json=said).raise_for_status()
    view = {"name": "网店的新问题", "query": f"project:{PROJECT}", "shared": True}
    collector.client.post("/api/v1/views", json=view).raise_for_status()


def _person(collector: Collector) -> Guest:
    """Return an administrator with an account, who is signed in; another person is invited only."""
    root = Guest(collector.dashboard_url)
    assert root.post("/sign-in/token", token=ADMIN).status_code == 303
    admin = Guest(collector.dashboard_url)
    assert admin.follow(root.invite(NAME, "admin", display_name="李雷")).status_code == 303
    admin.invite("han.meimei", "viewer")
    made = admin.post("/account/tokens", token_name="laptop", scope="read", days="365")
    assert made.status_code == 200
    return admin


def _fill_administration(collector: Collector, admin: Guest) -> dict[str, int | str]:
    """Make tokens, keys and alarms; return their ids by the names of parameters."""
    client = collector.client
    client.post("/api/v1/tokens", json={"name": "robot", "scopes": ["read"]}).raise_for_status()
    client.post(f"/api/v1/projects/{PROJECT}/keys", json={"name": "web"}).raise_for_status()
    settings = {"url": "http://127.0.0.1:9/hook"}  # a private address, which the collector refuses to ask
    channel = client.post("/api/v1/alarms/channels", json={"name": "群", "kind": "webhook", "settings": settings})
    channel_id = int(channel.raise_for_status().json()["id"])
    rule = {"name": "新问题", "trigger": "new_issue", "channel_ids": [channel_id]}
    rule_id = int(client.post("/api/v1/alarms/rules", json=rule).raise_for_status().json()["id"])
    admin.post(f"/admin/alarms/channels/{channel_id}/test")
    return {"channel_id": channel_id, "rule_id": rule_id}
