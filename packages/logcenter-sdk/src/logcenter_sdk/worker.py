"""The one thread that delivers: started with a report, ended when idle, gone with a fork, heard out at exit.

Waking it takes no lock and imports nothing: it may happen inside ``__del__``, in a signal handler, or while another
thread holds any lock there is. ``SimpleQueue.put`` is made for that.

What a fork breaks (threads, locks, connections) begins anew in the child from here: every worker tells its job. Only
the beginning of event ids, which parent and child must not share, sees to itself.
"""

import atexit
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty
from typing import Any, Final, Protocol
from weakref import WeakSet

from logcenter_sdk.boundary import INSIDE, say

EXIT_SECONDS: Final = 2.0
"""How long the end of a process is held up at most."""
_RESCUE_SECONDS: Final = 0.3
_RESCUE_SECONDS_EACH: Final = 0.0003
"""How much of that is left for writing to disk what the collector did not take: more, the more there is, where it takes
nothing at all."""
_PROGRESS_SECONDS: Final = 0.25
_IDLE_SECONDS: Final = 10.0
"""How long the thread waits for work before it ends: a process that forks later has no thread then."""


class Time(Protocol):
    """The worker's side of a round: how much time there is."""

    @property
    def is_ending(self) -> bool:
        """Whether the process ends: one attempt, no pauses."""
        ...

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits in ``flush``: nothing is put off that could be done now."""
        ...

    def remaining(self, seconds: float) -> float:
        """Return how much of ``seconds`` an operation may take now."""
        ...


class Job(Protocol):
    """What the worker does, in rounds."""

    def round(self, clock: Time) -> float | None:
        """Do what can be done now; return in how many seconds to come again, None where that is only when woken."""
        ...

    def is_empty(self) -> bool:
        """Whether nothing is in memory that would be lost with the process."""
        ...

    def in_memory(self) -> int:
        """Return how many reports there are in memory that would be lost with the process."""
        ...

    def is_settled(self) -> bool:
        """Whether, beside that, nothing of this process waits on disk for the collector to answer again."""
        ...

    def prepare(self) -> None:
        """Import what rounds need, before the clock of the exit starts."""
        ...

    def rescue(self, clock: Time) -> None:
        """Put to a safe place what is still in hand: the process ends now, and the thread may hang in a request."""
        ...

    def forget(self) -> None:
        """Begin anew in a child process: what was there is the parent's."""
        ...


