"""Figure 6: bytes on the disk for one occurrence, beside Bugsink's for the same facts in one run.

It is the growth of the database, taken after the collector has ended, so what its write-ahead log held is in it.
``python bench/disk.py [--quick]``.
"""

import argparse
from collections.abc import Mapping
from typing import Final

import machine
from against_bugsink import theirs
from batches import send
from bugsink import install, version
from databases import KINDS
from load import find_wrk
from reports import MIXES, SIZES, mix
from servers import PROJECT, collector, empty_bytes, stored
from tables import Table

WANTED_HOT: Final = 50
COLUMNS: Final = (
    "size", "mix     ", "database", "occurrences", "issues", "MB grown", "bytes each", "Bugsink's", "times less",
)  # fmt: skip


def ours(kind: str, size: int, name: str, reports: int) -> tuple[int, int, int]:
    """Return the occurrences and the issues after so many reports, and by how many bytes the database has grown."""
    with KINDS[kind]() as database:
        empty = empty_bytes(database)
        with collector(database.url) as server:
            send(server, mix(name, size, PROJECT).bodies(name), reports)
            count = stored(server)
        return count.occurrences, count.issues, database.size() - empty


def bugsinks(size: int, names: list[str], seconds: int) -> Mapping[str, float]:
    """Return Bugsink's bytes for one event of each mix."""
    find_wrk()
    commands = install()
    print(f"Against Bugsink {version(commands)}\n")
    return {name: theirs(commands, size, name, seconds).bytes_each for name in names}


def main() -> None:
    """Measure every mix on every database."""
    options = arguments()
    print(machine.describe())
    for size in options.sizes:
        their = bugsinks(SIZES[size], options.mixes, options.seconds) if options.seconds else {}
        table = Table(*COLUMNS)
        for name in options.mixes:
            for kind in options.databases:
                occurrences, issues, grown = ours(kind, SIZES[size], name, options.reports)
                each = grown / occurrences
                beside = (their[name], their[name] / each) if their else ("-", "-")
                table.row(size, name, kind, occurrences, issues, grown / 1e6, each, *beside)
        print()
    print(f"Wanted: {WANTED_HOT} times less for one hot error of 2 kB.")


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 reports of 2 kB, 3 s of load for Bugsink")
    parser.add_argument("--reports", type=int, help="reports of each mix; 100,000 by default")
    parser.add_argument("--sizes", nargs="+", choices=SIZES)
    parser.add_argument("--mixes", nargs="+", choices=MIXES, default=[*MIXES])
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--seconds", type=int, help="load for Bugsink; 10 by default, 0 leaves Bugsink out")
    options = parser.parse_args()
    options.reports = options.reports or (20_000 if options.quick else 100_000)
    options.sizes = options.sizes or (["2 kB"] if options.quick else [*SIZES])
    options.seconds = (3 if options.quick else 10) if options.seconds is None else options.seconds
    return options


if __name__ == "__main__":
    main()
