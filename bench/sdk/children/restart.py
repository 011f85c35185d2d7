"""The next process of the same application: it captures one error and lives a moment. ``restart.py SDK URL SECONDS``.

Its error brings to work whatever an SDK does with what an earlier process left behind.
"""

import sys
import time

from errors import fail
from saying import adapter, say, stats


class RestartedError(Exception):
    """What the next process captures."""


def main() -> None:
    """Capture one error and wait."""
    sdk = adapter(sys.argv[1])
    sdk.init(sys.argv[2])
    try:
        fail(RestartedError, 10_000_000)
    except RestartedError as error:
        sdk.capture(error)
    time.sleep(float(sys.argv[3]))
    sdk.flush(5)
    say("end", stats=stats(sdk))


if __name__ == "__main__":
    main()
