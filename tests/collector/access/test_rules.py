"""Every route and everybody: the answers are written out here, and not derived from the table of rules."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any, Final

import httpx
import pytest
from litestar import Litestar, WebSocket, get, websocket
from litestar.testing import TestClient

from logcenter_collector.access.doorway import Doorway
from logcenter_collector.domain.access import SCOPES_OF, Role
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web import guard, routes
from logcenter_collector.web.guard import RuleMissingError, require_rules
from logcenter_collector.web.rules import API_RULES, DASHBOARD_RULES
from logcenter_collector.web.ui import app as dashboard_app
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_collector.web.ui.front import open_front
from support.doors import WISHES, anyone, closed_door, open_door, tokens_of
from support.served import dispatch_of, served
from support.stores import START, Reporter

WHO: Final = ("open", "nobody", "stranger", *WISHES)
Answers = tuple[int, ...]

# Of the open collector, then of the closed one: nobody, a wrong token, report only, viewer, member, administrator,
# member of "shop" only, administrator of "shop" only. The issue and the project that paths name are those of "cart".
EVERYBODY: Answers = (200,) * 9
READERS: Answers = (200, 401, 401, 403, 200, 200, 200, 200, 200)
READERS_OF_CART: Answers = (200, 401, 401, 403, 200, 200, 200, 404, 404)
READERS_OF_ALL: Answers = (200, 401, 401, 403, 200, 200, 200, 403, 403)
MEMBERS_OF_CART: Answers = (200, 401, 401, 403, 403, 200, 200, 404, 404)
ADMINISTRATORS_OF_CART: Answers = (200, 401, 401, 403, 403, 403, 200, 403, 404)
ADMINISTRATORS: Answers = (200, 401, 401, 403, 403, 403, 200, 403, 403)
# The same of a body that says nothing, and of what is not there.
ADMINISTRATORS_400: Answers = (400, 401, 401, 403, 403, 403, 400, 403, 403)
ADMINISTRATORS_404: Answers = (404, 401, 401, 403, 403, 403, 404, 403, 403)

API: Final[dict[str, Answers]] = {
    "GET /api/v1/issues": READERS,
    "GET /api/v1/issues/{issue_id}": READERS_OF_CART,
    "GET /api/v1/issues/{issue_id}/occurrences": READERS_OF_CART,
    "GET /api/v1/issues/{issue_id}/history": READERS_OF_CART,
    "GET /api/v1/issues/{issue_id}/stats": READERS_OF_CART,
    # Asks for a step from a status that the issue is not in: 409 for whoever may move it.
    "POST /api/v1/issues/{issue_id}/transitions": (409, 401, 401, 403, 403, 409, 409, 404, 404),
    "PUT /api/v1/issues/{issue_id}/assignee": MEMBERS_OF_CART,
    "PUT /api/v1/issues/{issue_id}/mute": MEMBERS_OF_CART,
    "GET /api/v1/issues/{issue_id}/comments": READERS_OF_CART,
    "POST /api/v1/issues/{issue_id}/comments": MEMBERS_OF_CART,
    "DELETE /api/v1/issues/{issue_id}/comments/{comment_id}": (404, 401, 401, 403, 403, 404, 404, 404, 404),
    # Answers for each issue by itself.
    "POST /api/v1/issues/bulk": (200, 401, 401, 403, 403, 200, 200, 200, 200),
    "GET /api/v1/views": READERS,
    "POST /api/v1/views": (400, 401, 401, 403, 403, 400, 400, 400, 400),
    "DELETE /api/v1/views/{view_id}": (404, 401, 401, 403, 403, 404, 404, 404, 404),
    "GET /api/v1/projects": READERS,
    "GET /api/v1/projects/{project_id}": READERS_OF_CART,
    "PUT /api/v1/projects/{project_id}": (200, 401, 401, 403, 403, 200, 200, 404, 404),
    "GET /api/v1/projects/{project_id}/keys": ADMINISTRATORS_OF_CART,
    "POST /api/v1/projects/{project_id}/keys": (400, 401, 401, 403, 403, 403, 400, 403, 404),
    "DELETE /api/v1/projects/{project_id}/keys/{key_id}": (404, 401, 401, 403, 403, 403, 404, 403, 404),
    "GET /api/v1/projects/{project_id}/doors": ADMINISTRATORS_OF_CART,
    "PUT /api/v1/projects/{project_id}/doors": ADMINISTRATORS_OF_CART,
    "GET /api/v1/overview": READERS,
    "GET /api/v1/tokens": ADMINISTRATORS,
    "POST /api/v1/tokens": ADMINISTRATORS_400,
    "DELETE /api/v1/tokens/{token_id}": ADMINISTRATORS_404,
    "GET /api/v1/alarms/channels": ADMINISTRATORS,
    "POST /api/v1/alarms/channels": ADMINISTRATORS_400,
    "GET /api/v1/alarms/channels/{channel_id}": ADMINISTRATORS_404,
    "PUT /api/v1/alarms/channels/{channel_id}": ADMINISTRATORS_400,
    "DELETE /api/v1/alarms/channels/{channel_id}": ADMINISTRATORS_404,
    "POST /api/v1/alarms/channels/{channel_id}/test": ADMINISTRATORS_404,
    "GET /api/v1/alarms/rules": ADMINISTRATORS,
    "POST /api/v1/alarms/rules": ADMINISTRATORS_400,
    "GET /api/v1/alarms/rules/{rule_id}": ADMINISTRATORS_404,
    "PUT /api/v1/alarms/rules/{rule_id}": ADMINISTRATORS_400,
    "DELETE /api/v1/alarms/rules/{rule_id}": ADMINISTRATORS_404,
    "GET /api/v1/alarms/deliveries": ADMINISTRATORS,
    "POST /api/v1/alarms/deliveries/{delivery_id}/retry": ADMINISTRATORS_404,
    "POST /api/v1/alarms/deliveries/{delivery_id}/dismiss": ADMINISTRATORS_404,
    "GET /api/v1/audit": ADMINISTRATORS,
    "GET /api/v1/people": ADMINISTRATORS,
    "POST /api/v1/people": (400, 401, 401, 403, 403, 403, 400, 403, 403),
    "PATCH /api/v1/people/{account_id}": (404, 401, 401, 403, 403, 403, 404, 403, 403),
    "POST /api/v1/people/{account_id}/link": (404, 401, 401, 403, 403, 403, 404, 403, 403),
    "GET /metrics": READERS_OF_ALL,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /docs": EVERYBODY,
    "GET /docs/assets/{file_path}": EVERYBODY,
    "GET /openapi.json": EVERYBODY,
}
REPORTS: Final = {"POST /api/v1/logs/report", "POST /api/v1/logs/report/batch"}
"""They take keys as well, and are held to what projects demand where reports are taken."""

BODIES: Final = {
    "POST /api/v1/issues/{issue_id}/transitions": {"to": "FIXED", "from": "DEPLOYED"},
    "PUT /api/v1/issues/{issue_id}/assignee": {"assignee": "mei"},
    "PUT /api/v1/issues/{issue_id}/mute": {"more": 5},
    "POST /api/v1/issues/{issue_id}/comments": {"text": "x"},
    "POST /api/v1/issues/bulk": {"ids": [1], "assign": {"assignee": "mei"}},
    "POST /api/v1/views": {},
    "PUT /api/v1/projects/{project_id}": {},
    "POST /api/v1/projects/{project_id}/keys": {},
    "PUT /api/v1/projects/{project_id}/doors": {},
    "POST /api/v1/tokens": {},
    "POST /api/v1/alarms/channels": {},
    "PUT /api/v1/alarms/channels/{channel_id}": {},
    "POST /api/v1/alarms/rules": {},
    "PUT /api/v1/alarms/rules/{rule_id}": {},
    "POST /api/v1/people": {},
    "PATCH /api/v1/people/{account_id}": {},
}
PLACES: Final = {
    "{project_id}": "cart",
    **dict.fromkeys(("{token_id}", "{account_id}", "{key_id}", "{comment_id}", "{view_id}"), "999999"),
    **dict.fromkeys(("{channel_id}", "{rule_id}", "{delivery_id}"), "999999"),
    "{file_path}": "start.js",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path_factory.mktemp('rules') / 'logcenter.db'}")) as store:
        for project in ("shop", "cart"):
            Reporter(store, project).report()
        yield store


@pytest.fixture(scope="module")
def secrets(store: SqlStore) -> dict[str, str]:
    return tokens_of(closed_door(store)) | {"stranger": "lct_of-nobody"}


@pytest.fixture
async def api(request: pytest.FixtureRequest, store: SqlStore) -> AsyncIterator[httpx.AsyncClient]:
    doorway = open_door(store) if request.param == "open" else closed_door(store)
    async with served(store, doorway=doorway) as client:
        yield client


def place(template: str, store: SqlStore) -> tuple[str, str]:
    """Return the method and the path of a route, about what belongs to "cart"."""
    method, path = template.split(" ")
    [cart] = [issue.id for issue in store.issues(IssueQuery()).items if issue.project_id == "cart"]
    for name, value in {**PLACES, "{issue_id}": str(cart)}.items():
        path = path.replace(name, value)
    return method, path


@pytest.mark.parametrize(
    ("who", "api"), [(who, "open" if who == "open" else "closed") for who in WHO], indirect=["api"]
)
async def test_every_route_of_the_api_answers_everybody_as_it_should(
    api: httpx.AsyncClient, store: SqlStore, secrets: dict[str, str], who: str
) -> None:
    headers = {"Authorization": f"Bearer {secrets[who]}"} if who in secrets else {}
    answered = {}
    for template in API:
        method, path = place(template, store)
        response = await api.request(method, path, json=BODIES.get(template), headers=headers)
        answered[template] = response.status_code
        if response.status_code == 401:
            assert response.headers["www-authenticate"].startswith('Bearer realm="Log Center"')

    assert {template: answers[WHO.index(who)] for template, answers in API.items()} == answered


def test_every_route_of_the_api_is_tried_here() -> None:
    assert API.keys() | REPORTS == API_RULES.keys()


# As above; nobody is shown the way in, and a form that nobody sent is refused. A token that may not read is no way in.
ADMINISTRATORS_PAGES: Answers = (200, 303, 303, 303, 403, 403, 200, 403, 403)
ADMINISTRATORS_FORMS: Answers = (400, 401, 401, 401, 403, 403, 400, 403, 403)
NO_SUCH_THING: Answers = (404, 401, 401, 401, 403, 403, 404, 403, 403)
OF_ACCOUNTS: Answers = (404, 401, 401, 401, 404, 404, 404, 404, 404)
"""Nobody here has one: all of them signed in by a token."""
NO_SUCH_PAGE: Answers = (404, 303, 303, 303, 403, 403, 404, 403, 403)
WRONG: Answers = (403,) * 9

PAGES: Final[dict[str, Answers]] = {
    "GET /": (200, 303, 303, 303, 200, 200, 200, 200, 200),
    "GET /overview": (200, 303, 303, 303, 200, 200, 200, 200, 200),
    "GET /projects": (200, 303, 303, 303, 200, 200, 200, 200, 200),
    "POST /projects": (400, 401, 401, 401, 403, 400, 400, 403, 403),
    "GET /projects/{project_id}": (200, 303, 303, 303, 403, 200, 200, 404, 404),
    "POST /projects/{project_id}": (303, 401, 401, 401, 403, 303, 303, 404, 404),
    "GET /projects/{project_id}/connect": (200, 303, 303, 303, 200, 200, 200, 404, 404),
    "POST /projects/{project_id}/connect/key": (200, 401, 401, 401, 403, 403, 200, 403, 404),
    # Beside this dashboard there is no collector that could take the report.
    "POST /projects/{project_id}/connect/test": (404, 401, 401, 401, 403, 404, 404, 404, 404),
    "GET /issues/{issue_id}": (200, 303, 303, 303, 200, 200, 200, 404, 404),
    "GET /issues/{issue_id}/issue.md": (200, 303, 303, 303, 200, 200, 200, 404, 404),
    "POST /issues/{issue_id}/transitions": (409, 401, 401, 401, 403, 409, 409, 404, 404),
    "POST /issues/bulk": (400, 401, 401, 401, 403, 400, 400, 400, 400),  # nothing is selected
    "POST /views": (400, 401, 401, 401, 403, 400, 400, 400, 400),
    "POST /views/{view_id}/delete": (404, 401, 401, 401, 403, 404, 404, 404, 404),
    "POST /issues/{issue_id}/assignee": (303, 401, 401, 401, 403, 303, 303, 404, 404),
    # A form that says neither how long nor how often, and one without a word.
    "POST /issues/{issue_id}/mute": (400, 401, 401, 401, 403, 400, 400, 404, 404),
    "POST /issues/{issue_id}/comments": (400, 401, 401, 401, 403, 400, 400, 404, 404),
    "POST /issues/{issue_id}/comments/{comment_id}/delete": (404, 401, 401, 401, 403, 404, 404, 404, 404),
    "GET /sign-in": (303, 200, 200, 200, 303, 303, 303, 303, 303),
    "POST /sign-in": WRONG,
    "POST /sign-in/token": WRONG,
    "GET /sign-in/link": (410,) * 9,
    "POST /sign-in/link": (410,) * 9,
    "GET /sign-in/oidc": (404,) * 9,
    "GET /sign-in/oidc/callback": (404,) * 9,
    "GET /account": (303, 303, 303, 303, 200, 200, 200, 200, 200),
    "POST /account/password": OF_ACCOUNTS,
    "POST /account/sessions/end": OF_ACCOUNTS,
    "POST /account/tokens": OF_ACCOUNTS,
    "POST /account/tokens/{token_id}/revoke": OF_ACCOUNTS,
    "GET /admin": (303, 303, 303, 303, 403, 403, 303, 403, 403),
    "GET /admin/people": ADMINISTRATORS_PAGES,
    "POST /admin/people": ADMINISTRATORS_FORMS,
    "POST /admin/people/first": (400, 401, 401, 401, 403, 403, 404, 403, 403),
    "POST /admin/people/{account_id}": ADMINISTRATORS_FORMS,
    "GET /admin/tokens": ADMINISTRATORS_PAGES,
    "POST /admin/tokens": ADMINISTRATORS_FORMS,
    "POST /admin/tokens/{token_id}/revoke": NO_SUCH_THING,
    "GET /admin/projects": ADMINISTRATORS_PAGES,
    "GET /admin/projects/{project_id}": ADMINISTRATORS_PAGES,
    "POST /admin/projects/{project_id}": (303, 401, 401, 401, 403, 403, 303, 403, 403),
    "POST /admin/projects/{project_id}/keys": ADMINISTRATORS_FORMS,
    "POST /admin/projects/{project_id}/keys/{key_id}/revoke": NO_SUCH_THING,
    "GET /admin/alarms": ADMINISTRATORS_PAGES,
    "GET /admin/alarms/channels/new": ADMINISTRATORS_PAGES,
    "POST /admin/alarms/channels": NO_SUCH_THING,  # of no kind that there is
    "GET /admin/alarms/channels/{channel_id}": NO_SUCH_PAGE,
    "POST /admin/alarms/channels/{channel_id}": NO_SUCH_THING,
    "POST /admin/alarms/channels/{channel_id}/test": NO_SUCH_THING,
    "POST /admin/alarms/channels/{channel_id}/delete": NO_SUCH_THING,
    "GET /admin/alarms/rules/new": ADMINISTRATORS_PAGES,
    "POST /admin/alarms/rules": ADMINISTRATORS_FORMS,
    "GET /admin/alarms/rules/{rule_id}": NO_SUCH_PAGE,
    "POST /admin/alarms/rules/{rule_id}": NO_SUCH_THING,
    "POST /admin/alarms/rules/{rule_id}/delete": NO_SUCH_THING,
    "GET /admin/alarms/deliveries": ADMINISTRATORS_PAGES,
    "POST /admin/alarms/deliveries/{delivery_id}/retry": NO_SUCH_THING,
    "POST /admin/alarms/deliveries/{delivery_id}/dismiss": NO_SUCH_THING,
    "GET /admin/storage": ADMINISTRATORS_PAGES,
    "GET /admin/audit": ADMINISTRATORS_PAGES,
    "POST /sign-out": (303,) * 9,  # the last one: it ends the session
    "GET /static/{file_path}": EVERYBODY,
}
STREAMS: Final = {"GET /live"}
"""An answer of theirs does not end; test_live.py has who gets one."""
OWN: Final = {"Sec-Fetch-Site": "same-origin"}


def dashboard_of(store: SqlStore, doorway: Doorway) -> Litestar:
    front = open_front(doorway, lambda: START)
    dispatch = dispatch_of(store, lambda: START)
    return create_dashboard(store, dispatch, front=front, api_url="http://logs.example", clock=lambda: START)


@pytest.fixture
def dashboard(request: pytest.FixtureRequest, store: SqlStore) -> Iterator[TestClient[Any]]:
    """A dashboard in which somebody is signed in by their token, as far as they can be."""
    who: str = request.param
    secrets: dict[str, str] = request.getfixturevalue("secrets")
    with TestClient(dashboard_of(store, open_door(store) if who == "open" else closed_door(store))) as client:
        client.follow_redirects = False
        if who in secrets:
            client.post("/sign-in/token", data={"token": secrets[who]}, headers=OWN)
        yield client


@pytest.mark.parametrize(("who", "dashboard"), [(who, who) for who in WHO], indirect=["dashboard"])
def test_every_page_of_the_dashboard_answers_everybody_as_it_should(
    dashboard: TestClient[Any], store: SqlStore, who: str
) -> None:
    answered = {}
    for template in PAGES:
        method, path = place(template.replace("{file_path}", "favicon.svg"), store)
        form = {"to": "FIXED", "expected": "DEPLOYED"} if method == "POST" else None
        answered[template] = dashboard.request(method, path, data=form, headers=OWN).status_code

    assert {template: answers[WHO.index(who)] for template, answers in PAGES.items()} == answered


@pytest.mark.parametrize("dashboard", ["admin"], indirect=True)
def test_no_form_is_taken_from_another_site(dashboard: TestClient[Any], store: SqlStore) -> None:
    forms = [place(template, store)[1] for template in PAGES if template.startswith("POST ")]

    answered = {path: dashboard.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code for path in forms}

    assert dict.fromkeys(forms, 403) == answered


def test_every_page_of_the_dashboard_is_tried_here() -> None:
    assert PAGES.keys() | STREAMS == DASHBOARD_RULES.keys()


@pytest.mark.parametrize("dashboard", ["nobody"], indirect=True)
def test_nobody_is_led_to_the_way_in_and_from_there_to_the_page(dashboard: TestClient[Any]) -> None:
    answer = dashboard.get("/?q=a%26b")

    assert "/sign-in?next=%2F%3Fq%3Da%2526b" == answer.headers["location"]
    assert "no-store" == answer.headers["cache-control"]


def make_api(store: SqlStore) -> None:
    """Make an API, as a start does."""
    pipeline = Pipeline(Runner(store, queue_limit=1, queue_bytes=1, batch_limit=1), lambda: START, 1_000)
    dispatch, door = dispatch_of(store, lambda: START), open_door(store)
    routes.create_api(store, pipeline, dispatch, doorway=door, clock=lambda: START, cors_origins=(), version="0")


def test_an_api_whose_route_nobody_gave_a_rule_does_not_start(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    @get("/api/v1/new", sync_to_thread=False)
    def new_route() -> str:
        return "everything"

    monkeypatch.setattr(routes, "HANDLERS", (*routes.HANDLERS, new_route))

    with pytest.raises(RuleMissingError, match="GET /api/v1/new"):
        make_api(store)


def test_a_dashboard_whose_page_nobody_gave_a_rule_does_not_start(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {name: rule for name, rule in DASHBOARD_RULES.items() if name != "GET /issues/{issue_id}"}
    monkeypatch.setattr(dashboard_app, "DASHBOARD_RULES", rules)

    with pytest.raises(RuleMissingError, match="GET /issues/"):
        dashboard_of(store, open_door(store))


def test_a_rule_of_no_route_is_told_as_well() -> None:
    with pytest.raises(RuleMissingError, match="rules of no route: GET /gone"):
        require_rules(Litestar([], openapi_config=None), {"GET /gone": API_RULES["GET /healthz"]})


def test_a_web_socket_never_has_a_rule() -> None:
    @websocket("/live")
    async def live(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()

    with pytest.raises(RuleMissingError, match="/live"):
        require_rules(Litestar([live], openapi_config=None), {})


def test_a_route_without_a_rule_is_not_answered_even_if_nobody_looked() -> None:
    @get("/new", sync_to_thread=False)
    def new_route() -> str:
        return "everything"

    with TestClient(Litestar([new_route], guards=[guard.Guard({}, anyone)], openapi_config=None)) as client:
        assert 500 == client.get("/new").status_code


def test_roles_have_no_more_than_they_need() -> None:
    assert {Role.VIEWER: {"read"}, Role.MEMBER: {"read", "triage"}} == {
        role: set(SCOPES_OF[role]) for role in (Role.VIEWER, Role.MEMBER)
    }
