"""A clock that is set back and forth: nothing fails, nothing is lost, a retry still counts once."""

from datetime import timedelta
from uuid import uuid4

from logcenter_collector.store.sql import SqlStore
from support.sending import a_report
from support.served import served
from support.stores import START


async def test_reports_are_taken_and_counted_whatever_the_clock_does(database_url: str) -> None:
    store, now = SqlStore(database_url), START
    events = [str(uuid4()) for _ in range(12)]
    async with served(store, clock=lambda: now) as client:
        for number, days in enumerate((0, -1, -400, 30, -30, 0, 3, -3, 0, 0, 0, 0)):
            now = START + timedelta(days=days)
            report = a_report("shop", event_id=events[number], context={"day": days})
            answers = [await client.post("/api/v1/logs/report", json=report) for _ in range(2)]
            assert [200, 200] == [answer.status_code for answer in answers]
            assert "Log deduplicated" == answers[1].json()["message"]

        [issue] = (await client.get("/api/v1/issues")).json()["items"]
        kept = (await client.get("/api/v1/issues/1/occurrences")).json()["items"]
        stats = await client.get("/api/v1/issues/1/stats", params={"since": "2020-01-01", "until": "2030-01-01"})

    assert 12 == issue["occurrence_count"] == sum(day["count"] for day in stats.json()["items"])
    assert [12, 1] == [kept[0]["id"], kept[-1]["id"]]
    assert ["2025-01-26", "2026-04-01"] == [issue[name][:10] for name in ("first_seen", "last_seen")]
    store.close()


async def test_a_fix_of_a_clock_that_was_ahead_does_not_hide_what_happens_after_it_for_ever(database_url: str) -> None:
    store, now = SqlStore(database_url), START + timedelta(days=2)
    async with served(store, clock=lambda: now) as client:
        await client.post("/api/v1/logs/report", json=a_report("shop"))
        for status in ("VERIFYING", "PENDING_FIX", "FIXING", "FIXED"):
            moved = await client.post("/api/v1/issues/1/transitions", json={"to": status})
            assert 200 == moved.status_code
        now = START

        answer = await client.post("/api/v1/logs/report", json=a_report("shop"))

    assert "Regression detected, reopened" == answer.json()["message"]
    store.close()


async def test_occurrences_are_sampled_again_when_the_clock_is_right_again(database_url: str) -> None:
    store, now = SqlStore(database_url), START + timedelta(days=900)
    async with served(store, clock=lambda: now) as client:
        for _ in range(12):
            await client.post("/api/v1/logs/report", json=a_report("shop"))
        for minute in range(30):
            now = START + timedelta(minutes=minute)
            await client.post("/api/v1/logs/report", json=a_report("shop"))
    arrived = [occurrence.arrived_at for occurrence in store.occurrences(1).items]
    store.close()

    assert 30 == sum(at < START + timedelta(days=1) for at in arrived)
