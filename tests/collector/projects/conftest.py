"""A store with nothing in it, and visits to its dashboard as somebody of a role."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from litestar.testing import TestClient

from logcenter_collector.domain.access import SCOPES_OF, Principal, PrincipalKind, Role
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.guard import Connection
from support.dashboards import dashboard_for
from support.stores import empty

Visit = Callable[..., TestClient[Any]]


@pytest.fixture(scope="module")
def module_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path_factory.mktemp('projects')}/logs.db")) as store:
        yield store


@pytest.fixture
def store(module_store: SqlStore) -> SqlStore:
    empty(module_store)
    return module_store


@pytest.fixture
def visit(store: SqlStore) -> Iterator[Visit]:
    """Visit the dashboard as ada: of some role, limited to some projects or not."""
    with ExitStack() as open_ones:

        def visit(role: Role = Role.MEMBER, projects: frozenset[str] | None = None) -> TestClient[Any]:
            async def ada(_connection: Connection) -> Principal:
                return Principal(kind=PrincipalKind.PERSON, name="ada", scopes=SCOPES_OF[role], projects=projects)

            client = open_ones.enter_context(TestClient(dashboard_for(store, ada)))
            client.follow_redirects = False
            return client

        yield visit
