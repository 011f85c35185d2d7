"""The spool between processes that end as they like."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from logcenter_sdk.encoded import Encoded
from logcenter_sdk.spool import Spool

ROUNDS = 8

PUT = """
import itertools, sys
from pathlib import Path
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.spool import Spool
spool = Spool(Path(sys.argv[1]), max_reports=10**6, max_bytes=10**9)
for number in itertools.count(int(sys.argv[2])):
    if spool.put([Encoded(1, b"%d" % number)]):
        print(number, flush=True)
"""
"""Says a number when it was put."""

CLAIM = """
import sys
from pathlib import Path
from logcenter_sdk.spool import Spool
spool = Spool(Path(sys.argv[1]))
sys.stdin.readline()
while (entry := spool.claim()) is not None:
    for encoded in entry.encoded:
        print(int(encoded.body), flush=True)
    entry.done()
"""
"""Says a number when it is delivered, and removes it then."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "logcenter" / "0123456789abcdef"


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def put(folder: Path, count: int) -> list[int]:
    spool = Spool(folder)
    assert all(spool.put([Encoded(1, b"%d" % number)]) for number in range(count))
    return list(range(count))


def emptied(folder: Path) -> list[int]:
    spool, found = Spool(folder), []
    while (entry := spool.claim()) is not None:
        found += [int(encoded.body) for encoded in entry.encoded]
        entry.done()
    return found


def killed_after(process: subprocess.Popen[str], lines: int) -> list[int]:
    """Kill a process once it has said so many lines; return all that it said."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    said += process.stdout.readlines()
    assert -signal.SIGKILL == process.wait(timeout=30)
    process.communicate()
    return [int(line) for line in said if line.endswith("\n")]


def test_of_four_processes_each_gets_what_no_other_gets(folder: Path) -> None:
    expected = put(folder, 400)

    processes = [start(CLAIM, folder) for _ in range(4)]
    said = []
    for process in processes:  # all are told before any is heard
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        output, _ = process.communicate(timeout=60)
        said += [int(line) for line in output.splitlines()]

    assert expected == sorted(said)
    assert [] == list(folder.iterdir())


def test_what_was_put_outlives_a_process_that_is_killed_while_it_puts(folder: Path) -> None:
    chosen, put_so_far = random.Random(7), []
    for round_ in range(ROUNDS):
        said = killed_after(start(PUT, folder, round_ * 1_000_000), chosen.randrange(1, 200))
        put_so_far.append(said)

    found = Counter(emptied(folder))

    assert {1} == set(found.values())
    assert set().union(*put_so_far) <= found.keys()
    # Of each process at most the one that it put and could not tell any more.
    assert len(found) - sum(map(len, put_so_far)) in range(ROUNDS + 1)


def test_what_a_killed_process_had_claimed_is_claimed_by_the_next(folder: Path) -> None:
    expected = put(folder, 600)
    chosen, said = random.Random(7), []
    for _ in range(ROUNDS):
        process = start(CLAIM, folder)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        said += killed_after(process, chosen.randrange(1, 60))

    found = Counter(said + emptied(folder))

    assert expected == sorted(found)
    # What was delivered and not yet removed comes twice, at most once for each kill; its event id tells.
    assert sum(found.values()) - len(expected) in range(ROUNDS + 1)


def test_processes_that_put_at_once_share_the_bound(folder: Path) -> None:
    program = PUT.replace("10**6", "200").replace("itertools.count(int(sys.argv[2]))", "range(200)")
    processes = [start(program, folder, 0) for _ in range(3)]
    for process in processes:
        process.communicate(timeout=60)

    assert not Spool(folder, max_reports=200).put([Encoded(1, b"0")])
    assert len(list(folder.iterdir())) in range(200, 200 + 3 * 64)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_uses_the_spool_of_its_parent(folder: Path) -> None:
    spool = Spool(folder)
    for number in range(4):
        spool.put([Encoded(1, b"%d" % number)])
    entry = spool.claim()
    assert entry is not None

    process = multiprocessing.get_context("fork").Process(target=child, args=(spool, folder.with_suffix(".json")))
    process.start()
    process.join(30)

    assert [1, 2, 3] == json.loads(folder.with_suffix(".json").read_text())
    assert spool.claim() is None
    entry.give_back(entry.encoded)
    assert [0] == emptied(folder)


def child(spool: Spool, result: Path) -> None:
    found = []
    while (entry := spool.claim()) is not None:
        found += [int(encoded.body) for encoded in entry.encoded]
        entry.done()
    result.write_text(json.dumps(found))


def test_a_home_that_may_not_be_written_takes_nothing_and_says_nothing(folder: Path) -> None:
    program = """
import os, sys
from pathlib import Path
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.spool import Spool
if os.geteuid() == 0:
    os.setuid(65534)  # nobody
spool = Spool(Path(sys.argv[1]))
print(spool.put([Encoded(1, b"1")]), spool.claim())
"""
    folder.parent.parent.mkdir(mode=0o500)

    output = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True, timeout=30
    )

    assert ("False None\n", "") == (output.stdout, output.stderr)


def test_the_spool_brings_nothing_but_the_standard_library() -> None:
    program = """
import sys
from logcenter_sdk import cache_folder, retry, shrink, spool
print(sorted({"attr", "attrs", "cattrs", "httpx", "httpcore", "logging", "ssl"} & sys.modules.keys()))
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)

    assert "[]\n" == output.stdout
