"""The one thread that delivers: started with the first report, gone with a fork, heard out at exit.

Handing over takes no lock and imports nothing: it may happen inside ``__del__``, in a signal handler, or while another
thread holds any lock there is. ``SimpleQueue.put`` is made for that.
"""

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

from logcenter_sdk.boundary import VOICE, say

Delivery = Callable[["Worker"], None]
"""Delivers one report. It asks the worker how long it may take, and must not raise."""

MOST_WAITING: Final = 1_000
"""How many reports wait at most; what comes on top is dropped and counted."""
EXIT_SECONDS: Final = 2.0
"""How long the end of a process is held up at most."""


class Worker:
    """Runs deliveries one after the other, in a daemon thread of its own."""

    def __init__(self, prepare: Callable[[], None] = lambda: None) -> None:
        """Make a worker; ``prepare`` imports what deliveries need, before the clock of ``finish`` starts."""
        self._prepare = prepare
        self.dropped = 0
        self._reset()
        atexit.register(self.finish)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        """Begin anew. A child process inherits no thread, and what was waiting is the parent's to send."""
        self._waiting: SimpleQueue[Delivery] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._ending = threading.Event()
        self._deadline = float("inf")

    def submit(self, delivery: Delivery) -> bool:
        """Hand over a delivery and return at once; False when it had to be dropped.

        At the end of the interpreter, where no thread can be started any more, the calling thread delivers.
        """
        if self._waiting.qsize() >= MOST_WAITING:
            self.dropped += 1
            say(f"{MOST_WAITING} reports are waiting already: dropped one ({self.dropped} so far)")
            return False
        self._waiting.put(delivery)
        if self._ending.is_set() or not self._start():
            self._end_within(EXIT_SECONDS)
            self._deliver_here()
        return True

    def flush(self, seconds: float) -> bool:
        """Wait until everything handed over so far was delivered or given up; False when the time is over before."""
        if threading.current_thread() is self._thread:
            return False
        if self._thread is None and self._waiting.empty():
            return True
        done = threading.Event()
        self._waiting.put(lambda _worker: done.set())
        if not self._start():
            self._end_within(seconds)
            self._deliver_here()
        return done.wait(min(max(seconds, 0.0), threading.TIMEOUT_MAX))

    def finish(self, seconds: float = EXIT_SECONDS) -> None:
        """Deliver what is waiting, within ``seconds``: each report gets one more attempt, and none a pause.

        The seconds are the collector's: what a short-lived process has still to import is not taken off them.
        """
        if self._thread is not None or not self._waiting.empty():
            with suppress(Exception):
                self._prepare()
        self._end_within(seconds)
        self.flush(self.remaining(seconds))

    def remaining(self, seconds: float) -> float:
        """Return how much of ``seconds`` an operation may take now."""
        return max(min(seconds, self._deadline - time.monotonic()), 0.0)

    def pause(self, seconds: float) -> bool:
        """Wait before another attempt; False when the process is ending, which is no time for one."""
        return not self._ending.wait(seconds)

    def _end_within(self, seconds: float) -> None:
        self._deadline = min(self._deadline, time.monotonic() + seconds)
        self._ending.set()

    def _start(self) -> bool:
        """Return whether the thread runs; start it where it does not."""
        if self._thread is not None:
            return True
        if not self._starting.acquire(blocking=False):
            return True  # another thread, or this one further up its stack, is at it
        try:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="logcenter", daemon=True)
                thread.start()
                self._thread = thread
                self._hear_out_in_multiprocessing()
        except RuntimeError:
            return False
        finally:
            self._starting.release()
        return True

    def _hear_out_in_multiprocessing(self) -> None:
        """Children of ``multiprocessing`` end without atexit, but run these finalizers."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.Finalize(None, self.finish, exitpriority=-100)

    def _run(self) -> None:
        VOICE.inside = True
        while True:
            self._waiting.get()(self)

    def _deliver_here(self) -> None:
        while self.remaining(1.0) > 0:
            try:
                delivery = self._waiting.get_nowait()
            except Empty:
                return
            delivery(self)
