"""What doors cost: a plain collector beside one that is closed, with keys demanded and limits set, in one run.

Both are up all the time and take turns under the same load. The closed one demands a key, knows a hundred others, and
holds the project and its key to rates and a quota that are never reached; another project has scrubbing rules.
``python bench/doors.py [--quick]``.
"""

import argparse
import secrets
import tempfile
from pathlib import Path
from statistics import fmean, median
from typing import Any, Final

from attrs import define, field

import machine
from databases import sqlite
from ingest import Turn, rate, turn
from load import exactness, find_wrk, write_script
from reports import MIXES, SIZES, mix
from servers import PROJECT, Server, collector, stored
from tables import Table

WANTED: Final = 0.9
CONNECTIONS: Final = 64
KEYS: Final = 100
NEVER_REACHED: Final = 1_000_000_000

COLUMNS: Final = (
    "mix     ",
    "side  ",
    "reports/s",
    "p50 ms",
    "p99 ms",
    "report µs",
    "foreign",
    "stored - acknowledged",
)


@define
class Side:
    """One of the two collectors, and its turns so far."""

    name: str
    server: Server
    key: str = ""
    turns: list[Turn] = field(factory=list)

    def take(self, mix_name: str, folder: Path, seconds: int) -> None:
        """Take a turn."""
        script = write_script(mix(mix_name, SIZES["2 kB"], PROJECT), folder, key=self.key)
        self.turns.append(turn(self.server, script, CONNECTIONS, seconds))

    def cells(self, mix_name: str) -> tuple[object, ...]:
        """Return the row of the table; the first turn only warmed up."""
        counted = tuple(self.turns[1:])
        return (
            mix_name, self.name, rate(counted), fmean(turn.result.p50_ms for turn in counted),
            max(turn.result.p99_ms for turn in counted), fmean(turn.micros for turn in counted),
            fmean(turn.foreign_cores for turn in counted),
            exactness(stored(self.server).occurrences, [turn.result for turn in self.turns], CONNECTIONS),
        )  # fmt: skip


def close(server: Server, token: str) -> str:
    """Set the doors of a collector as somebody would who uses all of them, and return the key of the project."""
    server.client.headers["Authorization"] = f"Bearer {token}"
    limits: dict[str, Any] = {"requires_key": True, "per_minute": NEVER_REACHED, "per_day": NEVER_REACHED}
    _ask(server, "PUT", "doors", limits)
    _ask(server, "PUT", "doors", {"scrub_names": ["password"], "scrub_patterns": [r"\d{16}"]}, project="another")
    for number in range(KEYS):
        _ask(server, "POST", "keys", {"name": f"key {number}"}, project=f"project_{number}")
    return str(_ask(server, "POST", "keys", {"name": "the one", "per_minute": NEVER_REACHED})["key"])


def _ask(server: Server, method: str, what: str, body: dict[str, Any], project: str = PROJECT) -> dict[str, Any]:
    response = server.client.request(method, f"/api/v1/projects/{project}/{what}", json=body)
    return dict(response.raise_for_status().json())


def measure(mix_name: str, pairs: int, seconds: int, table: Table) -> list[tuple[float, float]]:
    """Measure a mix, and return of each pair of turns how doors are beside plain: in reports, and for equal CPU."""
    token = secrets.token_hex(32)
    with (
        tempfile.TemporaryDirectory(prefix="logcenter-bench-") as scripts,
        sqlite() as one,
        sqlite() as other,
        collector(one.url) as open_one,
        collector(other.url, "--admin-token", token) as closed_one,
    ):
        plain, doors = Side("plain", open_one), Side("doors", closed_one, close(closed_one, token))
        for number in range(pairs + 1):
            for side in (plain, doors) if number % 2 else (doors, plain):
                side.take(mix_name, Path(scripts), 1 if number == 0 else seconds)
        for side in (plain, doors):
            table.row(*side.cells(mix_name))
        turns = zip(plain.turns[1:], doors.turns[1:], strict=True)
        return [(rate((ours,)) / rate((theirs,)), theirs.micros / ours.micros) for theirs, ours in turns]


def main() -> None:
    """Measure every mix and say how far the figure is from what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="4 pairs of turns of 2 s")
    parser.add_argument("--mixes", nargs="+", choices=MIXES, default=["hot", "distinct"])
    parser.add_argument("--pairs", type=int, help="pairs of turns; 8 by default")
    parser.add_argument("--seconds", type=int, help="length of a turn; 5 by default")
    options = parser.parse_args()
    options.pairs = options.pairs or (4 if options.quick else 8)
    options.seconds = options.seconds or (2 if options.quick else 5)
    find_wrk()
    print(machine.describe())
    table, found = Table(*COLUMNS), {}
    for name in options.mixes:
        found[name] = measure(name, options.pairs, options.seconds, table)
    print()
    for name, pairs in found.items():
        by_time, by_cpu = (median(ratios) for ratios in zip(*pairs, strict=True))
        listed = ", ".join(f"{ratio:.2f}" for ratio, _ in pairs)
        print(
            f"2 kB, {name}: {by_time:.2f} times plain (wanted ≥ {WANTED}), for equal CPU {by_cpu:.2f}; pairs: {listed}"
        )


if __name__ == "__main__":
    main()
