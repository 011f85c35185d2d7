"""A burst of errors as fast as possible, then a normal end. ``burst.py SDK URL KINDS COUNT SECONDS``."""

import atexit
import sys
import time

from errors import fail, kinds
from saying import adapter, say, stats


def main() -> None:
    """Capture so many errors of so many kinds, but stop when the time is over."""
    name, url, different, count, seconds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    sdk = adapter(name)
    # Registered before the SDK registers its own: what it says comes after all that the SDK does at exit.
    atexit.register(lambda: say("exited", stats=stats(sdk)))
    sdk.init(url)
    types = kinds(different)
    say("begin")
    until, cpu = time.monotonic() + seconds, 0.0
    captured = dict.fromkeys((kind.__name__ for kind in types), 0)
    for number in range(count):
        kind = types[number % different]
        try:
            fail(kind, number)
        except kind as error:
            before = time.thread_time()
            sdk.capture(error)
            cpu += time.thread_time() - before
        captured[kind.__name__] += 1
        if time.monotonic() > until:
            break
    say("end", cpu=cpu, captured=captured)


if __name__ == "__main__":
    main()
