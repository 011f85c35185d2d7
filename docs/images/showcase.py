"""A shop whose errors the pictures show: two weeks of reports, moves, comments and people, written into a new database.

All instants are counted back from ``now``, everything else is the same every time.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.issuing import TokenWish, issue_token
from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.people import People, Terms
from logcenter_collector.domain.access import Principal, PrincipalKind, Role, Scope
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule, Language
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.domain.workflow import Move
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.base import arrive
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Level, Report
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.teamwork import SavedViewRequest

PERSON: Final = "mei"
PASSWORD: Final = "a long walk by the river"  # noqa: S105 - of a database that lives for a minute
_WAY: Final = (
    Status.VERIFYING,
    Status.PENDING_FIX,
    Status.FIXING,
    Status.FIXED,
    Status.VERIFIED,
    Status.DEPLOYED,
)
_REASONS: Final = {
    Status.VERIFYING: "Seen in the release of this morning.",
    Status.PENDING_FIX: "Reproduced with the order of the report.",
    Status.FIXING: "The repair agent takes it.",
    Status.FIXED: "Tests for the empty cart were added.",
    Status.VERIFIED: "Staging is quiet for two hours.",
    Status.DEPLOYED: "Rolled out to all customers.",
}
_REPOSITORY: Final = "https://git.example.org/shop/backend"
_RELEASES: Final = ((14, "2.7.0"), (8, "2.7.1"), (3, "2.8.0"))
"""From how many days ago each release ran."""


@frozen(kw_only=True)
class Story:
    """An error, how often it comes, and what the team did about it."""

    report: dict[str, Any]
    name: str = ""
    """By which a picture asks for it."""
    begins: float
    """How many days ago it was first seen."""
    a_day: float
    ends: float = 0.0
    """How many days ago it was last seen."""
    surge: float = 0.0
    """How many times as often it comes on the last day."""
    silent: tuple[float, float] = (0.0, 0.0)
    """From how many days ago to how many it did not occur, as if it had been fixed."""
    moves: tuple[tuple[float, Status], ...] = ()
    """How many days ago it was moved, and to what."""
    assignee: str | None = None
    comments: tuple[tuple[float, str, str], ...] = ()
    muted_for: timedelta | None = None
    fix: Fix | None = None


@frozen
class Event:
    """Something that is done at an instant."""

    at: datetime
    do: Callable[[], object] = field(eq=False)


def fill(path: Path, now: datetime) -> dict[str, int]:
    """Write the showcase into a new SQLite database, and return the issues that have a name."""
    store = SqlStore(f"sqlite:///{path}")
    try:
        _add_projects(store, now - timedelta(days=15))
        telling = _Telling(store, now)
        telling.tell(STORIES)
        _add_views(store, now)
        _add_people(store, now)
        _add_alarms(store, now)
        store.rank_rising(now)
        return {story.name: telling.issues[number] for number, story in enumerate(STORIES) if story.name}
    finally:
        store.close()


def _by(name: str) -> By:
    principal = Principal(kind=PrincipalKind.PERSON, name=name, scopes=frozenset(Scope))
    return By(principal=principal, address="192.0.2.17")


@frozen
class _Telling:
    """Whoever tells the stories to a store, all of them in the order of time."""

    store: SqlStore
    now: datetime
    issues: dict[int, int] = field(factory=dict)
    """The issue of each story, once it was reported."""

    def tell(self, stories: Sequence[Story]) -> None:
        chance = random.Random(7)  # noqa: S311 - pictures that stay the same
        events = [event for number, story in enumerate(stories) for event in self._of(number, story, chance)]
        for event in sorted(events, key=lambda event: event.at):
            event.do()

    def _of(self, number: int, story: Story, chance: random.Random) -> Iterator[Event]:
        for days in _days(story, chance):
            if story.silent[1] < days < story.silent[0]:
                continue
            at = self.now - timedelta(days=days)
            yield Event(at, lambda at=at, days=days: self._report(number, story, at, days))  # type: ignore[misc]
        for days, status in story.moves:
            at = self.now - timedelta(days=days)
            yield Event(at, lambda at=at, status=status: self._move(number, story, at, status))  # type: ignore[misc]
        for days, author, text in story.comments:
            at = self.now - timedelta(days=days)
            yield Event(
                at,
                lambda at=at, author=author, text=text: self.store.comment(  # type: ignore[misc]
                    self.issues[number], text, author, at, _by(author)
                ),
            )
        if story.assignee or story.muted_for:
            yield Event(self.now, lambda: self._care(number, story))

    def _report(self, number: int, story: Story, at: datetime, days: float) -> None:
        report = {"version": _release(days), "commit_hash": _commit(days), "timestamp": at.isoformat(), **story.report}
        [answer] = self.store.record([arrive(read(Report, report), at)])
        self.issues[number] = answer.issue_id

    def _move(self, number: int, story: Story, at: datetime, status: Status) -> None:
        actor = "repair-agent" if status in {Status.FIXING, Status.FIXED} else PERSON
        fix = story.fix if status is Status.FIXED else None
        move = Move(to=status, actor=actor, reason=_REASONS.get(status), fix=fix)
        self.store.move(self.issues[number], move, at, _by(actor))

    def _care(self, number: int, story: Story) -> None:
        if story.assignee:
            self.store.assign(self.issues[number], story.assignee, self.now, _by(PERSON))
        if story.muted_for:
            wish = MuteWish(until=self.now + story.muted_for)
            self.store.mute(self.issues[number], wish, self.now, _by(PERSON))


def _days(story: Story, chance: random.Random) -> Iterator[float]:
    """Return how many days ago it occurred, each time."""
    yield story.begins
    span = story.begins - story.ends
    for _ in range(round(story.a_day * span)):
        yield story.ends + span * chance.random()
    for _ in range(round(story.a_day * story.surge)):
        yield story.ends + chance.random() ** 2
    yield story.ends + 0.002 + chance.random() * 0.05


def _release(days: float) -> str:
    return next(name for since, name in reversed(_RELEASES) if days <= since or since == _RELEASES[0][0])


def _commit(days: float) -> str:
    return {"2.7.0": "9c1f7e2a", "2.7.1": "51b0d4c8", "2.8.0": "e07ab93f"}[_release(days)]


def _way(until: Status, *days: float) -> tuple[tuple[float, Status], ...]:
    """Return the moves to a status, one at each of the days."""
    return tuple(zip(days, _WAY[: _WAY.index(until) + 1], strict=True))


def _trace(*lines: str) -> list[str]:
    return ["Traceback (most recent call last):", *lines]


def _frame(path: str, line: int, function: str, code: str, **more: object) -> dict[str, Any]:
    in_app = not path.startswith("site-packages")
    return {
        "file_path": path,
        "line_number": line,
        "function": function,
        "module": path.removesuffix(".py").replace("/", "."),
        "in_app": in_app,
        "context_line": code,
        **more,
    }


CHECKOUT: Final = {
    "project_id": "shop_backend",
    "environment": "production",
    "level": "ERROR",
    "repo_url": _REPOSITORY,
    "sdk": {"name": "logcenter-sdk", "version": "0.1.0"},
    "error": {
        "type": "KeyError",
        "message": "'shipping_address'",
        "file_path": "shop/checkout/orders.py",
        "line_number": 148,
        "stack_trace": _trace(
            '  File "site-packages/django/core/handlers/base.py", line 197, in _get_response',
            "    response = wrapped_callback(request, *callback_args, **callback_kwargs)",
            '  File "shop/checkout/views.py", line 62, in place_order',
            "    order = orders.create(cart, customer)",
            '  File "shop/checkout/orders.py", line 148, in create',
            '    address = cart.options["shipping_address"]',
            "KeyError: 'shipping_address'",
        ),
    },
    "frames": [
        _frame(
            "site-packages/django/core/handlers/base.py",
            197,
            "_get_response",
            "            response = wrapped_callback(request, *callback_args, **callback_kwargs)",
        ),
        _frame(
            "shop/checkout/views.py",
            62,
            "place_order",
            "    order = orders.create(cart, customer)",
            pre_context=["    customer = request.user.customer", "    cart = carts.of(customer)"],
            post_context=["    payments.charge(order)", "    return redirect(order)"],
            locals={"cart": "<Cart 81223: 3 items>", "customer": "<Customer 5521>"},
        ),
        _frame(
            "shop/checkout/orders.py",
            148,
            "create",
            '    address = cart.options["shipping_address"]',
            pre_context=[
                "def create(cart: Cart, customer: Customer) -> Order:",
                '    """Make an order of what lies in the cart."""',
                "    if cart.is_empty:",
                "        raise EmptyCartError(cart.id)",
            ],
            post_context=["    order = Order(customer=customer, address=address)", "    order.add(cart.items)"],
            locals={
                "cart": "<Cart 81223: 3 items>",
                "customer": "<Customer 5521>",
                "cart.options": "{'gift_wrap': True, 'coupon': 'SPRING'}",
            },
        ),
    ],
    "context": {
        "request": {"method": "POST", "url": "https://shop.example.org/checkout", "route": "/checkout"},
        "user": {"id": 5521},
        "tags": {"region": "eu-central", "server": "web-3"},
        "breadcrumbs": [
            {"timestamp": "2026-01-01T09:13:58Z", "category": "http", "message": "GET /cart 200"},
            {"timestamp": "2026-01-01T09:14:20Z", "category": "query", "message": "SELECT … FROM carts WHERE id = %s"},
            {"timestamp": "2026-01-01T09:14:21Z", "category": "shop.cart", "message": "coupon SPRING applied"},
        ],
    },
}


def _runtime(  # noqa: PLR0913 - an error's parts
    project: str, kind: str, message: str, path: str, line: int, *, level: Level = Level.ERROR, **more: object
) -> dict[str, Any]:
    trace = _trace(f'  File "{path}", line {line}, in handle', f"{kind}: {message}")
    error = {"type": kind, "message": message, "file_path": path, "line_number": line, "stack_trace": trace}
    return {"project_id": project, "environment": "production", "level": level, "error": error, **more}


def _pipeline(job: str, step: str, message: str, *lines: str, branch: str = "main") -> dict[str, Any]:
    context = {
        "job_name": job,
        "step_name": step,
        "workflow": "Build and Deploy",
        "run_id": 1044,
        "branch": branch,
        "actor": "tom",
        "commit": "4f0c2a9d1b7c4e8f6a5b3c2d1e0f9a8b7c6d5e4f",
        "run_url": f"{_REPOSITORY}/actions/runs/1044",
    }
    return {
        "project_id": "shop_backend",
        "environment": branch,
        "level": Level.ERROR,
        "source": "cicd",
        "error": {"type": "CICDFailure", "message": message, "stack_trace": list(lines)},
        "context": context,
    }


def _pod(
    kind: str, message: str, deployment: str, namespace: str, *lines: str, level: Level = Level.CRITICAL
) -> dict[str, Any]:
    context = {
        "namespace": namespace,
        "pod_name": f"{deployment}-7c9d8b6f5-x2x7k",
        "container_name": "app",
        "deployment_name": deployment,
        "restart_count": 14,
        "node_name": "node-2",
    }
    return {
        "project_id": "shop_backend" if deployment == "shop-backend" else "recommendations",
        "environment": "production",
        "level": level,
        "source": "deployment",
        "error": {"type": kind, "message": message, "stack_trace": list(lines)},
        "context": context,
    }


STORIES: Final = (
    Story(
        report=CHECKOUT,
        name="checkout",
        begins=2.9,
        a_day=46,
        surge=3,
        moves=_way(Status.FIXING, 0.4, 0.3, 0.02),
        assignee=PERSON,
        comments=(
            (0.35, "tom", "Only carts with a coupon: the new form drops the options when it is sent twice."),
            (0.3, PERSON, "Right. The agent has a branch, I look at it after lunch."),
        ),
    ),
    Story(
        report=_runtime(
            "shop_backend", "TimeoutError", "payment provider did not answer within 8 s", "shop/payments/client.py", 91
        ),
        begins=12.4,
        a_day=9,
        moves=_way(Status.PENDING_FIX, 5.0, 4.2),
        assignee="tom",
    ),
    Story(
        report=_runtime(
            "shop_backend",
            "IntegrityError",
            'duplicate key value violates unique constraint "orders_number_key"',
            "shop/checkout/numbers.py",
            33,
            level=Level.CRITICAL,
        ),
        name="numbers",
        begins=6.2,
        a_day=4,
        ends=0.1,
        silent=(5.0, 0.9),
        moves=_way(Status.DEPLOYED, 6.0, 5.8, 5.5, 4.9, 4.4, 4.0),
        fix=Fix(
            commit_hash="51b0d4c8",
            branch="fix/order-numbers",
            pr_url=f"{_REPOSITORY}/pulls/318",
            version="2.7.1",
        ),
        assignee=PERSON,
    ),
    Story(
        report=_runtime(
            "storefront",
            "TypeError",
            "Cannot read properties of undefined (reading 'price')",
            "assets/product.js",
            1204,
        ),
        begins=7.5,
        a_day=31,
    ),
    Story(
        report=_runtime(
            "storefront", "NetworkError", "加载商品图片失败：连接被重置", "assets/gallery.js", 77, level=Level.WARNING
        ),
        begins=13.0,
        a_day=22,
        muted_for=timedelta(days=7),
    ),
    Story(
        report=_pipeline(
            "build",
            "test",
            "3 failed, 812 passed in 94.1s",
            "FAILED tests/checkout/test_orders.py::test_a_gift_is_wrapped - AssertionError: None",
            "FAILED tests/checkout/test_orders.py::test_a_coupon_counts_once - KeyError: 'coupon'",
            "FAILED tests/checkout/test_numbers.py::test_numbers_are_unique - IntegrityError",
            "========== 3 failed, 812 passed in 94.1s ==========",
            "Error: Process completed with exit code 1.",
        ),
        name="tests",
        begins=1.1,
        a_day=5,
    ),
    Story(
        report=_pipeline(
            "deploy",
            "push image",
            "denied: requested access to the resource is denied",
            "The push refers to repository [registry.example.org/shop/backend]",
            "denied: requested access to the resource is denied",
            branch="release/2.8",
        ),
        begins=3.2,
        a_day=1.5,
        ends=2.6,
        moves=_way(Status.VERIFIED, 3.0, 2.9, 2.8, 2.6, 2.2),
        fix=Fix(branch="ci/registry-login", commit_hash="0aa51e77"),
        assignee="tom",
    ),
    Story(
        report=_pod(
            "OOMKilled",
            "container app was killed: memory limit 512Mi reached",
            "ranking",
            "shop",
            "loading model ranking-v5 (431 MB)",
            "warming caches…",
            "Killed",
        ),
        name="memory",
        begins=4.6,
        a_day=7,
        surge=2,
    ),
    Story(
        report=_pod(
            "ImagePullBackOff",
            'Back-off pulling image "registry.example.org/shop/backend:2.8.0"',
            "shop-backend",
            "shop",
            "Failed to pull image: 401 Unauthorized",
        ),
        begins=2.9,
        a_day=6,
        ends=2.5,
        moves=_way(Status.FIXED, 2.85, 2.8, 2.7, 2.5),
        fix=Fix(version="2.8.0"),
    ),
    Story(
        report=_runtime(
            "recommendations",
            "ValueError",
            "operands could not be broadcast together with shapes (128,) (256,)",
            "ranking/score.py",
            57,
        ),
        begins=9.8,
        a_day=3,
        moves=((8.0, Status.VERIFYING), (7.1, Status.CANNOT_REPRODUCE)),
    ),
    Story(
        report=_runtime(
            "mobile_app", "FormatException", "Unexpected character (at character 1)", "lib/api/client.dart", 212
        ),
        begins=10.9,
        a_day=12,
        moves=((9.0, Status.VERIFYING), (8.5, Status.PENDING_FIX), (8.0, Status.FIXING), (6.5, Status.FIX_FAILED)),
        assignee=PERSON,
    ),
    Story(
        report=_runtime(
            "shop_backend",
            "DoesNotExist",
            "Coupon matching query does not exist.",
            "shop/coupons/models.py",
            44,
            level=Level.WARNING,
            environment="staging",
        ),
        begins=11.7,
        a_day=2,
        moves=_way(Status.VERIFYING, 1.0),
    ),
    Story(
        report=_runtime(
            "shop_backend", "ConnectionResetError", "[Errno 104] Connection reset by peer", "shop/search/index.py", 19
        ),
        begins=13.6,
        a_day=6,
        ends=9.2,
        moves=_way(Status.DEPLOYED, 12.0, 11.5, 10.0, 9.1, 8.6, 8.0),
        fix=Fix(commit_hash="51b0d4c8", version="2.7.1"),
    ),
    Story(
        report=_runtime(
            "mobile_app", "PlatformException", "推送令牌无效 (invalid push token)", "lib/push/register.dart", 61
        ),
        begins=5.3,
        a_day=4,
    ),
)


def _add_projects(store: SqlStore, at: datetime) -> None:
    for project_id, name, repository, description in (
        ("shop_backend", "Shop", _REPOSITORY, "Orders, payments, coupons. Django on Kubernetes."),
        ("storefront", "Storefront", "https://git.example.org/shop/storefront", "What customers see in the browser."),
        ("recommendations", "Recommendations", "https://git.example.org/shop/ranking", "Ranks products."),
        ("mobile_app", "手机应用", "https://git.example.org/shop/mobile", "Flutter, for Android and iOS."),
    ):
        changes = {"name": name, "repo_url": repository, "description": description, "local_path": None}
        store.put_project(project_id, changes, at, _by(PERSON))


def _add_views(store: SqlStore, now: datetime) -> None:
    for name, query in (
        ("Pipeline of main", "source:cicd env:main"),
        ("Payments", "project:shop_backend payment"),
    ):
        store.save_view(SavedViewRequest(name=name, query=query, shared=True), now, _by(PERSON))


def _add_people(store: SqlStore, now: datetime) -> None:
    credentials = Credentials(store.database)
    people = People(store.database, Passwords(), lambda: now, credentials.changed)
    people.use_link(people.link_for_administrator(_by(PERSON)), PERSON, PASSWORD, "192.0.2.17")
    people.invite("tom", Terms(role=Role.MEMBER, display_name="Tom Weber"), _by(PERSON))
    people.invite("lin", Terms(role=Role.VIEWER, projects=frozenset({"mobile_app"}), display_name="林静"), _by(PERSON))
    for name, scopes, projects in (
        ("repair-agent", {Scope.READ, Scope.TRIAGE}, {"shop_backend"}),
        ("cluster-monitor", {Scope.READ, Scope.REPORT}, None),
    ):
        wish = TokenWish(
            name=name, scopes=frozenset(scopes), projects=None if projects is None else frozenset(projects)
        )
        issue_token(credentials, wish, _by(PERSON), now)


def _add_alarms(store: SqlStore, now: datetime) -> None:
    settings = {"url": "https://robots.example.org/hook", "secret": "whsec_" + "c2hvd2Nhc2U" * 3 + "="}
    channel = store.alarms.channels.create("On call", "webhook", settings, _by(PERSON), now)
    for name, trigger, language in (
        ("New in the shop", Trigger.NEW_ISSUE, Language.ENGLISH),
        ("已修复的问题再次出现", Trigger.REGRESSION, Language.CHINESE),
    ):
        rule = AlarmRule(
            id=0,
            name=name,
            project_id="shop_backend",
            trigger=trigger,
            levels=frozenset({Level.ERROR, Level.CRITICAL}),
            channel_ids=(channel.id,),
            language=language,
        )
        store.alarms.rules.create(rule, _by(PERSON), now)
