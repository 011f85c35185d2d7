import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_sdk import boundary
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.spool import Entry, MemorySpool, Spool
from logcenter_sdk.spool_file import unpack

SECOND = 10**9
DAY = 24 * 3600 * SECOND

AnySpool = Spool | MemorySpool
Make = Callable[..., AnySpool]


def report(number: int, occurrences: int = 1) -> Encoded:
    return Encoded(occurrences, b'{"n":%d}' % number)


def at(instant_ns: int) -> Callable[[], int]:
    return lambda: instant_ns


def claimed(spool: AnySpool) -> Entry:
    entry = spool.claim()
    assert entry is not None
    return entry


def emptied(spool: AnySpool) -> list[Encoded]:
    found: list[Encoded] = []
    while (entry := spool.claim()) is not None:
        found += entry.encoded
        entry.done()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "logcenter" / "0123456789abcdef"


@pytest.fixture(params=["disk", "memory"])
def make(request: pytest.FixtureRequest, folder: Path) -> Make:
    """Make a spool of each kind."""
    return MemorySpool if request.param == "memory" else lambda **limits: Spool(folder, **limits)


def test_what_was_put_is_claimed_oldest_first(make: Make) -> None:
    spool = make()
    entries = [(report(1, 40), report(2)), (report(3),), (report(4),)]

    assert [True] * 3 == [spool.put(entry) for entry in entries]
    assert entries == [claimed(spool).encoded for _ in entries]
    assert spool.claim() is None


def test_what_is_claimed_nobody_else_gets(make: Make) -> None:
    spool = make()
    spool.put([report(1)])
    claimed(spool)

    assert spool.claim() is None


def test_what_is_done_is_gone(make: Make) -> None:
    spool = make()
    spool.put([report(1)])
    entry = claimed(spool)
    for _ in range(2):
        entry.done()

    assert spool.claim() is None


@pytest.mark.parametrize("rest", [[report(1), report(2)], [report(2)], [report(9, 40)]])
def test_what_is_given_back_takes_its_old_place(make: Make, rest: list[Encoded]) -> None:
    spool = make()
    spool.put([report(1), report(2)])
    spool.put([report(3)])

    claimed(spool).give_back(rest)
    spool.put([report(4)])

    assert {*rest, report(3), report(4)} == set(emptied(spool))


def test_what_is_given_back_comes_first_when_it_is_looked_for_anew(make: Make) -> None:
    spool = make()
    spool.put([report(1), report(2)])
    claimed(spool).give_back([report(2)])
    spool.put([report(3)])

    assert [report(2), report(3)] == emptied(spool)


def test_giving_nothing_back_is_being_done(make: Make) -> None:
    spool = make()
    spool.put([report(1)])
    claimed(spool).give_back([])

    assert spool.claim() is None


def test_nothing_to_put_is_put(make: Make) -> None:
    spool = make()

    assert spool.put([])
    assert spool.claim() is None


def test_reports_beyond_the_bound_are_refused_until_there_is_room(make: Make) -> None:
    spool = make(max_reports=5)

    assert [True, True, False, True] == [spool.put([report(1)] * count) for count in (2, 2, 2, 1)]
    claimed(spool).done()
    assert [True, False] == [spool.put([report(1)]), spool.put([report(1)] * 2)]


def test_bytes_beyond_the_bound_are_refused_until_there_is_room(make: Make) -> None:
    spool = make(max_bytes=10_000)
    large = Encoded(1, os.urandom(4_000))

    assert [True, True, False] == [spool.put([large]) for _ in range(3)]
    entry = claimed(spool)
    assert not spool.put([large])  # what is on its way still takes room
    entry.done()
    assert spool.put([large])


def test_ten_thousand_reports_of_twenty_mebibytes_are_the_bound(make: Make) -> None:
    spool = make()

    assert not spool.put([Encoded(1, os.urandom(20 * 1024 * 1024 + 1))])
    assert [True, False] == [spool.put([report(1)] * 10_000), spool.put([report(1)])]


OPERATIONS = st.lists(st.sampled_from(["put", "claim", "done", "give back", "give one back"]), max_size=40)


