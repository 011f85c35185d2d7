"""What upkeep forgets of alarms, and what it leaves."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve
from sqlalchemy import func, select, update

from logcenter_collector.domain.alarms.deciding import Attempt, after_refusal, after_sending
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.store.alarms.tables import alarm_counts, alarm_deliveries, alarm_outbox
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.store.upkeep.alarms import forget_alarms
from support.alarm_rules import SOMEBODY, Listener
from support.sending import another_error


@pytest.fixture
def listener(sql_store: SqlStore) -> Listener:
    return Listener(sql_store)


def forget(listener: Listener) -> None:
    for _ in forget_alarms(listener.store.database, listener.now):
        pass


def counted(listener: Listener, rule_id: int) -> int:
    statement = select(func.count()).select_from(alarm_counts).where(alarm_counts.c.rule_id == rule_id)
    with listener.store.database.read() as connection:
        return connection.execute(statement).scalar_one()


def in_outbox(listener: Listener) -> int:
    statement = select(func.count()).select_from(alarm_outbox).where(alarm_outbox.c.channel_id == listener.channel_id)
    with listener.store.database.read() as connection:
        return connection.execute(statement).scalar_one()


def test_counts_go_when_their_minutes_are_over_and_a_rule_still_counts_right(listener: Listener) -> None:
    rule = listener.add_rule(trigger=Trigger.RATE, occurrences=1_000, minutes=10)
    for _ in range(30):
        listener.reporter.report()
        listener.reporter.wait(minutes=1)
    before = counted(listener, rule.id)

    forget(listener)

    assert (30, 9) == (before, counted(listener, rule.id))
    listener.reporter.report(occurrences=1_000 - 9)
    assert 1 == len(listener.waiting())


def test_counts_of_a_rule_that_is_gone_or_waits_for_something_else_go(listener: Listener) -> None:
    rate = listener.add_rule(trigger=Trigger.RATE, occurrences=1_000, minutes=10)
    listener.reporter.report()
    other = listener.add_rule()
    with listener.store.database.write() as connection:
        connection.execute(update(alarm_counts).where(alarm_counts.c.rule_id == rate.id).values(rule_id=other.id))

    listener.reporter.wait(seconds=60)
    forget(listener)

    assert 0 == counted(listener, other.id)


def test_a_window_that_is_over_is_forgotten_and_what_waits_is_not(listener: Listener) -> None:
    rule = listener.add_rule(window=timedelta(hours=1))
    listener.reporter.report()
    draft, number = listener.begin(rule)
    listener.store.alarms.outbox.end(number, draft.message_id, listener.channel_id, after_sending(rule, listener.now))
    listener.reporter.report(**another_error())
    listener.reporter.wait(minutes=59)
    forget(listener)
    assert 2 == in_outbox(listener)

    listener.reporter.wait(minutes=2)
    forget(listener)

    assert (1, 1) == (in_outbox(listener), len(listener.waiting()))


def test_what_was_raised_for_a_rule_or_a_channel_that_is_gone_is_forgotten(listener: Listener) -> None:
    rule = listener.add_rule()
    listener.reporter.report()
    with listener.store.database.write() as connection:
        own = alarm_outbox.c.rule_id == rule.id
        connection.execute(update(alarm_outbox).where(own).values(rule_id=2**40))

    forget(listener)

    assert 0 == in_outbox(listener)


def test_attempts_stay_for_a_month(listener: Listener) -> None:
    rule = listener.add_rule()
    listener.reporter.report()
    draft, number = listener.begin(rule)
    attempt = Attempt(rule=rule, number=1, failures=0, knows_repeats=True)
    verdict = after_refusal(attempt, "no", listener.now, permanent=True)
    listener.store.alarms.outbox.end(number, draft.message_id, listener.channel_id, verdict)

    def begun() -> list[datetime]:
        table = alarm_deliveries.c
        with listener.store.database.read() as connection:
            found = connection.execute(select(table.begun_at).where(table.channel_id == listener.channel_id))
            return [*found.scalars()]

    listener.reporter.wait(days=30)
    forget(listener)
    assert 1 == len(begun())
    listener.reporter.wait(seconds=1)
    forget(listener)

    assert [] == begun()


def test_what_is_forgotten_goes_in_slices(listener: Listener) -> None:
    rule = listener.add_rule(trigger=Trigger.RATE, occurrences=10**6, minutes=1_440)
    for _ in range(4):
        listener.store.record([listener.reporter.arrival(**another_error()) for _ in range(300)])
    listener.store.alarms.rules.change(evolve(rule, minutes=1), SOMEBODY, listener.now)
    listener.reporter.wait(hours=1)

    slices = len([*forget_alarms(listener.store.database, listener.now)])

    assert 0 == counted(listener, rule.id)
    assert slices > 3