class Worker:
    """Runs the rounds of one job, in a daemon thread of its own."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._begin()
        _WORKERS.add(self)

    def forget(self) -> None:
        """Begin anew: a child process inherits no thread."""
        self._begin()
        self._job.forget()

    def _begin(self) -> None:
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._ending = threading.Lock()
        self._awaiting: deque[threading.Event] = deque()
        self._closed = False
        self._is_in_multiprocessing = False
        self._deadline = float("inf")
        self.is_ending = False

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits in ``flush``."""
        return bool(self._awaiting)

    def wake(self) -> None:
        """Have a round done, and return at once.

        At the end of the interpreter, where no thread can be started any more, the calling thread does it. Where none
        can be started before that, it is tried again with the next report.
        """
        has_thread = self._ring()
        if self.is_ending or not (has_thread or threading.main_thread().is_alive()):
            self._end_within(EXIT_SECONDS)
            self._end()

    def _ring(self) -> bool:
        """Have the thread do a round, and start it where there is none; return whether there is one."""
        self._bell.put(None)  # before looking for the thread: see _steps_down
        return self._thread is not None or self._start()

    def flush(self, seconds: float) -> bool:
        """Wait until everything handed over so far is delivered or given up; False when the time is over before.

        What had to be put on disk is waited for too, until the collector answers again.
        """
        if threading.current_thread() is self._thread:
            return False
        if self._is_settled():
            return True
        with suppress(Exception):
            self._job.prepare()  # a slow import must not cost what happens to be the first report
        self.wake()
        is_done = self._await_round(seconds)
        return (is_done and not self.is_ending) or self._is_settled()

    def finish(self) -> None:
        """Deliver what waits before the process ends: one attempt, and what the collector does not take is kept."""
        self.is_ending = True  # what comes after this is delivered by whoever captures it
        if not self._job.is_empty():
            self.wake()

    def close(self) -> None:
        """End the thread when it has nothing to do; a later report starts another."""
        self._closed = True
        if self._thread is not None:
            self._bell.put(None)

    def remaining(self, seconds: float) -> float:
        """Return how much of ``seconds`` an operation may take now."""
        return max(min(seconds, self._deadline - _RESCUE_SECONDS - time.monotonic()), 0.0)

    def _end_within(self, seconds: float) -> None:
        """Bound everything from now on: the process ends.

        The seconds are the collector's: what has still to be imported is not taken off them.
        """
        if self._deadline == float("inf"):
            with suppress(Exception):
                self._job.prepare()
        self._deadline = min(self._deadline, time.monotonic() + seconds)
        self.is_ending = True

    def _end(self) -> None:
        """Have the last reports delivered, by the thread where it still runs; keep what is not in time."""
        thread = self._thread
        if thread is threading.current_thread() or not self._ending.acquire(timeout=self.remaining(EXIT_SECONDS)):
            return
        try:
            if thread is not None and thread.is_alive():
                self._hear_out()
            else:
                self._round()
            if not self._job.is_empty():
                with suppress(Exception):
                    self._job.rescue(self)
        finally:
            self._ending.release()

    def _hear_out(self) -> None:
        """Wait for the thread as long as there is time, or it gets on."""
        before = -1
        while (left := self.remaining(EXIT_SECONDS)) and not self._await_round(min(left, _PROGRESS_SECONDS)):
            waiting = self._job.in_memory()
            if waiting == before and left <= waiting * _RESCUE_SECONDS_EACH:
                return
            before = waiting

    def _await_round(self, seconds: float) -> bool:
        done = threading.Event()
        self._awaiting.append(done)
        self._ring()
        try:
            return done.wait(min(max(seconds, 0.0), threading.TIMEOUT_MAX))
        finally:
            with suppress(ValueError):
                self._awaiting.remove(done)

    def _is_settled(self) -> bool:
        return self._job.is_empty() and (self.is_ending or self._job.is_settled())

    def _start(self) -> bool:
        """Return whether the thread runs; start it where it does not."""
        if self._thread is not None:
            return True
        if sys.is_finalizing():
            return False  # it would never run, and Python 3.11 waits for ever for it to come up
        if not self._starting.acquire(blocking=False):
            return True  # another thread, or this one further up its stack, is at it
        try:
            if self._thread is None:
                self._start_thread()
        except RecursionError:
            return True  # the stack leaves no room; whoever comes next starts it
        except RuntimeError:
            return False
        finally:
            self._starting.release()
        return True

    def _start_thread(self) -> None:
        # Made anew, because gevent may have put its own in place since: the old one would stop all greenlets. What was
        # put into the old one is not needed, for the thread begins with a round.
        self._bell = queue.SimpleQueue()
        thread = threading.Thread(target=self._run, name="logcenter", daemon=True)
        try:
            thread.start()
        finally:
            # Waiting for it to come up may fail as well, and then it runs all the same.
            self._thread = thread if thread.ident is not None else None
        self._hear_out_in_multiprocessing()

    def _hear_out_in_multiprocessing(self) -> None:
        """Children of ``multiprocessing`` end without atexit, but run these finalizers: one, however many threads."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None and not self._is_in_multiprocessing:
            self._is_in_multiprocessing = True
            util.Finalize(None, self.finish, exitpriority=-100)

    def _run(self) -> None:
        INSIDE.set(True)
        due: float | None = 0.0
        is_over = False
        while not (is_over and self._steps_down()):
            is_rung = self._await_bell(_IDLE_SECONDS if due is None else due)
            is_idle = due is None and not is_rung
            due = None if is_idle else self._round()
            is_over = is_idle or (self._closed and self._job.is_empty())

    def _await_bell(self, seconds: float) -> bool:
        """Return whether it rang in time; however often it did, it is one round."""
        is_rung = False
        with suppress(Empty):
            self._bell.get(timeout=seconds)
            is_rung = True
            while True:
                self._bell.get_nowait()
        return is_rung

    def _steps_down(self) -> bool:
        """Let the calling thread be the worker's no more; False where it has to go on.

        Whoever wakes it rings first and then looks for a thread; here the bell is looked at last. So one of the two
        sees the other: who rang and found a thread, or the lock taken, is heard here; who found none starts another.
        """
        if not self._starting.acquire(blocking=False):
            return False  # whoever starts this one is still at it
        self._thread = None
        self._starting.release()
        return self._bell.empty() or not self._steps_up()

    def _steps_up(self) -> bool:
        """Let the calling thread be the worker's again, unless another is, or is being started."""
        if not self._starting.acquire(blocking=False):
            return False
        if self._thread is None:
            self._thread = threading.current_thread()
        self._starting.release()
        return self._thread is threading.current_thread()

    def _round(self) -> float | None:
        """Do a round. Never raises: whatever it is, the next report must get its turn."""
        awaiting = tuple(self._awaiting) if self.is_ending else ()  # who comes later waits for a round of his own
        try:
            due = self._job.round(self)
        except Exception as error:  # noqa: BLE001 - see above
            say(f"a round failed: {type(error).__name__}")
            due = 1.0
        if self._awaiting and self._is_settled():
            awaiting = tuple(self._awaiting)
        for event in awaiting:
            event.set()
        return due


