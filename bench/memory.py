"""Figure 5: the resident memory of a collector on its way to a million reports.

Nine tenths are the Zipf mix, a tenth is all distinct; most come in batches, some from 64 connections at once before
each sample. ``python bench/memory.py [--quick]``.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

import machine
from batches import send
from databases import KINDS
from load import Load, find_wrk, write_script
from processes import peak_mib, resident_mib
from reports import SIZES, mix
from servers import PROJECT, collector, stored
from tables import Table

WANTED_MIB: Final = 150
CONNECTIONS: Final = 64
SAMPLES: Final = 20
DISTINCT: Final = 10
"""Of so many reports one is distinct."""


def main() -> None:
    """Print the curve."""
    options = arguments()
    find_wrk()
    print(machine.describe())
    table, curve = Table("reports", "RSS MiB", "peak MiB", "seconds"), []
    step = options.reports // SAMPLES
    with (
        tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder,
        KINDS[options.database]() as database,
        collector(database.url) as server,
    ):
        zipf, distinct = (mix(name, SIZES[options.size], PROJECT) for name in ("Zipf", "distinct"))
        bodies = [zipf.bodies("Zipf"), distinct.bodies("distinct")]
        reports, begin = 0, time.monotonic()
        table.row(0, resident_mib(server.pid), peak_mib(server.pid), 0.0)
        for _ in range(SAMPLES):
            send(server, bodies[0], step - step // DISTINCT)
            send(server, bodies[1], step // DISTINCT)
            storm = Load(server.port, write_script(zipf, Path(folder)), CONNECTIONS, 1).result()
            reports += step + storm.acknowledged
            curve.append(resident_mib(server.pid))
            table.row(reports, curve[-1], peak_mib(server.pid), time.monotonic() - begin)
        count = stored(server)
        print(f"\n{count.issues:,} issues with {count.occurrences:,} occurrences are stored.")
        print(f"After reading them all through the API: {resident_mib(server.pid):.1f} MiB.")
    growth = curve[-1] - curve[SAMPLES // 4 - 1]
    print(f"From the first quarter to the end: {growth:+.1f} MiB (wanted: flat).")
    print(f"At the end: {curve[-1]:.1f} MiB (wanted: at most {WANTED_MIB}).")


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 reports")
    parser.add_argument("--reports", type=int, help="how many come in batches; 1,000,000 by default")
    parser.add_argument("--size", choices=SIZES, default="2 kB")
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    options = parser.parse_args()
    options.reports = options.reports or (100_000 if options.quick else 1_000_000)
    return options


if __name__ == "__main__":
    main()
