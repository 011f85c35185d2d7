"""What ``doctor`` looks at: each check says in plain words what it found. Nothing is changed."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen
from sqlalchemy import Connection

from logcenter_collector.domain.policy import Policy
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.consistency import orphans, wrong_counts
from logcenter_collector.store.database import Database
from logcenter_collector.store.migrate import is_known_revision, newest_revision
from logcenter_collector.store.tables import leases
from logcenter_collector.store.upkeep.budget import is_full
from logcenter_collector.store.upkeep.partitions import list_partitions
from logcenter_collector.store.upkeep.space import measure

LITTLE_DISK: Final = 0.05
"""A share of the disk that should be free."""
LONG_LOG: Final = 128 * 1024 * 1024
SKEW: Final = timedelta(seconds=2)
SILENT: Final = timedelta(minutes=15)
"""Collectors do some part of the upkeep more often than this."""


class Level(StrEnum):
    """How a finding is to be taken."""

    WELL = "ok"
    NOTE = "note"
    WRONG = "wrong"


@frozen
class Finding:
    """What a check found."""

    level: Level
    text: str


@frozen
class Patient:
    """What is looked at."""

    database: Database
    policy: Policy
    now: Callable[[], datetime]


def _well(text: str) -> Finding:
    return Finding(Level.WELL, text)


def _note(text: str) -> Finding:
    return Finding(Level.NOTE, text)


def _wrong(text: str) -> Finding:
    return Finding(Level.WRONG, text)


def examine(patient: Patient) -> Iterator[Finding]:
    """Check everything; where the database cannot be reached or has another schema, the rest is left out."""
    try:
        yield from _reach(patient.database)
        schema = _schema(patient.database)
        yield schema
        if schema.level is Level.WRONG:
            return
        for check in CHECKS:
            yield from check(patient)
    except StoreUnavailableError as error:
        yield _wrong(str(error))


def _reach(database: Database) -> Iterator[Finding]:
    if database.file is not None and not database.file.is_file():  # or SQLite would make an empty one
        raise StoreUnavailableError(f"There is no database {database.file}; `serve` or `migrate` makes it.")
    statement = "SHOW server_version" if database.is_postgresql else "SELECT sqlite_version()"
    with database.read() as connection:
        version = connection.exec_driver_sql(statement).scalar_one()
    yield _well(f"It can be reached: {'PostgreSQL' if database.is_postgresql else 'SQLite'} {version}.")


def _schema(database: Database) -> Finding:
    present, newest = database.revision(), newest_revision()
    if present == newest:
        return _well(f"Its schema is {present}, the newest.")
    if present is None:
        return _wrong("It has no tables; `migrate` makes them. Is it the right database?")
    remedy = "run `migrate`" if is_known_revision(present) else "it was written by a newer collector; use that one"
    return _wrong(f"Its schema is {present} and this collector's is {newest}: {remedy}.")


def _writable(patient: Patient) -> Iterator[Finding]:
    try:
        with patient.database.write() as connection:
            connection.execute(leases.delete().where(leases.c.name.is_(None)))  # nothing, but a write
    except StoreUnavailableError as error:
        yield _wrong(f"It cannot be written. {error}")
    else:
        yield _well("It can be written.")


def _intact(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as connection:
        if patient.database.is_postgresql:
            broken = connection.exec_driver_sql("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
            found = [f"its index {name} is not valid" for (name,) in broken]
        else:
            checked = connection.exec_driver_sql("PRAGMA integrity_check(10)")
            found = [text for (text,) in checked if text != "ok"]
    yield _wrong(f"It is damaged: {'; '.join(found)}. Restore a backup.") if found else _well("It is intact.")


def _consistent(patient: Patient) -> Iterator[Finding]:
    with patient.database.snapshot() as connection:
        missing, wrong = orphans(connection), wrong_counts(connection)
    for what, count in missing.items():
        yield _wrong(f"There are {count:,} {what}.")
    if not missing:
        yield _well("Nothing misses what it belongs to.")
    if wrong:
        yield _wrong(f"{wrong:,} issues do not count what their hours count.")
    else:
        yield _well("Every issue counts what its hours count.")


def _partitions(patient: Patient) -> Iterator[Finding]:
    if not patient.database.is_postgresql:
        return
    now = patient.now()
    with patient.database.read() as connection:
        present = list_partitions(connection)
    if any(each.begin <= now < each.end for each in present):
        yield _well(f"There are {len(present)} partitions, and one for now.")
    else:
        yield _note("There is no partition for now, so old occurrences go row by row; a running collector makes some.")


def _room(patient: Patient) -> Iterator[Finding]:
    space, budget = measure(patient.database), patient.policy.disk_budget
    yield _well(f"It takes {_megabytes(space.size)}, of which {_megabytes(space.reusable)} are free.")
    if budget is None:
        yield _note("It has no --disk-budget, so a storm of errors can fill the disk.")
    elif is_full(patient.database, budget):
        yield _wrong(f"It is over its budget of {_megabytes(budget)}: reports get 507 until `maintain` makes room.")
    if space.log > LONG_LOG:
        yield _note(f"Its log has {_megabytes(space.log)}: somebody reads for long, or nobody has closed it well.")
    if (file := patient.database.file) is not None:
        disk = shutil.disk_usage(file.parent)
        full = disk.free < disk.total * LITTLE_DISK
        yield (_wrong if full else _well)(f"Its disk has {_megabytes(disk.free)} of {_megabytes(disk.total)} left.")
        if budget is not None and budget > space.size + space.log + disk.free:
            yield _note(f"Its budget of {_megabytes(budget)} is more than its disk has.")


def _shrinks(patient: Patient) -> Iterator[Finding]:
    if patient.database.is_postgresql:
        return
    with patient.database.read() as connection:
        incremental = 2
        if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar_one() != incremental:
            yield _note(
                "Its file was made in a way that it never gets smaller; `backup` and `restore` make one that does."
            )


def _clock(patient: Patient) -> Iterator[Finding]:
    if not patient.database.is_postgresql:
        return
    with patient.database.read() as connection:
        theirs: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    skew = abs(theirs - patient.now())
    if skew > SKEW:
        yield _wrong(f"Its clock and this machine's are {skew.total_seconds():.0f} s apart; set both by NTP.")
    else:
        yield _well("Its clock agrees with this machine's.")


def _kept(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as connection:
        latest = _latest_work(connection)
    if latest is None:
        yield _note("No collector has looked after it yet; `serve` does, and `maintain`.")
    elif latest < patient.now() - SILENT:
        yield _note(
            f"No collector has looked after it since {latest:%Y-%m-%d %H:%M} UTC; `serve` does, and `maintain`."
        )
    else:
        yield _well("It is looked after.")


def _latest_work(connection: Connection) -> datetime | None:
    return max((lease.expires_at for lease in connection.execute(leases.select())), default=None)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


CHECKS: Final[tuple[Callable[[Patient], Iterator[Finding]], ...]] = (
    _writable,
    _intact,
    _consistent,
    _partitions,
    _room,
    _shrinks,
    _clock,
    _kept,
)
