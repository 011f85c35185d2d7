"""How much CPU a capture takes in the thread that calls it. ``capture.py SDK URL LOCALS COUNT``."""

import sys
import time
from typing import Any

from errors import fail, kinds
from saying import adapter, say

WARM_UP = 20
PAUSE_SECONDS = 0.005


def main() -> None:
    """Capture errors that are all different, with pauses; then equal ones without."""
    name, url, with_locals, count = sys.argv[1], sys.argv[2], sys.argv[3] == "on", int(sys.argv[4])
    sdk = adapter(name)
    try:
        sdk.init(url, capture_locals=with_locals)
    except NotImplementedError:
        say("unsupported")
        return
    types = kinds(count + WARM_UP + 1)
    begin = time.perf_counter()
    cold = captured(sdk, types[0], 0)
    waited = time.perf_counter() - begin
    first = [cost(sdk, types[number], number, PAUSE_SECONDS) for number in range(1, count + WARM_UP + 1)]
    sdk.flush(10)
    repeats = [captured(sdk, types[0], number) for number in range(100_000, 100_000 + count)]
    say("result", cold=cold, cold_wall=waited, first=first[WARM_UP:], repeats=repeats)
    sdk.flush(5)


def cost(sdk: Any, kind: type[Exception], number: int, pause: float) -> float:  # noqa: ANN401 - an adapter
    """Give the worker and the server a moment, then capture: their queues are as good as empty."""
    time.sleep(pause)
    return captured(sdk, kind, number)


def captured(sdk: Any, kind: type[Exception], number: int) -> float:  # noqa: ANN401 - an adapter
    """Return the CPU seconds that this thread spent in the SDK."""
    capture = sdk.capture
    try:
        fail(kind, number)
    except kind as error:
        begin = time.thread_time()
        capture(error)
        return time.thread_time() - begin
    raise AssertionError


if __name__ == "__main__":
    main()
