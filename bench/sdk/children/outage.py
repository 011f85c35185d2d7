"""Errors at a steady rate, whatever the collector does. ``outage.py SDK URL PER_SECOND SECONDS AFTER``."""

import atexit
import sys
import time

from errors import fail, kinds
from saying import adapter, say, stats

KINDS = 20


def main() -> None:
    """Capture, say when and how long each took, then wait for a recovery and end."""
    sdk, rate, seconds, after = adapter(sys.argv[1]), *map(float, sys.argv[3:6])
    atexit.register(lambda: say("exited", stats=stats(sdk)))
    sdk.init(sys.argv[2])
    types = kinds(KINDS)
    captured = dict.fromkeys((kind.__name__ for kind in types), 0)
    captures: list[tuple[float, float]] = []
    begin = time.monotonic()
    say("begin")
    while (now := time.monotonic()) - begin < seconds:
        number = len(captures)
        kind = types[number % KINDS]
        captures.append((now - begin, timed(sdk.capture, kind, number)))
        captured[kind.__name__] += 1
        time.sleep(max(begin + len(captures) / rate - time.monotonic(), 0))
    say("end", captured=captured, captures=captures)
    time.sleep(after)


def timed(capture: object, kind: type[Exception], number: int) -> float:
    """Return how long a capture kept the application waiting."""
    try:
        fail(kind, number)
    except kind as error:
        begin = time.perf_counter()
        capture(error)  # type: ignore[operator]  # a function of an adapter
        return time.perf_counter() - begin
    raise AssertionError


if __name__ == "__main__":
    main()
