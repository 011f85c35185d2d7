"""Run a command as if nobody watched: its output passes through, its exit status is kept. Shell."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import IO, Final

from logcenter_ci.excerpt import Excerpt

_CHUNK: Final = 64 * 1024
_NOT_EXECUTABLE: Final = 126
_NOT_FOUND: Final = 127
_SIGNAL_BASE: Final = 128


def run(command: Sequence[str], excerpt: Excerpt) -> int:
    """Run ``command`` and feed its output to ``excerpt``; return the exit status that a shell would report.

    That is the command's own, 128 + n for signal n, 127 for a command that isn't there, 126 for one that can't run.
    """
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our purpose
    except OSError as error:
        return _not_started(command[0], error, excerpt)
    with _forwarded_signals(process):
        pumps = _start_pumps(process, excerpt)
        code = process.wait()
        for pump in pumps:
            pump.finish()
    return code if code >= 0 else _SIGNAL_BASE - code


def _not_started(name: str, error: OSError, excerpt: Excerpt) -> int:
    line = f"logcenter-ci: {name}: {error.strerror}\n"
    sys.stderr.write(line)
    excerpt.feed(line.encode("utf-8", "replace"))
    return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE


class _Pump(threading.Thread):
    """Carries one stream of the command to ours, unchanged."""

    def __init__(self, source: IO[bytes], target: int, excerpt: Excerpt, lock: threading.Lock) -> None:
        super().__init__(daemon=True)
        self._source, self._target = source, target
        self._excerpt, self._lock = excerpt, lock
        self._waiting = False

    def run(self) -> None:
        # Where nobody reads our output any more, the command shall learn it as it would without us: its pipe closes.
        with self._source, contextlib.suppress(OSError):
            while chunk := self._next():
                with self._lock:
                    self._excerpt.feed(chunk)
                _write_all(self._target, chunk)

    def _next(self) -> bytes:
        self._waiting = True
        chunk = os.read(self._source.fileno(), _CHUNK)
        self._waiting = False
        return chunk

    def finish(self) -> None:
        """Wait until all output is through, but not for a process in the background that keeps the pipe open."""
        self.join(0.2)
        while self.is_alive() and not self._waiting:
            self.join(0.2)


def _start_pumps(process: subprocess.Popen[bytes], excerpt: Excerpt) -> list[_Pump]:
    assert process.stdout is not None
    assert process.stderr is not None
    sys.stdout.flush()
    sys.stderr.flush()
    lock = threading.Lock()
    pumps = [_Pump(process.stdout, 1, excerpt, lock), _Pump(process.stderr, 2, excerpt, lock)]
    for pump in pumps:
        pump.start()
    return pumps


def _write_all(target: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(target, rest) :]


@contextlib.contextmanager
def _forwarded_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand signals on to the command and outlive them, so that its exit status stays the one that counts."""

    def forward(number: int, _frame: FrameType | None) -> None:
        # Ctrl-C in a terminal already reaches the command, which shares our process group.
        if number != signal.SIGINT or not os.isatty(0):
            process.send_signal(number)

    previous = {number: signal.signal(number, forward) for number in _forwardable()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _forwardable() -> tuple[signal.Signals, ...]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    return tuple(signal.Signals[name] for name in names if name in signal.Signals.__members__)
