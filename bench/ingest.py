"""Figure 1: reports acknowledged after their commit, one process on SQLite, beside a no-op on the same server.

Per cell the no-op and a new collector take turns under the same load. ``python bench/ingest.py [--quick]``.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Final

from attrs import frozen

import machine
from databases import sqlite
from load import Load, Result, exactness, find_wrk, write_script
from processes import Usage
from reports import MIXES, SIZES, mix
from servers import PROJECT, Server, collector, noop, stored
from tables import Table

WANTED: Final = {"hot": 1.2, "Zipf": 1.2, "distinct": 0.7}
WANTED_P99_MS: Final = 50
WANTED_AT: Final = 64

COLUMNS: Final = (
    "size", "conns", "mix     ", "no-op/s", "reports/s", "ratio", "p50 ms", "p99 ms", "max ms",
    "no-op µs", "report µs", "wrk cores", "foreign", "stored - acknowledged",
)  # fmt: skip


@frozen
class Turn:
    """One side under load for a few seconds."""

    result: Result
    server_seconds: float
    foreign_cores: float

    @property
    def micros(self) -> float:
        """CPU that the server takes for one request."""
        return self.server_seconds / max(self.result.requests, 1) * 1e6


@frozen
class Cell:
    """Both sides of one ratio, turn by turn, and what was stored in the end."""

    size: str
    connections: int
    mix: str
    noops: tuple[Turn, ...]
    ours: tuple[Turn, ...]
    warm_up: Result
    stored: int

    @property
    def ratio(self) -> float:
        """Our rate as a part of the no-op's."""
        return rate(self.ours) / rate(self.noops)

    @property
    def p99_ms(self) -> float:
        """The worst of our turns."""
        return max(turn.result.p99_ms for turn in self.ours)

    def cells(self) -> tuple[object, ...]:
        """Return the row of the table."""
        both = (*self.noops, *self.ours)
        cores = fmean(turn.result.generator_seconds / turn.result.seconds for turn in self.ours)
        return (
            self.size, self.connections, self.mix, rate(self.noops), rate(self.ours), self.ratio,
            fmean(turn.result.p50_ms for turn in self.ours), self.p99_ms,
            max(turn.result.max_ms for turn in self.ours), fmean(turn.micros for turn in self.noops),
            fmean(turn.micros for turn in self.ours), cores, fmean(turn.foreign_cores for turn in both),
            exactness(self.stored, [self.warm_up, *(turn.result for turn in self.ours)], self.connections),
        )  # fmt: skip


def rate(turns: tuple[Turn, ...]) -> float:
    """Return the acknowledged reports a second over all turns."""
    return sum(turn.result.acknowledged for turn in turns) / sum(turn.result.seconds for turn in turns)


def turn(server: Server, script: Path, connections: int, seconds: int) -> Turn:
    """Put a server under load."""
    usage = Usage(server=[server.pid])
    result = Load(server.port, script, connections, seconds).result()
    spent = usage.stop()
    return Turn(result, spent["server"], spent["foreign"])


def measure(idle: Server, size: str, connections: int, name: str, seconds: int) -> Cell:
    """Measure one cell: the no-op and a collector with an empty database take two turns each."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder, sqlite() as database:
        chosen = mix(name, SIZES[size], PROJECT)
        scripts = [write_script(chosen, Path(folder)) for _ in range(3)]  # event ids of its own for each run
        with collector(database.url) as ours:
            warm_up = Load(ours.port, scripts[0], connections, 1).result()
            noops, own = [], []
            for script in scripts[1:]:
                noops.append(turn(idle, script, connections, seconds))
                own.append(turn(ours, script, connections, seconds))
            return Cell(size, connections, name, tuple(noops), tuple(own), warm_up, stored(ours).occurrences)


def main() -> None:
    """Measure every cell and say how far the figure is from what is wanted."""
    options = arguments()
    find_wrk()
    print(machine.describe())
    table, cells = Table(*COLUMNS), []
    with noop() as idle:
        for size in options.sizes:
            for connections in options.connections:
                for name in options.mixes:
                    cells.append(measure(idle, size, connections, name, options.seconds))
                    table.row(*cells[-1].cells())
    print()
    for cell in cells:
        if cell.connections == WANTED_AT:
            print(
                f"{cell.size}, {cell.mix}: {cell.ratio:.2f} times the no-op (wanted ≥ {WANTED[cell.mix]}), "
                f"p99 {cell.p99_ms:.1f} ms (wanted ≤ {WANTED_P99_MS})"
            )


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="64 connections only, turns of 2 s")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=[*SIZES])
    parser.add_argument("--connections", nargs="+", type=int)
    parser.add_argument("--mixes", nargs="+", choices=MIXES, default=[*MIXES])
    parser.add_argument("--seconds", type=int, help="length of a turn, of which each side has two; 5 by default")
    options = parser.parse_args()
    options.connections = options.connections or ([64] if options.quick else [1, 16, 64])
    options.seconds = options.seconds or (2 if options.quick else 5)
    return options


if __name__ == "__main__":
    main()
