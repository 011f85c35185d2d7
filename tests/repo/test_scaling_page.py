"""The page about scaling: the command in it is one, and its arithmetic with connections is that of the code."""

import re
import shlex

import pytest
from sqlalchemy.pool import QueuePool

from logcenter_collector.cli import _parser
from logcenter_collector.store.dialects import open_engine, parse_url
from support.pages import PAGES, snippet

PAGE = "explanation/scaling.md"


def url() -> str:
    """Return the address of the database on the page."""
    command = shlex.split(snippet(PAGE, "replica.sh").replace("\\\n", ""))
    return str(_parser().parse_args(command[1:]).database_url)


def test_the_address_of_two_servers_reaches_the_driver_as_two() -> None:
    engine = open_engine(parse_url(url()))
    _, given = engine.dialect.create_connect_args(engine.url)

    assert ("db1,db2", "5432,5432", "read-write") == (given["host"], given["port"], given["target_session_attrs"])
    assert ("logcenter", "secret", "logcenter") == (given["user"], given["password"], given["dbname"])


@pytest.mark.parametrize("ending", ["md", "zh-CN.md"])
def test_the_page_knows_how_many_connections_a_collector_may_open(ending: str) -> None:
    pool = open_engine(parse_url(url())).pool
    assert isinstance(pool, QueuePool)
    pooled = pool.size() + pool._max_overflow

    text = (PAGES / f"explanation/scaling.{ending}").read_text(encoding="utf-8")

    assert {str(pooled + 1)} == set(re.findall(r"max_connections` ≥ (\d+)", text))
    assert str(pooled) in text
    assert (pooled + 1) * 3 + 3 <= 100 < (pooled + 1) * 4  # three are reserved for the superuser
