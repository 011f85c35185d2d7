"""The first start makes what lets somebody in, and no later one does."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.first_start import first_start
from logcenter_collector.domain.access import Scope
from logcenter_collector.store.access.audit import BY_COLLECTOR, By
from logcenter_collector.store.access.tokens import list_tokens, revoke_token
from logcenter_collector.store.sql import SqlStore
from support.stores import START


@pytest.fixture
def credentials(tmp_path: Path) -> Iterator[Credentials]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        yield Credentials(store.database)


def link(by: By) -> str:
    """Return a link that says by whom it was made."""
    return f"http://localhost:8003/sign-in/link?by={by.principal.name}"


def test_it_makes_an_administrator_s_token_that_never_expires_and_a_link(credentials: Credentials) -> None:
    made = first_start(credentials, START, has_admin_token=False, make_link=link)

    assert made is not None
    assert "http://localhost:8003/sign-in/link?by=collector" == made.link
    holder = credentials.principal_of_token(made.token, START.replace(year=2999))
    assert holder is not None
    assert (frozenset(Scope), True) == (holder.scopes, holder.may_everywhere)
    assert made.token not in repr(made)
    assert made.link not in repr(made)


def test_it_makes_nothing_where_a_deployment_brings_a_token(credentials: Credentials) -> None:
    assert first_start(credentials, START, has_admin_token=True, make_link=link) is None
    assert () == list_tokens(credentials.database)


def test_no_later_start_makes_anything_even_if_the_token_was_revoked(credentials: Credentials) -> None:
    first_start(credentials, START, has_admin_token=False)
    [token] = list_tokens(credentials.database)
    revoke_token(credentials.database, token.id, BY_COLLECTOR, START)

    assert first_start(credentials, START, has_admin_token=False) is None
