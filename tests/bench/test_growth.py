"""The filled year of figure 4: what the bench says it asks, it asks."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_fill import fill
from growth_queries import DETAILS, LISTS, parameters
from growth_texts import HALF, draw_text, token_of
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.store.consistency import orphans
from logcenter_collector.store.sql import SqlStore
from support.collector import start

ISSUES = 400


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('growth') / 'logcenter.db'}"
    fill(url, ISSUES)
    return url


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    store = SqlStore(url)
    yield store
    store.close()


def test_a_filled_year_has_every_issue_and_ten_hours_of_each(store: SqlStore) -> None:
    with store.database.read() as connection:
        counts = [
            connection.exec_driver_sql(statement).scalar_one()
            for statement in (
                "SELECT count(*) FROM issues",
                "SELECT min(hours) FROM (SELECT count(*) AS hours FROM buckets GROUP BY issue_id) AS counted",
            )
        ]
        assert {} == orphans(connection)

    assert [ISSUES, 10] == counts


def test_half_of_the_texts_mention_a_request_and_each_names_itself() -> None:
    chance = random.Random(1)
    messages = [draw_text(chance, number).message for number in range(200)]

    assert 100 == sum(HALF in message for message in messages)
    assert all(token_of(number) in message for number, message in enumerate(messages))
    assert 20 < sum(not message.isascii() for message in messages) < 60


def test_the_api_is_asked_what_the_store_is_asked(store: SqlStore, url: str) -> None:
    collector = start(Path(url.removeprefix("sqlite:///")))
    try:
        for query in LISTS.values():
            listed = [issue["id"] for issue in collector.issues(**parameters(query))]
            assert listed == [issue.id for issue in store.issues(query).items]
        for path, more in DETAILS.values():
            assert collector.get(f"/api/v1/issues{path.replace('/500', '/5')}", **more)
    finally:
        assert 0 == collector.stop()


def test_most_questions_have_an_answer(store: SqlStore) -> None:
    empty = [name for name, query in LISTS.items() if not store.issues(query).items]

    assert {"unknown release", "text of no issue", "不存在, of no issue"} <= {*empty}
    assert len(empty) < len(LISTS) / 4
    assert store.issues(IssueQuery()).items