@given(operations=OPERATIONS)
@pytest.mark.parametrize("on_disk", [True, False])
def test_nothing_is_lost_and_nothing_is_there_twice(
    tmp_path_factory: pytest.TempPathFactory, operations: list[str], on_disk: bool
) -> None:
    folder = tmp_path_factory.mktemp("spool") / "a" / "b" / "c"
    folder.parent.parent.mkdir()
    spool: AnySpool = Spool(folder, max_reports=6) if on_disk else MemorySpool(max_reports=6)
    held: list[Entry] = []
    expected: list[Encoded] = []
    for number, operation in enumerate(operations, start=1):
        pair = [report(number), report(-number)]
        if operation == "put" and spool.put(pair):
            expected += pair
        elif operation == "claim" and (entry := spool.claim()) is not None:
            held.append(entry)
        elif held and operation != "put":
            entry = held.pop()
            rest = {"done": (), "give one back": entry.encoded[1:]}.get(operation, entry.encoded)
            entry.give_back(rest)
            expected = [each for each in expected if each not in entry.encoded or each in rest]
        assert len(expected) <= 6
    for entry in held:
        entry.give_back(entry.encoded)

    assert sorted(expected) == sorted(emptied(spool))


def test_another_process_finds_what_was_put(folder: Path) -> None:
    Spool(folder).put([report(1)])

    assert [report(1)] == emptied(Spool(folder))


def test_files_are_their_owners_only_and_hold_nothing_but_the_reports(folder: Path) -> None:
    Spool(folder).put([report(1)])

    [file] = folder.iterdir()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert [report(1)] == list(unpack(file.read_bytes()))


def test_a_spool_touches_no_disk_before_it_is_needed(folder: Path) -> None:
    spool = Spool(folder)

    assert spool.claim() is None
    assert not folder.parent.parent.exists()


def test_what_is_damaged_is_skipped_and_removed(folder: Path) -> None:
    spool = Spool(folder)
    for number in range(4):
        spool.put([report(number)])
    first, second, third, _fourth = sorted(folder.iterdir())
    first.write_bytes(first.read_bytes()[:-3])
    second.write_bytes(b"")
    content = third.read_bytes()
    third.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    assert [report(3)] == emptied(Spool(folder))
    assert [] == list(folder.iterdir())


def test_what_is_none_of_ours_is_skipped_and_removed(folder: Path, tmp_path: Path) -> None:
    spool = Spool(folder)
    spool.put([report(1)])
    name = next(folder.iterdir()).name
    precious = tmp_path / "precious"
    precious.write_text("stays")
    (folder / "notes.txt").write_text("x")
    (folder / name.replace("-1-", "-2-", 1)).symlink_to(precious)
    (folder / "link").symlink_to(precious)
    os.mkfifo(folder / name.replace("-1-", "-3-", 1))
    (folder / "folder").mkdir()

    assert [report(1)] == emptied(Spool(folder))
    assert [folder / "folder"] == list(folder.iterdir())
    assert "stays" == precious.read_text()


