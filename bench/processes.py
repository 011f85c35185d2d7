"""What processes use, as /proc says: CPU of all their threads and of their children, and resident memory."""

import contextlib
import itertools
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from machine import TICKS, busy_seconds

KIB_IN_MIB: Final = 1_024
_PARENT, _USER, _CHILDREN_SYSTEM = 1, 11, 14  # places in /proc/PID/stat, counted behind the command's name


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU seconds of processes and all their descendants so far, ended ones included."""
    return sum(sum(map(int, _stat(pid)[_USER : _CHILDREN_SYSTEM + 1])) for pid in family(pids)) / TICKS


def resident_mib(pid: int) -> float:
    """Return the resident memory of one process."""
    return _memory(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """Return the most resident memory that one process ever had."""
    return _memory(pid, "VmHWM")


def _memory(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / KIB_IN_MIB


def family(pids: Iterable[int]) -> set[int]:
    """Return the processes and all their living descendants."""
    parents = dict(_parents())
    found = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it ended while we looked
                yield int(entry.name), int(_stat(int(entry.name))[_PARENT])


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name, which may hold spaces and parentheses."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


class Usage:
    """CPU seconds of a part of a run: of each named group of processes, and of everything that is not this bench."""

    def __init__(self, **groups: Iterable[int]) -> None:
        self._groups = {name: tuple(pids) for name, pids in groups.items()}
        self._all = (os.getpid(), *itertools.chain.from_iterable(self._groups.values()))
        self._begin, self._before = time.monotonic(), self._now()

    def stop(self) -> dict[str, float]:
        """Return the CPU seconds of each group since the start, and as ``foreign`` how many cores others kept busy."""
        spent = {name: after - self._before[name] for name, after in self._now().items()}
        foreign = spent.pop("machine") - spent.pop("ours")
        return {**spent, "foreign": max(foreign / (time.monotonic() - self._begin), 0.0)}

    def _now(self) -> dict[str, float]:
        spent = {name: cpu_seconds(pids) for name, pids in self._groups.items()}
        return {**spent, "ours": cpu_seconds(self._all), "machine": busy_seconds()}
