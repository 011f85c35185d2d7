"""Children that capture one error each. ``forks.py SDK URL METHOD COUNT SECONDS``.

Meanwhile the parent captures errors too, in a thread, so that whatever lock an SDK has is held at some of the forks.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from errors import fail
from saying import adapter, say

AT_ONCE = 4
COLD = "os.fork, cold"
"""Fork while the parent's first capture is under way: locks of imports may be held, which no child can release."""
PAUSE_SECONDS = 0.003


class ParentError(Exception):
    """What the parent captures."""


class ChildError(Exception):
    """What a child captures."""


class Present:
    """Whether this process, or the one that it was forked from, has initialised the SDK."""

    initialised = False


def initialise(name: str, url: str) -> None:
    """Initialise the SDK as an application does where it is imported: in spawned processes once more."""
    if not Present.initialised:
        adapter(name).init(url)
        Present.initialised = True


def capture(name: str, kind: type[Exception], number: int) -> None:
    """Capture one error."""
    try:
        fail(kind, number)
    except kind as error:
        adapter(name).capture(error)


def work(name: str, url: str, number: int) -> None:
    """Do what a child of multiprocessing does. It flushes nothing: that is the SDK's task."""
    initialise(name, url)
    capture(name, ChildError, number)


def by_multiprocessing(method: str) -> Callable[[str, str, int], int]:
    """Return what starts a child and returns its pid."""
    context = multiprocessing.get_context(method)
    kept = []

    def start(name: str, url: str, number: int) -> int:
        child = context.Process(target=work, args=(name, url, number))  # type: ignore[attr-defined]  # BaseContext has it not
        child.start()
        kept.append(child)
        return int(child.pid)

    return start


def by_fork(name: str, _url: str, number: int) -> int:
    """Fork; the child ends as a program does."""
    if pid := os.fork():
        return pid
    capture(name, ChildError, number)
    sys.exit(0)


def by_fork_and_exit(name: str, _url: str, number: int) -> int:
    """Fork; the child flushes and ends at once, with nothing that Python does at exit."""
    if pid := os.fork():
        return pid
    capture(name, ChildError, number)
    adapter(name).flush(5)
    os._exit(0)


def main() -> None:
    """Start the children, wait for them, and say how many had to be killed."""
    name, url, method = sys.argv[1:4]
    count, limit = map(int, sys.argv[4:6])
    starts = {"os.fork": by_fork, COLD: by_fork, "flush, os._exit": by_fork_and_exit}
    start = starts.get(method) or by_multiprocessing(method)
    initialise(name, url)
    stop, captured = threading.Event(), [0]
    if method != COLD:
        # All that is imported for a first report is there, and the threads are.
        warm_up(name, captured)
    busy = threading.Thread(target=lambda: keep_busy(name, stop, captured), daemon=True)
    busy.start()
    hung = 0
    for first in range(0, count, AT_ONCE):
        pids = [start(name, url, number) for number in range(first, min(first + AT_ONCE, count))]
        hung += ended(pids, limit)
    stop.set()
    busy.join(limit)
    say("result", hung=hung, captured={"ChildError": count, "ParentError": captured[0]})


def warm_up(name: str, captured: list[int]) -> None:
    """Capture once and wait until it is sent."""
    capture(name, ParentError, 1_000_000)
    captured[0] += 1
    adapter(name).flush(5)


def keep_busy(name: str, stop: threading.Event, captured: list[int]) -> None:
    """Capture in the parent as long as children are made."""
    while not stop.is_set():
        capture(name, ParentError, 1_000_000 + captured[0])
        captured[0] += 1
        time.sleep(PAUSE_SECONDS)


def ended(children: list[int], limit: int) -> int:
    """Wait for children, kill those that do not end, and return how many these are."""
    until, hung = time.monotonic() + limit, 0
    for pid in children:
        while not gone(pid) and time.monotonic() < until:
            time.sleep(0.005)
        if not gone(pid):
            hung += 1
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return hung


def gone(pid: int) -> bool:
    """Whether a child has ended; what multiprocessing has waited for already has."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


if __name__ == "__main__":
    main()
