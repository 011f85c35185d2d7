"""How much memory a process has taken at most, as Linux counts it."""

from pathlib import Path
from typing import Final

MEBIBYTE: Final = 2**20
_PROC: Final = Path("/proc")


def can_be_measured() -> bool:
    """Whether the kernel tells the peak of a process, and forgets it when asked to."""
    return (_PROC / "self" / "clear_refs").exists()


def forget_peak(pid: int) -> None:
    """Let the peak of a process begin anew."""
    (_PROC / str(pid) / "clear_refs").write_text("5", encoding="ascii")


def peak_of(pid: int) -> int:
    """Return the most memory, in bytes, that a process had at once since its peak was last forgotten."""
    status = (_PROC / str(pid) / "status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
