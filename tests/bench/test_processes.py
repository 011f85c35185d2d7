"""What the benches read of processes in /proc."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from processes import cpu_seconds, family, peak_mib, resident_mib

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a /proc")


@pytest.fixture
def child() -> Iterator[int]:
    process = subprocess.Popen(["sleep", "30"])
    yield process.pid
    process.kill()
    process.wait()


def test_children_belong_to_the_family_of_a_process(child: int) -> None:
    assert {os.getpid(), child} <= family([os.getpid()])
    assert {child} == family([child])


def test_the_work_of_an_ended_child_counts() -> None:
    before = cpu_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert 0.25 < cpu_seconds([os.getpid()]) - before


def test_memory_is_at_most_its_peak(child: int) -> None:
    assert 0 < resident_mib(child) <= peak_mib(child)
