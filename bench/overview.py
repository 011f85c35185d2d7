"""How long the overview, the list of projects and a live list take, at 100,000 issues of a year, on both databases.

``python bench/overview.py [--issues 100000] [--folder CACHE]``. A filled database stays there for the next time.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import machine
from growth import KINDS
from growth_rows import LEGACY, PROJECTS, UNTIL
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.overview import OverviewQuery
from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.store.sql import SqlStore
from tables import Table

TIMES: Final = 100
WANTED_MS: Final = 50


def main() -> None:
    """Ask each database."""
    options = arguments()
    print(machine.describe())
    options.folder.mkdir(parents=True, exist_ok=True)
    table = Table("database", "issues", "question                          ", "best ms", "median ms", "p95 ms")
    for database in options.databases:
        with KINDS[database](options.folder, options.issues) as filled, closing(SqlStore(filled.url)) as store:
            for name, ask in questions(store).items():
                table.row(database, options.issues, name, *timed(ask))
    print(f"Wanted: p95 within {WANTED_MS} ms.")


def questions(store: SqlStore) -> dict[str, Callable[[], object]]:
    """Return what is asked."""
    mark = store.live_mark()
    shown = range(1, 2_001, 40)

    def overview(days: int, *projects: str) -> Callable[[], object]:
        query = OverviewQuery(since=UNTIL - timedelta(days=days), until=UNTIL, project_ids=projects or None)
        return lambda: store.overview(query)

    def projects() -> object:
        page = store.find_projects(ProjectQuery())
        return store.project_numbers([project.project_id for project in page.items], UNTIL - timedelta(days=1))

    def latest(project_id: str) -> Callable[[], object]:
        query = IssueQuery(project_id=(project_id,), registration=None, limit=1)
        return lambda: store.issues(query)

    return {
        "the list of projects": projects,
        "what a quiet project reported last": latest(LEGACY),
        "overview of 30 days": overview(30),
        "overview of 7 days": overview(7),
        "overview of a year": overview(366),
        "30 days of a large project": overview(30, PROJECTS[0]),
        "30 days of a quiet one": overview(30, LEGACY),
        "live, 50 shown, all quiet": lambda: store.live_changes(mark, shown, UNTIL + timedelta(days=1)),
        "live, 50 shown, a storm": lambda: store.live_changes(mark, shown, UNTIL - timedelta(days=1)),
        "live, first connection": lambda: store.newer_issues(mark.issue_id - 100, shown),
    }


def timed(ask: Callable[[], object]) -> tuple[float, float, float]:
    """Return the shortest time of a question, the median and the 95th percentile, in ms."""
    ask()
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1e3)
    return min(took), median(took), quantiles(took, n=20)[-1]


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "logcenter-bench" / "growth")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--issues", type=int, default=100_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
