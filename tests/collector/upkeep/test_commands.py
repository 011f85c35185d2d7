"""The commands that look after a database: what they say and how they end."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from logcenter_collector.cli import _parser
from logcenter_collector.commands import maintain
from logcenter_collector.commands.meter import Meter, bar
from logcenter_collector.store.database import Database
from logcenter_collector.store.migrate import newest_revision
from logcenter_collector.store.upkeep.leasing import take_lease
from logcenter_collector.store.upkeep.slices import Progress
from support.command import Run
from support.pages import PAGES, fences


def test_migrate_says_from_which_schema_to_which(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    first, second = (run("migrate", "--database-url", url) for _ in range(2))

    assert (0, f"The schema of {url} is now {newest_revision()}; before it was none.\n", "") == (
        first.code,
        first.stdout,
        first.stderr,
    )
    assert (0, f"The schema of {url} is {newest_revision()}, the newest.\n") == (second.code, second.stdout)


def test_migrate_leaves_a_database_of_a_newer_collector_alone(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    run("migrate", "--database-url", url)
    with sqlite3.connect(tmp_path / "new.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert (1, True) == ((finished := run("migrate", "--database-url", url)).code, "9999" in finished.stderr)


def test_maintain_does_every_job_with_a_line_for_each(run: Run, database_url: str) -> None:
    for _ in range(2):  # due or not
        finished = run("maintain", "--database-url", database_url)

        assert (0, "") == (finished.code, finished.stderr)
        assert re.search(r"^forget event ids: nothing in \d+\.\d s$", finished.stdout, re.MULTILINE)


def test_maintain_leaves_out_what_another_collector_is_at_and_ends_with_1(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintain, "WAIT_SECONDS", 0.0)
    database = Database(database_url)
    database.migrate()
    take_lease(database, "forget event ids", "another", datetime.now(UTC), timedelta(hours=1))
    database.close()

    finished = run("maintain", "--database-url", database_url)

    assert 1 == finished.code
    assert "forget event ids: left out: another is at it; try again later\n" in finished.stdout


class Terminal(StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_where_a_person_looks_and_nowhere_else() -> None:
    for stream, draws in ((Terminal(), True), (StringIO(), False)):
        lines = StringIO()
        meter = Meter(lines, stream)
        meter.begin("step")
        meter.show(Progress(0.5, "1,234 pages"))
        meter.end()

        assert draws is ("\rstep [###############...............]  50% 1,234 pages" in stream.getvalue())
        assert re.fullmatch(r"step: 1,234 pages in \d+\.\d s\n", lines.getvalue())


def test_a_bar_is_never_longer_than_full() -> None:
    assert f"[{'#' * 30}] 100%" == bar(1.5)
    assert f"[{'.' * 30}]   0%" == bar(0.0)


@pytest.mark.parametrize("page", ["upkeep.md", "upkeep.zh-CN.md"])
def test_the_page_about_upkeep_names_every_command_as_it_is(page: str) -> None:
    blocks = [fence.text for fence in fences(PAGES / "how-to" / page) if fence.language == "bash"]
    lines = [line.split()[1:] for block in blocks for line in block.splitlines()]

    named = {_parser().parse_args(line).command for line in lines}

    assert {"serve", "migrate", "maintain", "doctor", "backup", "restore"} == named
