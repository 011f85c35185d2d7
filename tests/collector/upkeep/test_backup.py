"""A backup holds one moment of a database of any kind, and is restored into an empty one of any kind, or not at all."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.store.archive.backup import NoDatabaseError, back_up
from logcenter_collector.store.archive.format import BackupReader, BackupWriter, DamagedBackupError, Header
from logcenter_collector.store.archive.restore import NotEmptyError, restore
from logcenter_collector.store.compression import zstd
from logcenter_collector.store.consistency import orphans, wrong_counts
from logcenter_collector.store.database import Database
from logcenter_collector.store.migrate import NewerDatabaseError, newest_revision
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.upkeep.partitions import list_partitions
from support.collector import Collector
from support.command import Run
from support.filling import Filler, contents
from support.sending import a_report

NOW = datetime(2026, 6, 15, 10, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

NewDatabase = Callable[[str], str]


@pytest.fixture
def new_url(tmp_path: Path, request: pytest.FixtureRequest) -> NewDatabase:
    """Return the URL of another empty database of a kind."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'{uuid4().hex}.db'}"
        return str(request.getfixturevalue("postgres").new_database(template="template1"))

    return make


def fill(filler: Filler) -> str:
    """Fill a store with all kinds of things, and return an event id that it knows."""
    event_id = str(uuid4())
    store = filler.store
    filler.regress(1, NOW - 30 * DAY, environment="main", version="1.2", size=3_000)
    for hour in range(4):
        filler.report(2, NOW - 20 * DAY + hour * HOUR, environment=f"branch-{hour}", occurrences=hour + 1)
    filler.report(3, NOW - DAY, event_id=event_id, message="没有这个用户 \U0001f600", frames=[{"file_path": "a.py"}])
    filler.report(3, NOW - DAY + HOUR, event_id=event_id)
    filler.report(4, NOW, type="ProjectInit")
    store.put_project("p", {"name": "Shop", "description": None, "repo_url": "https://git.example.org/shop"}, NOW)
    return event_id


def save(database: Database, file: Path) -> Path:
    list(back_up(database, file, NOW))
    return file


def load(url: str, file: Path) -> None:
    with closing(Database(url)) as database:
        list(restore(database, file, NOW))


@pytest.mark.parametrize("there", ["sqlite", "postgresql"])
def test_what_is_restored_shows_the_same_to_the_outside(
    filler: Filler, tmp_path: Path, new_url: NewDatabase, there: str
) -> None:
    event_id = fill(filler)
    before = contents(filler.store)
    copy, back = new_url(there), new_url("sqlite")

    load(copy, save(filler.store.database, tmp_path / "one.backup"))
    with closing(SqlStore(copy)) as store:
        assert before == contents(store)
        load(back, save(store.database, tmp_path / "two.backup"))

    with closing(SqlStore(back)) as store:
        assert before == contents(store)
        again = Filler(store)
        again.report(3, NOW, event_id=event_id)
        assert before == contents(store)
        assert 5 == again.report(99, NOW)
        assert 2 == again.issue(again.report(99, NOW)).occurrence_count


def test_a_restored_postgresql_goes_on_counting_and_knows_its_event_ids(
    filler: Filler, tmp_path: Path, new_url: NewDatabase
) -> None:
    event_id = fill(filler)
    url = new_url("postgresql")
    load(url, save(filler.store.database, tmp_path / "one.backup"))

    with closing(SqlStore(url)) as store:
        before = contents(store)
        again = Filler(store)
        again.report(3, NOW, event_id=event_id)
        assert before == contents(store)
        assert again.report(99, NOW) > 4
        with store.database.read() as connection:
            assert NOW - 20 * DAY >= min(partition.begin for partition in list_partitions(connection))
            rest = connection.exec_driver_sql("SELECT count(*) FROM occurrences_spread_rest").scalar_one()
            ranges = connection.exec_driver_sql("SELECT sum(last_issue_id - first_issue_id + 1) FROM search_queue")
            queued = int(ranges.scalar_one())
    assert (0, 5) == (rest, queued)


