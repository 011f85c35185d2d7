"""Of alarms, a backup holds whom to tell and when; what was about to be told it does not."""

from contextlib import closing
from pathlib import Path

import pytest

from logcenter_collector.store.archive.backup import back_up
from logcenter_collector.store.archive.restore import restore
from logcenter_collector.store.database import Database
from logcenter_collector.store.sql import SqlStore
from support.alarm_rules import Listener


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    return str(request.getfixturevalue("postgres").new_database(template="template1"))


def test_rules_and_channels_are_restored_and_nobody_is_told_of_what_was_long_ago(
    sql_store: SqlStore, new_url: str, tmp_path: Path
) -> None:
    listener = Listener(sql_store)
    rule = listener.add_rule()
    listener.reporter.report()
    file = tmp_path / "logcenter.backup"

    list(back_up(sql_store.database, file, listener.now))
    with closing(Database(new_url)) as database:
        list(restore(database, file, listener.now))

    with closing(SqlStore(new_url)) as restored:
        assert rule in restored.alarms.rules.all()
        assert sql_store.alarms.channels.all() == restored.alarms.channels.all()
        assert 0 == restored.alarms.outbox.waiting()
        assert Listener(restored).channel_id > listener.channel_id
