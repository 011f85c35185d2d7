"""The floor: how little a reporter in pure Python can do in the caller. It is for comparison and nothing else.

The caller walks the traceback and leaves the rest to the worker. There is no boundary around it, no scope, no mark, no
scrubbing, no retry and no spool: what fails to be sent is lost.
"""

import atexit
import time
from _thread import allocate_lock, start_new_thread
from collections import deque
from itertools import islice

PLAIN = (int, float, bool, type(None))
SEQUENCES = (list, tuple, set, frozenset)
LONGEST = 100
MOST = 10


class State:
    """What there is one of in a process."""

    address = ""
    wanted = False
    begun = False


WAITING: deque[tuple[str, str, float, list[tuple[object, int, dict[str, str] | None]]]] = deque()

WAKE, BUSY = allocate_lock(), allocate_lock()
"""Released: there is something to do. Locked: the worker is doing it."""


def init(url: str, *, capture_locals: bool = False) -> None:
    """Remember where to; the thread begins with the first error."""
    State.address, State.wanted = url.removeprefix("http://"), capture_locals
    atexit.register(flush, 2)


def capture(error: Exception) -> None:
    """Walk the traceback and hand it over."""
    frames: list[tuple[object, int, dict[str, str] | None]] = []
    step, wanted = error.__traceback__, State.wanted
    while step is not None:
        frame = step.tb_frame
        frames.append((frame.f_code, step.tb_lineno, bounded(frame.f_locals) if wanted else None))
        step = step.tb_next
    WAITING.append((type(error).__name__, str(error), time.time(), frames))
    if not State.begun:
        State.begun = True
        # What the worker needs it imports itself: the caller does not wait for that.
        start_new_thread(_work, ())
    if WAKE.locked():
        WAKE.release()


def bounded(values: dict[str, object]) -> dict[str, str]:
    """Return the locals of a frame as short texts."""
    return {name: brief(value, 2) for name, value in values.items()}


def brief(value: object, deeper: int) -> str:
    """Return a value as a short text, by its exact type: no code of the application runs."""
    kind = type(value)
    if kind is str:
        return repr(value[:LONGEST])  # type: ignore[index]  # it is a str
    if kind in PLAIN:
        return repr(value)
    if deeper and kind is dict:
        items = islice(value.items(), MOST)  # type: ignore[attr-defined]  # it is a dict
        return "{" + ", ".join([f"{brief(key, 0)}: {brief(item, deeper - 1)}" for key, item in items]) + "}"
    if deeper and kind in SEQUENCES:
        items = islice(value, MOST)  # type: ignore[call-overload]  # it is iterable
        return f"{kind.__name__}({', '.join([brief(item, deeper - 1) for item in items])})"
    return f"<{kind.__name__}>"


def flush(seconds: float) -> None:
    """Wait for what is on its way."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (WAITING or BUSY.locked()):
        time.sleep(0.005)


def close() -> None:
    """Flush."""
    flush(2)


def _work() -> None:
    from adapters.floor_worker import work

    work(State.address, WAITING, WAKE, BUSY)
