"""Event ids are remembered for a day after they were last seen, and at most the latest million."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.forgetting import EVENT_ID_LIFE, forget_before
from logcenter_collector.store.base import arrive
from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.tables import event_ids, event_log
from logcenter_collector.store.upkeep.events import forget_events, forget_keyed
from logcenter_collector.store.upkeep.slices import Progress
from logcenter_sdk.contract.limits import EVENT_IDS
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from support.sending import a_report

NOW = datetime(2026, 3, 2, 10, 20, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@given(
    st.dictionaries(st.integers(-100_000, 100).map(lambda second: NOW + second * SECOND), st.integers(1, 9)),
    st.integers(0, 40),
)
def test_what_is_remembered_is_the_latest_within_both_bounds(seen: dict[datetime, int], most: int) -> None:
    before = forget_before(seen, NOW, most)
    stays = [second for second in seen if second >= before]
    next_to_go = max((second for second in seen if second < before), default=None)

    assert sum(seen[second] for second in stays) <= most
    assert all(second >= NOW - EVENT_ID_LIFE for second in stays)
    if next_to_go is not None and next_to_go >= NOW - EVENT_ID_LIFE:
        assert sum(seen[second] for second in [*stays, next_to_go]) > most


def send(store: SqlStore, now: datetime, event_id: str) -> int:
    """Report, and return how often the issue is counted then."""
    [answer] = store.record([arrive(read(Report, a_report("p", event_id=event_id)), now)])
    issue = store.issue(answer.issue_id)
    assert issue is not None
    return issue.occurrence_count


def remembered(database: Database) -> int:
    table = event_ids if database.is_postgresql else event_log
    with database.read() as connection:
        return len(connection.execute(table.select()).all())


def forget(database: Database, now: datetime, most: int = EVENT_IDS) -> list[Progress]:
    """Forget by a look at every id; a sample of the few of a test says nothing."""
    if database.is_postgresql:
        return list(forget_keyed(database, now, most=most, sampled=1))
    return list(forget_events(database, now, most=most))


def test_an_id_is_known_for_a_day_after_it_was_last_seen(store: SqlStore, database: Database) -> None:
    seen_once, seen_again, another = str(uuid4()), str(uuid4()), str(uuid4())
    send(store, NOW, seen_once)
    send(store, NOW, seen_again)
    send(store, NOW + 20 * HOUR, seen_again)
    assert 3 == send(store, NOW + 21 * HOUR, another)

    forget(database, NOW + 24 * HOUR + SECOND)

    assert 2 == remembered(database)
    assert 3 == send(store, NOW + 24 * HOUR + SECOND, seen_again)
    assert 4 == send(store, NOW + 24 * HOUR + SECOND, seen_once)


def test_the_earliest_go_where_there_are_too_many(store: SqlStore, database: Database) -> None:
    ids = [str(uuid4()) for _ in range(10)]
    for number, event_id in enumerate(ids):
        send(store, NOW + number * SECOND, event_id)

    forget(database, NOW + 10 * SECOND, most=4)

    assert 4 == remembered(database)
    assert [10, 10, 10, 10] == [send(store, NOW + 11 * SECOND, event_id) for event_id in ids[-4:]]
    assert 11 == send(store, NOW + 11 * SECOND, ids[-5])


def test_nothing_is_written_where_nothing_is_to_be_forgotten(store: SqlStore, database: Database) -> None:
    assert [] == forget(database, NOW)
    send(store, NOW, str(uuid4()))

    assert [] == forget(database, NOW + SECOND)
    assert 1 == remembered(database)


def test_the_last_entry_of_a_log_stays_because_it_says_where_the_log_goes_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    ids = [str(uuid4()) for _ in range(3)]
    with closing(SqlStore(url)) as store:
        for event_id in ids:
            send(store, NOW, event_id)
        list(forget_events(store.database, NOW + 48 * HOUR))
        assert 1 == remembered(store.database)

    with closing(SqlStore(url)) as store:
        assert 4 == send(store, NOW + 48 * HOUR, ids[0])
        assert 4 == send(store, NOW + 48 * HOUR, ids[0])
        assert 2 == remembered(store.database) - 1


def test_a_large_log_goes_in_many_slices(database: Database) -> None:
    table = event_ids if database.is_postgresql else event_log
    with database.write() as connection:
        rows = [{"key": token_bytes(16), "issue_id": 1, "seen_at": NOW} for _ in range(20_000)]
        connection.execute(table.insert(), rows)

    steps = forget(database, NOW + SECOND, most=1_000)

    assert remembered(database) <= 1_000
    assert 2 < len(steps)
    assert [step.share for step in steps] == sorted(step.share for step in steps)
    assert 1.0 == steps[-1].share


def test_a_sample_of_the_keys_is_enough(postgres_url: str) -> None:
    with closing(SqlStore(postgres_url)) as store:
        with store.database.write() as connection:
            rows = [
                {"key": token_bytes(16), "issue_id": 1, "seen_at": NOW + number * SECOND / 100}
                for number in range(50_000)
            ]
            connection.execute(event_ids.insert(), rows)

        list(forget_keyed(store.database, NOW + HOUR, most=30_000, sampled=4))

        assert 27_000 < remembered(store.database) <= 30_000
