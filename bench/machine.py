"""What the figures were taken on, and how busy it was with other things."""

import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

LIBRARIES: Final = ("uvicorn", "uvloop", "httptools", "litestar", "msgspec", "sqlalchemy")
TICKS: Final = os.sysconf("SC_CLK_TCK")


def describe() -> str:
    """Return a few lines about the machine, its software and its present load."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="ascii"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return "\n".join(
        [
            f"Machine: {cpu[1] if cpu else platform.machine()}, {len(os.sched_getaffinity(0))} cores, {memory:.1f} GiB",
            f"Software: Linux {platform.release()}, Python {platform.python_version()}, {libraries}, {_wrk()}",
            f"Databases under {tempfile.gettempdir()}: fdatasync takes {fdatasync_ms():.2f} ms (median)",
            f"At the start: commit {_commit()}, load average {os.getloadavg()[0]:.2f}, {busy_cores():.2f} cores busy",
            "",
        ]
    )


def busy_seconds() -> float:
    """Return the CPU seconds that the machine has spent so far, on whatever, and what the host took away."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, first.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def busy_cores(seconds: float = 0.5) -> float:
    """Return how many cores are busy just now."""
    before = busy_seconds()
    time.sleep(seconds)
    return (busy_seconds() - before) / seconds


def fdatasync_ms(times: int = 100) -> float:
    """Return the median of writing 4 kB and having them on the disk: what a commit waits for."""
    durations = []
    with tempfile.TemporaryFile() as file:
        for _ in range(times):
            file.write(bytes(4_096))
            file.flush()
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            durations.append(time.perf_counter() - begin)
    return median(durations) * 1_000


def _wrk() -> str:
    wrk = shutil.which("wrk")
    if wrk is None:
        return "no wrk"
    said = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2])


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