def test_a_backup_while_others_write_is_of_one_moment(filler: Filler, tmp_path: Path, new_url: NewDatabase) -> None:
    filler.spread(issues=200, each=3, begin=NOW - DAY, apart=HOUR)
    begun, ended = threading.Event(), threading.Event()

    def write_on() -> None:
        while not ended.is_set():
            filler.spread(issues=220, each=1, begin=NOW, apart=HOUR, size=100)
            begun.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        begun.wait(20)
        for _ in back_up(filler.store.database, tmp_path / "one.backup", NOW):
            filler.store.put_project("p", {"name": str(uuid4())}, NOW)
    finally:
        ended.set()
        writer.join()
    url = new_url("sqlite")
    load(url, tmp_path / "one.backup")

    with closing(SqlStore(url)) as store, store.database.read() as connection:
        counted, bucketed = Filler(store).counts()
        assert (0, {}) == (wrong_counts(connection), orphans(connection))
    assert 600 < counted == bucketed < filler.counts()[0]


def test_an_older_backup_is_replaced_only_by_a_complete_one(filler: Filler, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    file.write_text("older", encoding="ascii")
    fill(filler)
    steps = back_up(filler.store.database, file, NOW)

    next(steps)
    steps.close()
    assert "older" == file.read_text(encoding="ascii")
    assert ["one.backup"] == [path.name for path in tmp_path.iterdir() if "backup" in path.name]

    save(filler.store.database, file)
    assert file.read_bytes().startswith(b"\x28\xb5\x2f\xfd")
    assert 0o600 == file.stat().st_mode & 0o777


@pytest.fixture
def backup_file(tmp_path: Path) -> Iterator[Path]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'source.db'}")) as store:
        fill(Filler(store))
        yield save(store.database, tmp_path / "one.backup")


def lines_of(file: Path) -> list[bytes]:
    return zstd.decompress(file.read_bytes()).splitlines(keepends=True)


def flip(file: Path, place: int) -> bytes:
    data = bytearray(file.read_bytes())
    data[place] ^= 0x10
    return bytes(data)


DAMAGES: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _file: b"",
    "no backup": lambda _file: b"SQLite format 3\0" + bytes(4_096),
    "other JSON": lambda _file: zstd.compress(b'{"format": "another"}\n'),
    "cut in the middle": lambda file: file.read_bytes()[: file.stat().st_size // 2],
    "cut at the end": lambda file: file.read_bytes()[:-1],
    "cut between lines": lambda file: zstd.compress(b"".join(lines_of(file)[:-1])),
    "a changed byte": lambda file: flip(file, file.stat().st_size // 2),
    "a changed row": lambda file: zstd.compress(b"".join(lines_of(file)).replace(b"Shop", b"Shoe")),
    "a changed name of a column": lambda file: zstd.compress(
        b"".join(lines_of(file)).replace(b"repo_url", b"repo_urm")
    ),
    "a row twice": lambda file: zstd.compress(b"".join(each * (1 + (b"Shop" in each)) for each in lines_of(file))),
    "a row too few": lambda file: zstd.compress(b"".join(line for line in lines_of(file) if b"Shop" not in line)),
    "something behind it": lambda file: zstd.compress(b"".join(lines_of(file)) + b"[1]\n"),
}


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        *((how, "sqlite") for how in DAMAGES),
        *((how, "postgresql") for how in ("a changed row", "a changed name of a column", "a row twice", "empty")),
    ],
)
def test_of_a_damaged_backup_nothing_is_restored(backup_file: Path, new_url: NewDatabase, how: str, kind: str) -> None:
    url = new_url(kind)
    backup_file.write_bytes(DAMAGES[how](backup_file))

    with pytest.raises(DamagedBackupError):
        load(url, backup_file)

    with closing(SqlStore(url)) as store:
        assert ((), ()) == (store.projects(), contents(store)["issues"])


def written(tmp_path: Path, *lines: object, **header: object) -> Path:
    """Write a backup whose checksum is right, whatever it holds."""
    file = tmp_path / "written.backup"
    known = {"schema": newest_revision(), "made_at": "", "made_by": "", "made_of": "sqlite", "rows": {}}
    with file.open("wb") as stream:
        writer = BackupWriter(stream, Header(**{**known, **header}))  # type: ignore[arg-type]
        writer.write(*lines)
        writer.close()
    return file


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (({"table": "projects", "columns": {"project_id": "text"}},), {"projects": 1}),
        (({"table": "leases", "columns": {"name": "text"}},), {}),
        (({"table": "projects", "columns": {'"; DROP TABLE projects; --': "text"}},), {}),
        (({"table": "issues", "columns": {}}, ["never"]), {"issues": 1}),
    ],
)
def test_what_a_backup_cannot_hold_is_not_restored(
    tmp_path: Path, new_url: NewDatabase, lines: tuple[object, ...], rows: dict[str, int]
) -> None:
    with pytest.raises(DamagedBackupError):
        load(new_url("sqlite"), written(tmp_path, *lines, rows=rows))


