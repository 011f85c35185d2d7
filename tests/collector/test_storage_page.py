"""The page of retention and the disk budget, on both databases."""

import re
from datetime import timedelta

import pytest
from attrs import fields
from litestar.testing import TestClient

from logcenter_collector.domain.policy import NO_LIMITS, Policy
from logcenter_collector.settings import Settings, variable
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import daily_sizes
from logcenter_collector.web.ui.admin.storage import gauge_of, roughly, span
from logcenter_collector.web.ui.languages import catalogue
from support.collector import Collector
from support.dashboards import dashboard_for
from support.doors import anyone
from support.sending import a_report
from support.stores import START
from support.visiting import Guest, text_of

DAY = timedelta(days=1)
GIGABYTE = 2**30


def page_of(store: SqlStore, policy: Policy, language: str = "en") -> str:
    """Return the page as it is answered."""
    with TestClient(dashboard_for(store, anyone, policy=policy)) as client:
        answer = client.get("/admin/storage", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def test_the_page_says_how_much_is_used_what_is_kept_and_by_which_settings_that_changes(sql_store: SqlStore) -> None:
    page = page_of(sql_store, Policy(retention=30 * DAY, disk_budget=2 * GIGABYTE))

    text = text_of(page)
    assert "of 2.0 GiB used" in text
    assert "30 days from arrival" in text
    assert 'role="img" aria-label=' in page
    assert {variable(each.name) for each in fields(Settings)} >= set(re.findall(r"LOG_CENTER_[A-Z_]+", text))
    assert {"LOG_CENTER_DISK_BUDGET", "LOG_CENTER_RETENTION_DAYS"} == set(re.findall(r"LOG_CENTER_[A-Z_]+", text))
    assert " style=" not in page


def test_without_limits_the_page_says_so_in_the_language_of_the_reader(sql_store: SqlStore) -> None:
    text = text_of(page_of(sql_store, NO_LIMITS, "zh-CN"))

    assert "没有预算" in text
    assert "永久，只要预算允许" in text


def test_who_is_over_the_budget_is_told_what_becomes_of_reports(sql_store: SqlStore) -> None:
    page = page_of(sql_store, Policy(disk_budget=100_000))

    assert "New reports are refused" in page
    assert "reports get 507" in page


def test_when_the_budget_is_reached_is_foretold_from_the_last_days(sql_store: SqlStore) -> None:
    with sql_store.database.write() as connection:
        connection.execute(daily_sizes.delete())
        for back in range(7):
            at = START - back * DAY
            day = int(at.timestamp()) // 86_400
            row = {"day": day, "at": at, "bytes": GIGABYTE - back * GIGABYTE // 50}
            connection.execute(daily_sizes.insert(), row)

    text = text_of(page_of(sql_store, Policy(disk_budget=2 * GIGABYTE)))

    assert "90 % of the budget are reached in about 6 weeks" in text
    assert "Grows by 20 MiB a day" in text


def test_a_collector_that_serves_says_what_its_upkeep_did_and_does_next(shared_collector: Collector) -> None:
    shared_collector.report(a_report("kept"))

    text = text_of(Guest(shared_collector.dashboard_url).get("/admin/storage").text)

    assert re.search(r"Issues, with counts, statuses, history and comments always [1-9]", text)
    assert re.search(r"Forget event ids 30 s (just now|\d+ min ago) ", text)
    assert "90 days from arrival" in text


@pytest.mark.parametrize(
    ("count", "is_exact", "text"),
    [(0, False, "0"), (99, False, "99"), (1_234_567, False, "1,200,000"), (1_234_567, True, "1,234,567")],
)
def test_what_is_estimated_is_said_with_two_digits(count: int, is_exact: bool, text: str) -> None:
    assert text == roughly(count, is_exact=is_exact)


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, "a day"), (1, "a day"), (20, "20 days"), (21, "3 weeks"), (89, "13 weeks"), (90, "3 months")],
)
def test_how_long_it_takes_is_said_in_units_of_which_there_are_some(days: int, text: str) -> None:
    assert text == span(timedelta(days=days, hours=3), catalogue("en"))


def test_a_gauge_is_never_more_than_full() -> None:
    assert (100, 33) == (gauge_of(5, 2).used, gauge_of(1, 3).used)
