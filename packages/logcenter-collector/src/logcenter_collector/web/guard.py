"""Nothing is answered before the table of rules was asked: a guard on the whole of an application."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

from attrs import frozen
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from logcenter_collector.access.doorway import Doorway, NotAllowedError
from logcenter_collector.domain.access import Principal
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.access.audit import By
from logcenter_collector.web.rules import Reach, Rule, Rules, key_of
from logcenter_sdk.contract.problem import Problem

_ANY: Final = "ANY"
"""The method of what is no HTTP: a WebSocket. No rule is of it."""

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
Identify: TypeAlias = Callable[[Connection], Awaitable[Principal]]
"""Return who a request comes from. Raises NotSignedInError."""


def by_bearer(doorway: Doorway, clock: Callable[[], datetime]) -> Identify:
    """Return how the API knows who asks: by a token, and never by a cookie."""

    async def identify(connection: Connection) -> Principal:
        return doorway.enter(connection.headers.get("authorization"), clock())

    return identify


def by_openness(doorway: Doorway, clock: Callable[[], datetime]) -> Identify:
    """Return how a dashboard without sign-in knows who asks: it is anyone, or nobody may."""

    async def identify(_connection: Connection) -> Principal:
        return doorway.enter(None, clock())

    return identify


class RuleMissingError(Exception):
    """Routes and rules do not match: nobody has said who may use a route, or a rule is of no route."""


@frozen
class Guard:
    """Lets a request through to its handler, or raises NotSignedInError, NotAllowedError or RefusedError (404)."""

    rules: Rules
    identify: Identify

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Look up the route's rule and hold whoever asks to it."""
        method = str(connection.scope.get("method", _ANY))
        if method == "OPTIONS":  # says which methods there are, and nothing else
            return
        rule = self.rules[key_of(method, connection.scope["path_template"])]
        if rule.scope is None or rule.by_key:
            return
        principal = await self.identify(connection)
        check(rule, principal, connection.path_params["project_id"] if rule.reach is Reach.PROJECT else None)
        connection.state.principal = principal


def check(rule: Rule, principal: Principal, project_id: str | None) -> None:
    """Hold a principal to a rule. Raises NotAllowedError, and RefusedError where there is no such project for it."""
    if rule.scope is not None and not principal.may(rule.scope):
        raise NotAllowedError(f"This needs the scope {rule.scope!s}, which you do not have.")
    if rule.reach is Reach.WHOLE and not principal.may_everywhere:
        raise NotAllowedError("This is about all projects, and you are limited to some.")
    if rule.reach is Reach.PROJECT and project_id is not None and not principal.sees(project_id):
        raise RefusedError(Problem(title="Not Found", status=404, detail=f"There is no project {project_id!r}."))


def by_of(connection: Connection) -> By:
    """Return who has passed the guard, and from where; an error of ours where nobody has."""
    principal: Principal = connection.state.principal
    return By(principal=principal, address=connection.client.host if connection.client else None)


def require_rules(app: Litestar, rules: Rules) -> None:
    """Raise RuleMissingError unless every route has a rule and every rule a route."""
    routes = {
        key_of(method, route.path_format)
        for route in app.routes
        for method in (route.methods if isinstance(route, HTTPRoute) else [_ANY])  # of WebSockets there are none
        if method != "OPTIONS"
    }
    if routes - rules.keys():
        raise RuleMissingError(f"web/rules.py does not say who may use {', '.join(sorted(routes - rules.keys()))}.")
    if rules.keys() - routes:
        raise RuleMissingError(f"web/rules.py has rules of no route: {', '.join(sorted(rules.keys() - routes))}.")
