"""How long a report waits at most for whoever else writes to a SQLite database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from logcenter_collector.store import sql
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.sql import SqlStore
from support.failing import assert_come_back
from support.sending import a_report
from support.served import served
from support.sqlite import locked
from support.stores import reporter_of

FOR_EVER = 3_600.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/logs.db")
    yield store
    store.close()


async def test_who_waits_too_long_behind_other_writers_of_the_collector_is_asked_to_come_back(store: SqlStore) -> None:
    async with served(store) as client:
        with store.database.turn:  # as upkeep has it while it waits for another process
            refused = await client.post("/api/v1/logs/report", json=a_report("p"))
        taken = await client.post("/api/v1/logs/report", json=a_report("p"))

    assert_come_back(refused)
    assert 200 == taken.status_code


def test_reports_behind_a_batch_that_could_not_be_written_do_not_wait_as_long_again(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = reporter_of(store)
    with locked(tmp_path / "logs.db"):
        with pytest.raises(StoreUnavailableError):
            reporter.report()
        monkeypatch.setattr(sql, "PATIENCE_SECONDS", FOR_EVER)
        with pytest.raises(StoreUnavailableError):
            reporter.report()

    assert "Log reported" == reporter.report().outcome.value