def test_what_is_over_a_week_old_is_removed(folder: Path) -> None:
    now = time.time_ns()
    for age in (8 * DAY, 6 * DAY, 0, -DAY):  # the last from a clock that was ahead
        Spool(folder, clock_ns=at(now - age)).put([report(age // DAY)])

    assert [report(6), report(0), report(-1)] == emptied(Spool(folder, clock_ns=at(now)))
    assert [] == list(folder.iterdir())


def test_what_is_being_written_is_not_sent_and_removed_after_a_minute(folder: Path) -> None:
    now = time.time_ns()
    Spool(folder).put([report(1)])
    claimed(Spool(folder, clock_ns=at(now)))
    [file] = folder.iterdir()
    file.rename(file.with_suffix(".part"))

    for seconds, left in ((59, 1), (61, 0)):
        assert Spool(folder, clock_ns=at(now + seconds * SECOND)).claim() is None
        assert left == len(list(folder.iterdir()))


def test_what_a_killed_process_was_writing_takes_no_room(folder: Path) -> None:
    spool = Spool(folder, max_reports=1)
    spool.put([report(1)])
    claimed(spool)
    [file] = folder.iterdir()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    file.rename(folder / file.name.replace(f"-{os.getpid()}-", f"-{ended.pid}-").replace(".claim", ".part"))

    assert spool.put([report(2)])
    assert [report(2)] == emptied(spool)
    assert [] == list(folder.iterdir())


def test_the_rest_of_an_old_entry_is_written_undisturbed(folder: Path) -> None:
    now = time.time_ns()
    Spool(folder, clock_ns=at(now - DAY)).put([report(1), report(2)])
    entry = claimed(Spool(folder))
    names: list[str] = []
    rename = Path.rename

    def rename_late(path: Path, target: Path) -> Path:
        names.append(path.suffix)
        Spool(folder).claim()  # another process looks in just now
        return rename(path, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", rename_late)
        entry.give_back([report(2)])

    assert [".part"] == names
    assert [report(2)] == emptied(Spool(folder))


@pytest.mark.parametrize(("seconds", "found"), [(59, []), (61, [report(1)]), (-61, [report(1)])])
def test_a_claim_is_void_after_a_minute(folder: Path, seconds: int, found: list[Encoded]) -> None:
    now = time.time_ns()
    Spool(folder).put([report(1)])
    claimed(Spool(folder, clock_ns=at(now)))

    assert found == emptied(Spool(folder, clock_ns=at(now + seconds * SECOND)))


def test_who_comes_too_late_to_end_a_claim_changes_nothing(folder: Path) -> None:
    now = time.time_ns()
    Spool(folder).put([report(1), report(2)])
    late = [claimed(Spool(folder, clock_ns=at(now + minutes * 61 * SECOND))) for minutes in range(3)]
    present = claimed(Spool(folder, clock_ns=at(now + 4 * 61 * SECOND)))

    late[0].done()
    late[1].give_back([report(2)])
    late[2].give_back(late[2].encoded)
    assert 1 == len(list(folder.iterdir()))
    present.give_back(present.encoded)

    assert [report(1), report(2)] == emptied(Spool(folder))


def test_threads_share_what_is_there(folder: Path) -> None:
    spool = Spool(folder)
    for number in range(200):
        spool.put([report(number)])
    found: list[Encoded] = []
    threads = [Thread(target=lambda: found.extend(emptied(spool))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [report(number) for number in range(200)] == sorted(found, key=lambda each: int(each.body[5:-1]))


def test_threads_that_put_at_once_share_the_bound(folder: Path) -> None:
    spool = Spool(folder, max_reports=100)
    threads = [Thread(target=lambda: [spool.put([report(1)]) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not spool.put([report(1)])
    assert len(list(folder.iterdir())) in range(100, 100 + 4 * 64)


def without(folder: Path) -> None:
    del folder


def as_a_file(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("x")


def with_a_file_above(folder: Path) -> None:
    folder.parent.parent.write_text("x")


def as_a_link(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    (folder.parent / "elsewhere").mkdir()
    folder.symlink_to(folder.parent / "elsewhere")


def as_a_broken_link(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.symlink_to(folder.parent / "nowhere")


@pytest.mark.parametrize("spoil", [as_a_file, with_a_file_above, as_a_link, as_a_broken_link])
def test_a_folder_that_cannot_be_used_takes_and_gives_nothing(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    spool = Spool(folder)

    assert (False, None) == (spool.put([report(1)]), spool.claim())


@pytest.mark.parametrize(
    "folder",
    [
        None,
        Path("/proc/nowhere/logcenter/x"),
        Path("/nowhere/home/logcenter/x"),
        Path("/nul\0/a/b"),
        Path("/" + "x" * 999),
    ],
)
def test_a_place_where_there_can_be_no_folder_takes_and_gives_nothing(folder: Path | None) -> None:
    spool = Spool(folder)

    assert (False, None) == (spool.put([report(1)]), spool.claim())


def test_what_cannot_be_read_is_left_for_later(folder: Path) -> None:
    spool = Spool(folder)
    for number in range(3):
        spool.put([report(number)])
    claimed(spool).done()
    [second, _third] = sorted(folder.iterdir())
    second.unlink()
    second.mkdir()  # stands for a disk that fails to read

    assert [report(2)] == emptied(spool)
    assert [second.stem] == [left.name.partition(".")[0] for left in folder.iterdir()]


def test_a_folder_that_vanishes_is_made_again(folder: Path) -> None:
    spool = Spool(folder)
    spool.put([report(1)])
    entry = claimed(spool)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()

    entry.done()
    assert spool.claim() is None
    assert spool.put([report(2)])
    assert [report(2)] == emptied(spool)


def test_where_the_disk_takes_no_more_nothing_is_lost(folder: Path) -> None:
    spool = Spool(folder)
    spool.put([report(1), report(2), Encoded(1, os.urandom(4_000))])
    entry = claimed(spool)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))  # the system fails each write beyond, as on a full disk
    try:
        refused = spool.put([Encoded(1, os.urandom(2_000))])
        entry.give_back(entry.encoded[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not refused
    assert list(entry.encoded) == emptied(spool)  # all of it: what was delivered is known by its event id
    assert [] == list(folder.iterdir())


def test_its_own_bugs_reach_nobody_but_its_tests(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise LookupError("a bug")

    spool = Spool(folder, clock_ns=broken)
    with pytest.raises(LookupError, match="a bug"):
        spool.put([report(1)])

    monkeypatch.setattr(boundary, "raise_bugs", False)
    assert not spool.put([report(1)])
