"""Figure 3: one, two and four collectors on one PostgreSQL, beside one collector on SQLite, in one run.

The same 64 connections are shared out among the collectors. ``python bench/postgres.py [--quick]``.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from attrs import frozen

import machine
from databases import KINDS
from load import Load, Result, exactness, find_wrk, write_script
from processes import Usage
from reports import MIXES, SIZES, mix
from servers import PROJECT, Server, collector, stored
from tables import Table

CONNECTIONS: Final = 64
SIDES: Final = (("sqlite", 1), ("postgres", 1), ("postgres", 2), ("postgres", 4))

COLUMNS: Final = (
    "mix     ", "database", "collectors", "reports/s", "of SQLite", "of one", "p99 ms", "collector µs", "database µs",
    "sum µs", "of one's", "wrk cores", "foreign", "stored - acknowledged",
)  # fmt: skip


@frozen
class Side:
    """What some collectors did with one database."""

    results: tuple[Result, ...]
    collector_seconds: float
    database_seconds: float
    foreign: float
    exactness: str

    @property
    def reports(self) -> int:
        """All acknowledged ones."""
        return sum(result.acknowledged for result in self.results)

    @property
    def rate(self) -> float:
        """Reports a second, of all collectors together."""
        return sum(result.rate for result in self.results)

    @property
    def micros(self) -> float:
        """CPU for one report, of collectors and database."""
        return (self.collector_seconds + self.database_seconds) / max(self.reports, 1) * 1e6

    def row(self, lone_sqlite: "Side", lone: "Side") -> tuple[object, ...]:
        """Return the cells behind the side's name, beside one collector on SQLite and one on the same database."""
        each = 1e6 / max(self.reports, 1)
        generator = sum(result.generator_seconds / result.seconds for result in self.results)
        return (
            self.rate, self.rate / lone_sqlite.rate, self.rate / lone.rate, max(each.p99_ms for each in self.results),
            self.collector_seconds * each, self.database_seconds * each, self.micros, self.micros / lone.micros,
            generator, self.foreign, self.exactness,
        )  # fmt: skip


def measure(kind: str, collectors: int, size: int, name: str, seconds: int) -> Side:
    """Put collectors with an empty database under load."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="logcenter-bench-")))
        database = stack.enter_context(KINDS[kind]())
        servers = [stack.enter_context(collector(database.url)) for _ in range(collectors)]
        chosen = mix(name, size, PROJECT)
        warm_up = load(servers, [write_script(chosen, folder) for _ in servers], 1)
        scripts = [write_script(chosen, folder) for _ in servers]
        usage = Usage(collectors=[server.pid for server in servers], database=database.pids)
        results = load(servers, scripts, seconds)
        spent = usage.stop()
        exact = exactness(stored(servers[0]).occurrences, [*warm_up, *results], CONNECTIONS // collectors)
        return Side(results, spent["collectors"], spent["database"], spent["foreign"], exact)


def load(servers: list[Server], scripts: list[Path], seconds: int) -> tuple[Result, ...]:
    """Run one wrk against each server, all at the same time."""
    connections = CONNECTIONS // len(servers)
    loads = [Load(server.port, script, connections, seconds) for server, script in zip(servers, scripts, strict=True)]
    return tuple(running.result() for running in loads)


def main() -> None:
    """Measure every side with every mix."""
    options = arguments()
    find_wrk()
    print(machine.describe())
    table, rates = Table(*COLUMNS), {}
    for name in options.mixes:
        sides: dict[tuple[str, int], Side] = {}
        for kind, collectors in SIDES:
            side = measure(kind, collectors, SIZES[options.size], name, options.seconds)
            sides[kind, collectors] = side
            table.row(name, kind, collectors, *side.row(sides["sqlite", 1], sides[kind, 1]))
        rates[name] = sides["postgres", 1].rate
    print(
        "\nWanted: one collector on PostgreSQL ≥ 0.8 of SQLite; four of them ≥ 0.9 of one, with ≤ 1.2 of one's CPU for "
        "a report; the hot error not slower than Zipf."
    )
    if {"hot", "Zipf"} <= rates.keys():
        print(f"Hot error on PostgreSQL: {rates['hot'] / rates['Zipf']:.2f} of Zipf.")


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 s of load for each row")
    parser.add_argument("--size", choices=SIZES, default="2 kB")
    parser.add_argument("--mixes", nargs="+", choices=MIXES, default=["hot", "Zipf"])
    parser.add_argument("--seconds", type=int, help="length of the load; 10 by default")
    options = parser.parse_args()
    options.seconds = options.seconds or (3 if options.quick else 10)
    return options


if __name__ == "__main__":
    main()