_WORKERS: Final[WeakSet[Worker]] = WeakSet()


IMPORTING: Final = [threading.Lock()]
"""Held while the thread imports: a child that is forked in the middle would wait for the module's lock for ever."""
_LONGEST_IMPORT_SECONDS: Final = 10.0
"""It takes 0.3 s, on a machine that is busy several; a child that does not wait for it may wait for ever."""


def _finish_all() -> None:
    for worker in tuple(_WORKERS):
        worker.finish()


class _Forking(threading.local):
    has_lock = False


_FORKING: Final = _Forking()


_REGISTER: Final = getattr(os, "register_at_fork", None)
_NEW_HOOKS: Final[list[Callable[[], object]]] = []


@contextmanager
def importing() -> Iterator[None]:
    """Import in this block what the application has not: nobody forks meanwhile.

    A fork that waits for it has already begun, and runs the hooks at its end that a module registers here (``logging``
    gives back a lock) and not those at its beginning. So these are remembered, and run when the wait is over.
    """
    with IMPORTING[0]:
        if _REGISTER is not None:
            os.register_at_fork = _register  # type: ignore[assignment] # takes the same
        try:
            yield
        finally:
            if _REGISTER is not None:
                os.register_at_fork = _REGISTER


def _register(**hooks: Callable[[], object]) -> None:
    if "before" in hooks:
        _NEW_HOOKS.append(hooks["before"])
    os_register: Any = _REGISTER
    os_register(**hooks)


def _before_fork() -> None:
    known = len(_NEW_HOOKS)
    _FORKING.has_lock = IMPORTING[0].acquire(timeout=_LONGEST_IMPORT_SECONDS)
    for hook in _NEW_HOOKS[known:]:
        hook()


def _after_fork_in_parent() -> None:
    if _FORKING.has_lock:
        _FORKING.has_lock = False
        IMPORTING[0].release()


def _after_fork_in_child() -> None:
    IMPORTING[0] = threading.Lock()
    if _REGISTER is not None:
        os.register_at_fork = _REGISTER
    for stream in tuple(getattr(sys.modules.get("logcenter_sdk.transports.deadline"), "OPEN", ())):
        with suppress(Exception):
            stream.close()  # this copy only: the parent's connection stays
    for worker in tuple(_WORKERS):
        worker.forget()


atexit.register(_finish_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
