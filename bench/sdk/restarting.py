"""The next processes of an application: they may send what the one before them left behind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from options import Options
from receiver import Receiver
from running import run
from tally import Tally, tally

RESTARTED: Final = "RestartedError"


def after_restart(options: Options, sdk: str, server: Receiver, captured: Mapping[str, int], home: Path) -> Tally:
    """Return the counts of what was captured, after a next process where something is missing yet.

    Each SDK gets that chance, and another one as long as it brings something. The error that the next process captures
    itself must arrive, or the figure says nothing; it is not among the counts.
    """
    counts = tally(captured, server.arrivals())
    missing = counts.lost + 1
    while 0 < counts.lost < missing:
        missing = counts.lost
        run(options.interpreters[sdk], "restart", sdk, server.url, options.pick(0.3, 3), seconds=30, home=home)
        arrivals = server.arrivals()
        if not any(arrival.kind == RESTARTED for arrival in arrivals):
            raise RuntimeError(f"{sdk} does not even report the error of a second process")
        counts = tally(captured, [arrival for arrival in arrivals if arrival.kind != RESTARTED])
    return counts
