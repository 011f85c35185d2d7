"""Every page of the dashboard at 100,000 issues that occurred 12 million times until today, on both databases.

``python bench/pages.py [--quick] [--folder CACHE]``. A real collector is asked over HTTP by somebody who is signed in,
one page at a time, on a connection that stays: a time runs from sending until the last byte is here. Nothing is
subtracted, so it is the server's time and a little more. Pages are asked for with an idle collector, then with reports
arriving, and each of them as the very first after a start. A filled database stays for the rest of the day.
"""

import argparse
import http.client
import multiprocessing
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import httpx
from attrs import evolve, frozen

import machine
from dashboard import Browser, Weights, invited, weights
from growth import KINDS, Filled, deep
from growth_rows import BUSIEST
from logcenter_collector.domain.query_language import parse
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.ui.search import BASE
from page_reports import PROJECT, largest, never_seen, rich
from page_visits import BULK, DEEP, DEEP_PAGES, OTHERS, OVERVIEWS, issue_pages, listed, searches
from processes import Usage, cpu_seconds
from reports import SIZES, mix
from servers import Server, collector
from tables import Table

WANTED_MS: Final = 50
WANTED_HTML: Final = 60_000
WANTED_SCRIPT: Final = 40_000
WARM: Final = 5
RATE: Final = 200
"""Reports a second that arrive beside."""
NEW_ONES: Final = 20
"""One in so many of them is a new issue."""
RICH: Final = 20
LIVE_TIMES: Final = 15
REPORT: Final = "/api/v1/logs/report"
PEOPLE: Final = 20


@frozen(kw_only=True)
class Asked:
    """How long a page took in ms, and what it weighed at most."""

    times: Sequence[float]
    cpu: float
    weights: Weights | None
    slowest: str

    @property
    def p95(self) -> float:
        """What one in twenty takes longer than."""
        return quantiles(self.times, n=20)[-1]


@frozen(kw_only=True)
class Setting:
    """A collector on a database that has everything that pages show, ready to be asked."""

    server: Server
    filled: Filled
    pages: Mapping[str, list[str]]
    cookies: str
    limited: str
    """The cookie of somebody who sees a single project."""


def main() -> None:
    """Ask each database for each page, and say which of them take too long."""
    options = arguments()
    print(machine.describe())
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    broken: list[str] = []
    for database in options.databases:
        with KINDS[database](folder_of(options.folder, today), options.issues, today) as filled:
            broken += ask_database(database, filled, options)
    print(
        f"\nWanted: p95 within {WANTED_MS} ms; {WANTED_HTML:,} bytes of HTML, {WANTED_SCRIPT:,} of scripts after gzip."
    )
    print("\n".join(broken) or "Every page keeps within that.")


def folder_of(cache: Path, today: datetime) -> Path:
    """Return where the databases of a day are, and forget those of other days: their bars have become empty."""
    folder = cache / f"until-{today:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    for other in cache.glob("until-*"):
        if other != folder:
            shutil.rmtree(other)
    return folder


def ask_database(database: str, filled: Filled, options: argparse.Namespace) -> list[str]:
    """Print the figures of one database, and return what breaks a limit."""
    token, url = secrets.token_hex(32), filled.copy("pages")
    with closing(SqlStore(url)) as store:
        store.rank_rising(datetime.now(UTC))
        with running(url, token) as server:
            setting = prepare(server, filled, store, options.issues)
    broken = []
    if options.cold:
        print_cold(database, url, token, setting, options)
    with running(url, token) as server:
        setting = evolve(setting, server=server)
        broken += print_warm(f"{database}", setting, options)
        print_live(database, setting)
        if not options.no_reports:
            with reports_arriving(server, token):
                broken += print_warm(f"{database}, {RATE} reports/s", setting, options)
                print_live(f"{database}, {RATE} reports/s", setting)
    return broken


@contextmanager
def running(url: str, token: str) -> Iterator[Server]:
    """Run a collector in which people sign in."""
    with collector(url, "--admin-token", token) as server:
        server.client.headers["Authorization"] = f"Bearer {token}"
        yield server


