"""One heap for all threads: what one of them freed is there for the others."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from logcenter_collector.heap import give_back_what_is_free, share_one_heap

THREADS_THAT_TAKE_MEMORY = """
import ctypes, re, sys, threading
from logcenter_collector.heap import share_one_heap

if sys.argv[1] == "one":
    assert share_one_heap()
together = threading.Barrier(4)
def take():
    together.wait(30)
    kept = [bytes(600) for _ in range(1_000)]  # beyond what Python's own allocator takes
    together.wait(30)
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
ctypes.CDLL(None).malloc_stats()
"""

on_glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other C libraries have one heap, or their own way"
)


def heaps(how_many: str) -> int:
    """Return into how many heaps four threads of a process put what they take."""
    command = [sys.executable, "-c", THREADS_THAT_TAKE_MEMORY, how_many]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr
    return said.count("Arena ")


@on_glibc
def test_all_threads_share_one_heap() -> None:
    assert heaps("each its own") > 1
    assert 1 == heaps("one")


@on_glibc
def test_what_was_freed_is_given_back() -> None:
    pieces = [bytes(100_000) for _ in range(1_000)]
    last = bytes(100_000)
    del pieces  # between what stays: it is not given back by itself
    before = resident_pages()

    assert give_back_what_is_free()
    assert len(last) == 100_000
    assert resident_pages() < before - 10_000


def resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())

    assert not share_one_heap()
    assert not give_back_what_is_free()
