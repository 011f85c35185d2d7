"""A process that captures some errors and ends. ``leave.py SDK URL COUNT``."""

import sys

from errors import fail, kinds
from saying import adapter, say


def main() -> None:
    """Capture, and say when the last line is reached."""
    sdk = adapter(sys.argv[1])
    sdk.init(sys.argv[2])
    for number, kind in enumerate(kinds(int(sys.argv[3]))):
        try:
            fail(kind, number)
        except kind as error:
            sdk.capture(error)
    say("last line")


if __name__ == "__main__":
    main()
