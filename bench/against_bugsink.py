"""Figure 2: processed events against Bugsink 2.6, with the same facts in bodies of the same size, in one run.

Both are put under load for the same time; Bugsink, which answers first and processes later, gets the time that it needs
until its queue is empty. ``python bench/against_bugsink.py [--quick]``.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

from attrs import frozen

import machine
from bugsink import Bugsink, bugsink, database_bytes, install, version
from databases import sqlite
from load import Load, find_wrk, write_script
from processes import Usage
from reports import MIXES, SIZES, mix
from sentry_events import envelope
from servers import PROJECT, collector, empty_bytes, stored
from tables import Table

WANTED_RATE: Final = 200
WANTED_CPU: Final = 100
CONNECTIONS: Final = 64
WARM_UP_SECONDS: Final = 5
DRAIN_SECONDS: Final = 600

COLUMNS: Final = (
    "size", "mix     ", "accepted/s", "processed/s", "ours/s", "times", "CPU µs", "our CPU µs", "times less",
    "bytes", "our bytes", "times fewer", "accepted", "processed", "ours", "foreign",
)  # fmt: skip


@frozen
class Side:
    """What one of both did."""

    accepted: int
    accepted_rate: float
    events: int
    """Processed ones."""
    seconds: float
    cpu_seconds: float
    bytes: float
    foreign: float

    @property
    def rate(self) -> float:
        """Processed events a second."""
        return self.events / self.seconds

    @property
    def micros(self) -> float:
        """CPU for one event, of all processes."""
        return self.cpu_seconds / max(self.events, 1) * 1e6

    @property
    def bytes_each(self) -> float:
        """Growth of the database for one event."""
        return self.bytes / max(self.events, 1)


def theirs(commands: Path, size: int, name: str, seconds: int) -> Side:
    """Measure Bugsink until its queue is empty."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder, bugsink(commands) as server:
        chosen = mix(name, size, PROJECT, envelope)
        scripts = [write_script(chosen, Path(folder), server.path) for _ in range(2)]
        Load(server.port, scripts[0], CONNECTIONS, WARM_UP_SECONDS).result()
        before, bytes_before = drained(server), database_bytes(server.folder)
        begin, usage = time.monotonic(), Usage(bugsink=server.pids)
        accepted = Load(server.port, scripts[1], CONNECTIONS, seconds).result()
        events = drained(server) - before
        took, spent = time.monotonic() - begin, usage.stop()
        grown = database_bytes(server.folder) - bytes_before
        return Side(accepted.acknowledged, accepted.rate, events, took, spent["bugsink"], grown, spent["foreign"])


def drained(server: Bugsink) -> int:
    """Return how many events are processed when none waits any more."""
    return server.wait_until_drained(DRAIN_SECONDS)


def ours(size: int, name: str, seconds: int) -> Side:
    """Measure a collector on SQLite; its answer comes after the commit, so nothing is left to wait for."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder, sqlite() as database:
        scripts = [write_script(mix(name, size, PROJECT), Path(folder)) for _ in range(2)]
        empty = empty_bytes(database)
        with collector(database.url) as server:
            Load(server.port, scripts[0], CONNECTIONS, 1).result()
            usage = Usage(collector=[server.pid])
            result = Load(server.port, scripts[1], CONNECTIONS, seconds).result()
            spent, count = usage.stop(), stored(server).occurrences
        grown = (database.size() - empty) * result.acknowledged / max(count, 1)  # without the warm-up's part
        cpu = spent["collector"]
        return Side(result.acknowledged, result.rate, result.acknowledged, result.seconds, cpu, grown, spent["foreign"])


def main() -> None:
    """Measure both sides of each cell."""
    options = arguments()
    find_wrk()
    commands = install()
    print(machine.describe())
    print(f"Against Bugsink {version(commands)}, {CONNECTIONS} connections, {options.seconds} s of load\n")
    table = Table(*COLUMNS)
    for size in options.sizes:
        for name in options.mixes:
            them, us = theirs(commands, SIZES[size], name, options.seconds), ours(SIZES[size], name, options.seconds)
            table.row(
                size, name, them.accepted_rate, them.rate, us.rate, us.rate / them.rate, them.micros, us.micros,
                them.micros / us.micros, them.bytes_each, us.bytes_each, them.bytes_each / us.bytes_each,
                them.accepted, them.events, us.events, max(them.foreign, us.foreign),
            )  # fmt: skip
    print(f"\nWanted: {WANTED_RATE} times as many processed a second, {WANTED_CPU} times less CPU for each.")


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 kB only, 3 s of load")
    parser.add_argument("--sizes", nargs="+", choices=SIZES)
    parser.add_argument("--mixes", nargs="+", choices=MIXES, default=[*MIXES])
    parser.add_argument("--seconds", type=int, help="length of the load; 15 by default")
    options = parser.parse_args()
    options.sizes = options.sizes or (["2 kB"] if options.quick else [*SIZES])
    options.seconds = options.seconds or (3 if options.quick else 15)
    return options


if __name__ == "__main__":
    main()
