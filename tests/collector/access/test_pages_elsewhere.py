"""An open collector lets everybody in, and yet no page of another origin changes anything in a visitor's name."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logcenter_collector.store.sql import SqlStore
from support.doors import closed_door, tokens_of
from support.served import served

BODILESS = ["alarms/channels/1/test", "alarms/deliveries/1/retry", "people/1/link"]
ELSEWHERE = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://x", "Sec-Fetch-Site": "cross-site"},
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        yield store


@pytest.mark.parametrize("page", ELSEWHERE)
async def test_what_needs_no_body_is_not_done_for_a_page_elsewhere(store: SqlStore, page: dict[str, str]) -> None:
    async with served(store) as client:
        answers = [await client.post(f"/api/v1/{path}", headers=page) for path in BODILESS]

    assert [403] * len(BODILESS) == [answer.status_code for answer in answers]
    assert "--cors-origins" in answers[0].json()["detail"]


@pytest.mark.parametrize("page", [{}, {"Origin": "http://collector"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_programs_and_pages_of_its_own_are_let_through(store: SqlStore, page: dict[str, str]) -> None:
    async with served(store) as client:
        answers = [await client.post(f"/api/v1/{path}", headers=page) for path in BODILESS]

    assert [404] * len(BODILESS) == [answer.status_code for answer in answers]


async def test_a_page_elsewhere_that_holds_a_token_is_who_the_token_says(store: SqlStore) -> None:
    door = closed_door(store)
    token = {"Authorization": f"Bearer {tokens_of(door)['admin']}", "Origin": "http://evil.example"}
    async with served(store, doorway=door) as client:
        assert 404 == (await client.post(f"/api/v1/{BODILESS[0]}", headers=token)).status_code
