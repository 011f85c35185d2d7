"""What was brought is written for a month, and no longer."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logcenter_collector.domain.credentials import DoorRecord
from logcenter_collector.domain.rates import day_of
from logcenter_collector.domain.usage import Amount, Slot
from logcenter_collector.ingest.allowances import Allowances
from logcenter_collector.ingest.bookkeeping import KEPT_DAYS, Bookkeeping
from logcenter_collector.ingest.gate import Gate
from logcenter_collector.store.access.usage import Used, usage_of, write_usage
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.outcome import Answer, Outcome
from support.stores import Reporter


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        yield store


async def test_old_days_are_forgotten_also_where_a_report_comes_first_on_a_new_day(store: SqlStore) -> None:
    reporter, allowances = Reporter(store, "p"), Allowances()
    bookkeeping = Bookkeeping(store.database, allowances, Gate(), lambda: reporter.now)
    today = day_of(microseconds(reporter.now))
    bookkeeping.load()
    await bring(reporter, allowances, bookkeeping)
    write_usage(store.database, {Slot(today - KEPT_DAYS, "p", 0): Amount(7)}, [], today)

    reporter.wait(days=1)
    await bring(reporter, allowances, bookkeeping)

    assert {} == usage_of(store.database, "p", today - KEPT_DAYS)
    assert [{0: Used(accepted=1)}] * 2 == [usage_of(store.database, "p", day) for day in (today, today + 1)]


async def bring(reporter: Reporter, allowances: Allowances, bookkeeping: Bookkeeping) -> None:
    """Let one report be committed, and write that."""
    arrival = reporter.arrival()
    allowances.take(arrival, None, DoorRecord())
    allowances.settle([arrival], [Answer(Outcome.NEW, 1)])
    await bookkeeping.write()