def prepare(server: Server, filled: Filled, store: SqlStore, issues: int) -> Setting:
    """Bring what the year does not have: people, large reports, comments, a long history."""
    for number in range(PEOPLE):
        person = {"name": f"person-{number}", "role": "member"}
        server.client.post("/api/v1/people", json=person).raise_for_status()
    full = [_reported(server, rich(number)) for number in range(RICH)]
    most = _reported(server, largest(0))
    for number in range(30):
        text = {"text": f"{number}: seen again after the deployment of the cart, with other prices. " * 3}
        server.client.post(f"/api/v1/issues/{full[0]}/comments", json=text).raise_for_status()
    while store.index_search():
        pass
    kept = {issue: [line.id for line in store.kept(issue)] for issue in (BUSIEST, *full[:3])}
    pages = {
        **searches(),
        **leafed(store),
        **issue_pages(issues, kept, full, datetime.now(UTC)),
        "issue with as much as fits": [f"/issues/{most}"],
        **OVERVIEWS,
        **OTHERS,
    }
    cookies = invited(server, "reader", "admin")
    limited = invited(server, "limited", "member", ["shop"])
    return Setting(server=server, filled=filled, pages=pages, cookies=cookies, limited=limited)


def _reported(server: Server, report: dict[str, Any]) -> int:
    return int(server.client.post(REPORT, json=report).raise_for_status().json()["id"])


def leafed(store: SqlStore) -> dict[str, list[str]]:
    """Return the paths of pages far behind: where there are fewer, of the last one."""
    found: dict[str, list[str]] = {}
    for number in DEEP_PAGES:
        places = ((text, deep(store, parse(text, datetime.now(UTC), BASE), number)) for text in DEEP)
        found[f"search: page {number:,} or the last"] = [
            listed(text, place[1].cursor) for text, place in places if place
        ]
    return found


def print_warm(title: str, setting: Setting, options: argparse.Namespace) -> list[str]:
    """Print how long each page takes once it has been asked for, and return what breaks a limit."""
    print(f"{title}:")
    table = Table(
        "page                              ", "requests", "p50 ms", "p95 ms", "max ms", "CPU ms", "HTML kB", "gzip kB",
        "script kB", "foreign",
    )  # fmt: skip
    broken = []
    for name, asked, foreign in _asked_everything(setting, options.requests):
        heavy = asked.weights
        sizes = (heavy.html / 1e3, heavy.html_gzip / 1e3, heavy.script_gzip / 1e3) if heavy else ("", "", "")
        table.row(
            name, len(asked.times), median(asked.times), asked.p95, max(asked.times), asked.cpu, *sizes, foreign
        )  # fmt: skip
        if asked.p95 > WANTED_MS:
            broken.append(f"{title}: {name}: p95 {asked.p95:.0f} ms, the slowest is {asked.slowest}")
        if heavy and (heavy.html_gzip > WANTED_HTML or heavy.script_gzip > WANTED_SCRIPT):
            broken.append(f"{title}: {name}: {heavy.html_gzip:,} bytes of HTML, {heavy.script_gzip:,} of scripts")
    print()
    return broken


