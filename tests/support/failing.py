"""Databases that fail on demand, by what other users of them may do."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import httpx
import psycopg
from attrs import frozen

from support.collector import Collector
from support.postgres import Postgres
from support.sqlite import locked

Fail = Callable[[], AbstractContextManager[None]]


@frozen
class Failing:
    """A collector, and how to break its database for a while."""

    collector: Collector
    locked: Fail
    """Another process holds it."""
    poisoned: Fail
    """A new issue whose message is "poison" cannot be written."""


def failing_sqlite(collector: Collector) -> Failing:
    """Return how to break the collector's file."""
    return Failing(collector, partial(locked, collector.database), partial(_poisoned, collector.database))


@contextmanager
def _poisoned(database: Path) -> Iterator[None]:
    refuse = "WHEN new.error_message = 'poison' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    _run(database, f"CREATE TRIGGER poisoned BEFORE INSERT ON issues {refuse}")
    try:
        yield
    finally:
        _run(database, "DROP TRIGGER poisoned")


def _run(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.close()


def failing_postgres(collector: Collector, postgres: Postgres) -> Failing:
    """Return how to break the collector's database on a server."""
    url = collector.database_url
    poisoned = partial(raising, postgres, url, "P0001", "WHEN (new.error_message = 'poison')")
    return Failing(collector, partial(_locked_tables, url), poisoned)


@contextmanager
def _locked_tables(url: str) -> Iterator[None]:
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE issues, projects IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@contextmanager
def raising(postgres: Postgres, url: str, state: str, when: str = "") -> Iterator[None]:
    """Let every new issue, or those for which ``when`` holds, fail with an SQLSTATE."""
    raise_it = f"$$ BEGIN RAISE EXCEPTION 'it fails' USING ERRCODE = '{state}'; END $$"
    postgres.execute(f"CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS {raise_it}", url=url)
    for_each = f"FOR EACH ROW {when} EXECUTE FUNCTION fail()"
    postgres.execute(f"CREATE TRIGGER failing BEFORE INSERT ON issues {for_each}", url=url)
    try:
        yield
    finally:
        postgres.execute("DROP TRIGGER failing ON issues", url=url)


def assert_come_back(response: httpx.Response) -> None:
    """Hold an answer to what whoever cannot be served now is told."""
    assert (503, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert 0 < int(response.headers["retry-after"]) < 60
    assert {"title", "status", "detail"} <= response.json().keys()
