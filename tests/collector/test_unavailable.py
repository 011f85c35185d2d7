"""What a database says when it can't be used now, and what it says about a wrong statement or value."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from logcenter_collector.store.dialects import is_unavailable
from support.postgres import Postgres


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "some.db", isolation_level=None, timeout=0)
    connection.execute("CREATE TABLE some (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
    yield connection
    connection.close()


def error_of(connection: sqlite3.Connection, *statements: str) -> sqlite3.Error:
    *before, last = statements
    for statement in before:
        connection.execute(statement)
    with pytest.raises(sqlite3.Error) as raised:
        connection.execute(last)
    return raised.value


def fill(connection: sqlite3.Connection) -> sqlite3.Error:
    return error_of(connection, "PRAGMA max_page_count=4", "INSERT INTO some (text) VALUES (hex(randomblob(100000)))")


def write_while_locked(connection: sqlite3.Connection) -> sqlite3.Error:
    other = sqlite3.connect(connection.execute("PRAGMA database_list").fetchone()[2], isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        return error_of(connection, "INSERT INTO some (text) VALUES ('x')")
    finally:
        other.close()


def write_read_only(connection: sqlite3.Connection) -> sqlite3.Error:
    return error_of(connection, "PRAGMA query_only=1", "INSERT INTO some (text) VALUES ('x')")


def open_nothing(_connection: sqlite3.Connection) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as raised:
        sqlite3.connect("/nowhere/at/all.db")
    return raised.value


def read_damage(connection: sqlite3.Connection) -> sqlite3.Error:
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    path.write_bytes(b"this is no database" * 1_000)
    other = sqlite3.connect(path)
    try:
        return error_of(other, "SELECT * FROM some")
    finally:
        other.close()


def read_before_the_restore_is_done(connection: sqlite3.Connection) -> sqlite3.Error:
    return error_of(connection, "SELECT * FROM issues")


@pytest.mark.parametrize(
    "fail", [fill, write_while_locked, write_read_only, open_nothing, read_damage, read_before_the_restore_is_done]
)
def test_sqlite_cannot_be_used_now(connection: sqlite3.Connection, fail: object) -> None:
    assert callable(fail)
    error = fail(connection)

    assert is_unavailable(error)
    assert is_unavailable(DBAPIError("INSERT", {}, error))


@pytest.mark.parametrize(
    "statements",
    [
        ["INSERT INTO some (text) VALUES ('x')"] * 2,
        ["SELECT nonsense FROM some"],
        ["SELEKT"],
        [
            "CREATE TRIGGER refuse BEFORE INSERT ON some BEGIN SELECT RAISE(ABORT, 'not this one'); END",
            "INSERT INTO some (text) VALUES ('x')",
        ],
    ],
    ids=["a key twice", "an unknown column", "no SQL", "a trigger that refuses a row"],
)
def test_sqlite_can_be_used_but_not_so(connection: sqlite3.Connection, statements: list[str]) -> None:
    assert not is_unavailable(error_of(connection, *statements))


@pytest.mark.parametrize(
    "state",
    ["08006", "25006", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P02", "57P03",
     "58030", "XX001", "42P01"],
)  # fmt: skip
def test_postgresql_cannot_be_used_now(state: str) -> None:
    error = psycopg.errors.lookup(state)("what the server says")

    assert is_unavailable(error)
    assert is_unavailable(DBAPIError("INSERT", {}, error))


@pytest.mark.parametrize("state", ["22P02", "22021", "23505", "42601", "42703", "54000", "P0001"])
def test_postgresql_can_be_used_but_not_so(state: str) -> None:
    assert not is_unavailable(psycopg.errors.lookup(state)("what the server says"))


def test_a_server_that_cannot_be_reached_cannot_be_used_now(postgres: Postgres) -> None:
    with pytest.raises(psycopg.Error) as raised:
        psycopg.connect(postgres.url("no_such_database"))

    assert is_unavailable(raised.value)
    with pytest.raises(psycopg.Error) as raised:
        psycopg.connect("postgresql://nobody@127.0.0.1:1/nothing")
    assert is_unavailable(raised.value)


def test_a_text_that_no_server_was_asked_about_is_a_wrong_value(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute("SELECT %s", ["\0"])

    assert not is_unavailable(raised.value)