def _asked_everything(setting: Setting, requests: int) -> Iterator[tuple[str, Asked, float]]:
    pids = (setting.server.pid, *setting.filled.pids)
    reader, limited = (
        Browser(_dashboard(setting.server), setting.cookies),
        Browser(_dashboard(setting.server), setting.limited),
    )
    of_limited = {f"{name}, of one project": setting.pages[name] for name in ("inbox", "search: text")}
    for browser, pages in ((reader, setting.pages), (limited, of_limited)):
        for name, paths in pages.items():
            usage = Usage(server=pids)
            asked = ask(browser, pids, paths, requests)
            yield name, asked, usage.stop()["foreign"]
    for count in BULK:
        usage = Usage(server=pids)
        asked = ask_bulk(reader, pids, count, max(requests // 4, 5))
        yield f"form: change {count} issues", asked, usage.stop()["foreign"]
    reader.close()
    limited.close()


def ask(browser: Browser, pids: Sequence[int], paths: Sequence[str], requests: int) -> Asked:
    """Ask for pages in turn."""
    for path in islice(cycle(paths), WARM):
        browser.get(path)
    heaviest: dict[str, bytes] = {}
    found: list[tuple[float, str]] = []
    before = cpu_seconds(pids)
    for path in islice(cycle(paths), max(requests, len(paths))):
        seen = browser.get(path)
        found.append((seen.ms, path))
        heaviest[path] = seen.body
    cpu = (cpu_seconds(pids) - before) * 1e3 / len(found)
    weighed = max((weights(browser, body) for body in heaviest.values()), key=lambda each: each.html_gzip)
    slowest = slowest_of(found)
    return Asked(times=[ms for ms, _ in found], cpu=cpu, weights=weighed, slowest=slowest)


def slowest_of(found: Sequence[tuple[float, str]]) -> str:
    """Return the path that takes longest as a rule."""
    times: dict[str, list[float]] = {}
    for ms, path in found:
        times.setdefault(path, []).append(ms)
    path = max(times, key=lambda path: median(times[path]))
    return f"{path} with {median(times[path]):.0f} ms"


def ask_bulk(browser: Browser, pids: Sequence[int], count: int, requests: int) -> Asked:
    """Assign issues and mute them by one form, and wait for the answer that leads back to the list."""
    found = []
    before = cpu_seconds(pids)
    for number in range(requests):
        ids = range(1_000 + number * count, 1_000 + (number + 1) * count)
        way = ({"do": "assign", "assignee": f"person-{number % PEOPLE}"}, {"do": "mute", "mute": "7d"})[number % 2]
        found.append((browser.post("/issues/bulk", {"id": list(ids), **way}).ms, way["do"]))
    cpu = (cpu_seconds(pids) - before) * 1e3 / len(found)
    return Asked(times=[ms for ms, _ in found], cpu=cpu, weights=None, slowest=slowest_of(found))


def print_cold(database: str, url: str, token: str, setting: Setting, options: argparse.Namespace) -> None:
    """Print how long each page takes as the first of a collector that has just started."""
    print(f"{database}, each page the first after a start:")
    table = Table("page                              ", "starts", "median ms", "max ms")
    for name, paths in setting.pages.items():
        times = []
        for path in islice(cycle(paths), options.cold):
            with running(url, token) as server, closing(Browser(_dashboard(server), setting.cookies)) as browser:
                times.append(browser.get(path).ms)
        table.row(name, len(times), median(times), max(times))
    print()


def print_live(title: str, setting: Setting) -> None:
    """Print how long a page that opens waits to be told what it missed, and how long any page for a new report."""
    shown = ",".join(map(str, range(1_000, 1_050)))
    joined, told = [], []
    for number in range(LIVE_TIMES):
        with closing(Browser(_dashboard(setting.server), setting.cookies)) as browser:
            begun = time.perf_counter()
            stream = browser.stream(f"/live?shown={shown}&after=1000")
            stream.readline()
            joined.append((time.perf_counter() - begun) * 1e3)
            time.sleep(1 + number / LIVE_TIMES)  # at any time between two looks at the database
            begun = time.perf_counter()
            _wait_for(stream, _reported(setting.server, never_seen(number)))
            told.append((time.perf_counter() - begun) * 1e3)
    print(f"{title}: a page that opens is told what it missed within {_range_of(joined)}, any of a new report ", end="")
    print(f"within {_range_of(told)}.\n")


def _wait_for(stream: http.client.HTTPResponse, issue: int) -> None:
    while f'"id":{issue},'.encode() not in (line := stream.readline()):
        if not line:
            raise RuntimeError("the page was told nothing more")


def _range_of(times: Sequence[float]) -> str:
    return f"{median(times):.0f} ms (at most {max(times):.0f})"


@contextmanager
def reports_arriving(server: Server, token: str) -> Iterator[None]:
    """Let reports arrive at a steady rate from a process of its own."""
    sender = multiprocessing.get_context("spawn").Process(
        target=report_steadily, args=(server.port, token), daemon=True
    )
    sender.start()
    try:
        time.sleep(2)
        yield
    finally:
        sender.kill()
        sender.join()


def report_steadily(port: int, token: str) -> None:
    """Send reports of known errors, and of a new one now and then."""
    known = mix("Zipf", SIZES["2 kB"], PROJECT).bodies(f"known {os.getpid()}")
    new = mix("distinct", SIZES["2 kB"], PROJECT).bodies(f"new {os.getpid()}")
    begun = time.perf_counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for number, body in enumerate(next(new if turn == 0 else known) for turn in cycle(range(NEW_ONES))):
            time.sleep(max(begun + number / RATE - time.perf_counter(), 0))
            present = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
            client.post(REPORT, content=body.replace(b"2026-01-01T10:00:00", present.encode())).raise_for_status()


def _dashboard(server: Server) -> int:
    assert server.dashboard_port is not None
    return server.dashboard_port


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "logcenter-bench" / "pages"
    parser.add_argument("--folder", type=Path, default=cache, help=f"where filled databases stay; {cache} by default")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--issues", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=120, help="of each page")
    parser.add_argument("--cold", type=int, default=3, help="starts for each page; 0 leaves them out")
    parser.add_argument("--no-reports", action="store_true", help="only with an idle collector")
    parser.add_argument("--quick", action="store_true", help="20,000 issues, 30 requests, no starts")
    options = parser.parse_args()
    if options.quick:
        options.issues, options.requests, options.cold = 20_000, 30, 0
    return options


if __name__ == "__main__":
    main()
