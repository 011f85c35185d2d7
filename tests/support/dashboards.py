"""Dashboards in the test's own process."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import asdict, frozen
from litestar import Litestar

from logcenter_collector.domain.access import Principal
from logcenter_collector.domain.policy import NO_LIMITS, Policy
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection, Identify
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_collector.web.ui.front import Front, open_front
from support.doors import open_door
from support.served import dispatch_of
from support.stores import START


@frozen(kw_only=True)
class FrontOf(Front):
    """A door at which a test says who comes in."""

    who: Identify

    async def identify(self, connection: Connection) -> Principal:
        """Return whom the test says."""
        return await self.who(connection)


def dashboard_for(
    store: SqlStore, who: Identify, clock: Callable[[], datetime] = lambda: START, *, policy: Policy = NO_LIMITS
) -> Litestar:
    """Return the dashboard of a store, in which everybody is who the test says."""
    parts: dict[str, Any] = asdict(open_front(open_door(store), clock), recurse=False)
    return create_dashboard(
        store,
        dispatch_of(store, clock),
        front=FrontOf(**parts, who=who),
        api_url="http://logs.example",
        clock=clock,
        policy=policy,
    )
