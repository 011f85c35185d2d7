"""A day of errors in some minutes. ``leak.py SDK URL COUNT SECONDS SAMPLES``."""

import sys
import time
from pathlib import Path

from errors import fail, kinds
from saying import adapter, say, stats

KINDS = 200


def main() -> None:
    """Capture, and say from time to time how much memory there is."""
    sdk, (count, seconds, samples) = adapter(sys.argv[1]), map(int, sys.argv[3:6])
    sdk.init(sys.argv[2])
    types, begin = kinds(KINDS), time.monotonic()
    said = begin
    say("sample", captured=0, seconds=0, mib=resident_mib())
    for number in range(1, count + 1):
        kind = types[number % KINDS]
        try:
            fail(kind, number)
        except kind as error:
            sdk.capture(error)
        now = time.monotonic()
        if number % (count // samples) == 0 or now - said > seconds / samples:
            said = now
            say("sample", captured=number, seconds=now - begin, mib=resident_mib())
        if now - begin > seconds:
            break
    sdk.flush(10)
    say("end", mib=resident_mib(), stats=stats(sdk))


def resident_mib() -> float:
    """Return the resident memory of this process."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1_024


if __name__ == "__main__":
    main()
