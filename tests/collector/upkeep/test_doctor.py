"""The doctor says in plain words how a database is, changes nothing, and ends with 1 where something is wrong."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logcenter_collector.domain.policy import Policy
from logcenter_collector.store.checks import Finding, Level, Patient, examine
from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.upkeep.leasing import take_lease
from logcenter_collector.store.upkeep.partitions import make_partitions
from support.command import Run
from support.filling import Filler

NOW = datetime(2026, 6, 15, 10, 20, 30, tzinfo=UTC)


def look(database: Database, policy: Policy | None = None, now: datetime | None = None) -> list[Finding]:
    return list(examine(Patient(database, policy or Policy(), lambda: now or datetime.now(UTC))))


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.level is Level.WRONG]


def notes(findings: list[Finding]) -> str:
    return " ".join(finding.text for finding in findings if finding.level is Level.NOTE)


def run_statement(database: Database, statement: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(statement)


def test_nothing_is_wrong_with_a_database_that_serves(database: Database, filler: Filler) -> None:
    make_partitions(database, datetime.now(UTC))
    filler.regress(1, NOW)
    filler.spread(issues=5, each=3, begin=NOW, apart=timedelta(hours=1))
    take_lease(database, "job", "me", datetime.now(UTC), timedelta(hours=1))

    findings = look(database, Policy(disk_budget=100_000_000))

    assert [] == wrong(findings)
    assert "" == notes(findings)
    assert 8 <= len(findings)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM fingerprints", "1 issues without a fingerprint"),
        ("DELETE FROM projects", "1 issues without their project"),
        ("DELETE FROM stack_traces", "1 kept occurrences without their stack trace"),
        ("DELETE FROM issues", "1 rows of buckets without their issue"),
        ("UPDATE buckets SET count = count + 1", "1 issues do not count what their hours count"),
        ("UPDATE issues SET occurrence_count = 3", "1 issues do not count what their hours count"),
    ],
)
def test_what_does_not_fit_together_is_wrong(database: Database, filler: Filler, statement: str, words: str) -> None:
    filler.report(1, NOW)
    run_statement(database, statement)

    assert words in " ".join(wrong(look(database)))


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")
    yield store
    store.close()


def test_a_damaged_file_is_wrong(sqlite: SqlStore, tmp_path: Path) -> None:
    Filler(sqlite).spread(issues=50, each=2, begin=NOW, apart=timedelta(hours=1))
    run_statement(sqlite.database, "UPDATE issues SET status = 'NEW'")
    sqlite.close()
    file = tmp_path / "logcenter.db"
    data = bytearray(file.read_bytes())
    data[4096 * 20 : 4096 * 40] = bytes(4096 * 20)
    file.write_bytes(data)

    assert wrong(look(sqlite.database))


def test_a_database_that_somebody_holds_cannot_be_written(sqlite: SqlStore, tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "logcenter.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    found = wrong(look(sqlite.database))

    holder.close()
    assert [True] == ["cannot be written" in text for text in found]


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, run: Run) -> None:
    finished = run("doctor", "--database-url", f"sqlite:///{tmp_path / 'missing.db'}")

    assert 1 == finished.code
    assert finished.stdout.startswith("wrong  There is no database")
    assert not (tmp_path / "missing.db").exists()


def test_a_postgresql_that_cannot_be_reached_is_wrong(run: Run) -> None:
    finished = run("doctor", "--database-url", "postgresql://nobody@127.0.0.1:1/nothing")

    assert (1, "wrong ") == (finished.code, finished.stdout[:6])


def test_an_older_or_newer_schema_is_wrong_and_the_rest_is_left_out(sqlite: SqlStore) -> None:
    run_statement(sqlite.database, "UPDATE alembic_version SET version_num = '9999'")

    *_, last = look(sqlite.database)

    assert Level.WRONG is last.level
    assert "9999" in last.text


def test_an_empty_file_has_no_tables(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty.db").touch()

    finished = run("doctor", "--database-url", f"sqlite:///{tmp_path / 'empty.db'}")

    assert 1 == finished.code
    assert "no tables" in finished.stdout


def test_a_database_over_its_budget_is_wrong_and_one_without_a_budget_a_note(database: Database) -> None:
    assert "no --disk-budget" in notes(look(database))
    assert ["over its budget" in text for text in wrong(look(database, Policy(disk_budget=100_000)))] == [True]


def test_a_budget_beyond_the_disk_is_a_note(sqlite: SqlStore) -> None:
    assert "more than its disk has" in notes(look(sqlite.database, Policy(disk_budget=10**18)))


def test_a_clock_that_is_off_is_wrong_on_postgresql(on_postgresql: Filler) -> None:
    database = on_postgresql.store.database

    found = wrong(look(database, now=datetime.now(UTC) + timedelta(minutes=1)))

    assert [True] == ["apart" in text for text in found]


def test_no_partition_for_now_is_a_note_on_postgresql(on_postgresql: Filler) -> None:
    assert "no partition" in notes(look(on_postgresql.store.database))


def test_an_index_that_is_not_valid_is_wrong_on_postgresql(on_postgresql: Filler) -> None:
    database = on_postgresql.store.database
    run_statement(
        database, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_history_issue_id_id'::regclass"
    )

    assert "ix_history_issue_id_id is not valid" in " ".join(wrong(look(database)))


def test_a_file_that_never_shrinks_and_a_database_that_nobody_looks_after_are_notes(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    connection = sqlite3.connect(file)
    connection.executescript("PRAGMA auto_vacuum=NONE; CREATE TABLE made (x)")
    connection.close()
    store = SqlStore(f"sqlite:///{file}")

    found = notes(look(store.database))
    take_lease(store.database, "job", "me", NOW, timedelta(hours=1))
    later = notes(look(store.database))

    store.close()
    assert "never gets smaller" in found
    assert "No collector has looked after it yet" in found
    assert "since 2026-06-15 10:25 UTC" in later


def test_the_command_ends_with_0_where_there_are_only_notes(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'logcenter.db'}"
    run("migrate", "--database-url", url)

    finished = run("doctor", "--database-url", url)

    assert (0, "") == (finished.code, finished.stderr)
    assert {"ok", "note"} == {line.split()[0] for line in finished.stdout.splitlines()}