def test_issues_that_count_something_else_than_their_hours_are_not_restored(
    store: SqlStore, filler: Filler, tmp_path: Path, new_url: NewDatabase
) -> None:
    filler.report(1, NOW)
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE buckets SET count = 7")

    with pytest.raises(DamagedBackupError, match="1 issues"):
        load(new_url("sqlite"), save(store.database, tmp_path / "one.backup"))


def test_a_database_that_holds_something_is_left_alone(backup_file: Path, store: SqlStore, filler: Filler) -> None:
    filler.report(1, NOW)
    before = contents(store)

    with pytest.raises(NotEmptyError):
        list(restore(store.database, backup_file, NOW))

    assert before == contents(store)


def test_a_backup_of_a_newer_collector_is_not_restored(tmp_path: Path, new_url: NewDatabase) -> None:
    with pytest.raises(NewerDatabaseError, match="9999"):
        load(new_url("sqlite"), written(tmp_path, schema="9999"))


def test_a_database_without_tables_is_no_backup(tmp_path: Path, database_url: str, new_url: NewDatabase) -> None:
    url = new_url("postgresql") if database_url.startswith("postgresql") else database_url

    with closing(Database(url)) as database, pytest.raises(NoDatabaseError):
        save(database, tmp_path / "one.backup")

    assert not (tmp_path / "one.backup").exists()


@given(st.lists(st.lists(st.none() | st.text(max_size=9) | st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=2)))
def test_what_was_written_is_read(rows: list[list[object]]) -> None:
    header = Header(schema="s", made_at="", made_by="", made_of="", rows={"t": len(rows)})
    with SpooledTemporaryFile() as file:
        writer = BackupWriter(file, header)  # type: ignore[arg-type]
        writer.write({"table": "t", "columns": {"a": "text", "b": "int"}}, *rows)
        writer.write({"table": "u", "columns": {"c": "bytes"}}, [b"\0\xff"], [None])
        writer.close()
        file.seek(0)
        reader = BackupReader(file)  # type: ignore[arg-type]
        read = {part.name: list(part.rows) for part in reader.tables()}

    assert header == reader.header
    assert {"t": rows, "u": [[b"\0\xff"], [None]]} == read


def test_the_commands_move_a_serving_sqlite_to_postgresql(
    run: Run, collector: Collector, tmp_path: Path, new_url: NewDatabase, start_collector: Callable[..., Collector]
) -> None:
    collector.report(a_report("shop"))
    file, url = str(tmp_path / "log-center.backup"), new_url("postgresql")

    saved = run("backup", file, "--database-url", f"sqlite:///{collector.database}")
    restored = run("restore", file, "--database-url", url)

    assert (0, "", 0, "") == (saved.code, saved.stderr, restored.code, restored.stderr)
    assert f"{file} has " in saved.stdout
    assert " rows in " in restored.stdout
    moved = start_collector(database=url)
    assert "Log deduplicated" == moved.report(a_report("shop"))["message"]
    assert 2 == moved.issues(project_id="shop")[0]["occurrence_count"]


def test_the_commands_say_in_one_line_what_is_wrong(run: Run, tmp_path: Path, backup_file: Path) -> None:
    source, missing = f"sqlite:///{tmp_path / 'source.db'}", f"sqlite:///{tmp_path / 'missing.db'}"
    broken = tmp_path / "broken.backup"
    broken.write_bytes(b"no backup")

    for arguments, words in [
        (("backup", str(tmp_path / "one"), "--database-url", missing), "there is no database"),
        (("backup", str(tmp_path / "no folder" / "one"), "--database-url", source), "cannot write"),
        (("restore", str(broken), "--database-url", missing), "damaged"),
        (("restore", str(tmp_path / "no file"), "--database-url", missing), "cannot read"),
        (("restore", str(backup_file), "--database-url", source), "not empty"),
    ]:
        finished = run(*arguments)
        assert (1, 1) == (finished.code, len(finished.stderr.splitlines())), finished
        assert words in finished.stderr
