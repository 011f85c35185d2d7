"""How alarms stand in the store: what waits, when it is tried again, and how much was given up."""

from datetime import timedelta

import pytest

from logcenter_collector.domain.alarms.delivery import DeliveryState, Verdict
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.alarms.deliveries import Delivery
from logcenter_collector.store.alarms.standing import Waiting
from logcenter_collector.store.sql import SqlStore
from support.alarm_rules import SOMEBODY, Listener
from support.sending import another_error

LATER = timedelta(seconds=10)


@pytest.fixture
def listener(sql_store: SqlStore) -> Listener:
    return Listener(sql_store)


def attempt(listener: Listener, rule: AlarmRule, state: DeliveryState) -> None:
    """Begin to send what waits as one message, and say what became of it."""
    draft, number = listener.begin(rule)
    again_at = listener.now + LATER if state is DeliveryState.REFUSED else None
    verdict = Verdict(
        state=state,
        ended_at=listener.now,
        reason="closed",
        again_at=again_at,
        free_at=None if again_at else listener.now,
    )
    listener.store.alarms.outbox.end(number, draft.message_id, listener.channel_id, verdict)


def log_of(listener: Listener) -> tuple[Delivery, ...]:
    return listener.store.alarms.deliveries.page(channel_id=listener.channel_id, limit=50, cursor=None).items


def test_what_waits_is_counted_for_each_rule_and_channel(listener: Listener) -> None:
    other = listener.add_channel()
    rule = listener.add_rule(channel_ids=(listener.channel_id, other))
    listener.reporter.report()
    first = listener.now
    listener.reporter.report(**another_error())

    standing = listener.store.alarms.standing
    expected = Waiting(rule_id=rule.id, channel_id=listener.channel_id, issues=2, due_at=first)
    assert (expected,) == standing.waiting(listener.channel_id)
    assert {listener.channel_id, other} <= {each.channel_id for each in standing.waiting()}


def test_what_was_sent_waits_no_more(listener: Listener) -> None:
    rule = listener.add_rule()
    listener.reporter.report()

    attempt(listener, rule, DeliveryState.SENT)

    assert () == listener.store.alarms.standing.waiting(listener.channel_id)
    assert {} == listener.store.alarms.standing.next_attempts(log_of(listener))


def test_the_next_attempt_stands_at_the_latest_one_of_its_message(listener: Listener) -> None:
    rule = listener.add_rule()
    listener.reporter.report()
    attempt(listener, rule, DeliveryState.REFUSED)
    listener.reporter.wait(seconds=20)
    attempt(listener, rule, DeliveryState.REFUSED)

    latest, _first = log_of(listener)

    assert {latest.id: listener.now + LATER} == listener.store.alarms.standing.next_attempts(log_of(listener))


def test_of_an_empty_log_nothing_is_tried_again(listener: Listener) -> None:
    assert {} == listener.store.alarms.standing.next_attempts(())


def test_a_dead_letter_counts_no_more_when_its_channel_is_gone(listener: Listener) -> None:
    standing, rule = listener.store.alarms.standing, listener.add_rule()
    before = standing.dead_letters()
    listener.reporter.report()
    attempt(listener, rule, DeliveryState.DEAD)

    listener.store.alarms.channels.delete(listener.channel_id, SOMEBODY, listener.now)

    assert before == standing.dead_letters()


def test_a_dead_letter_counts_until_somebody_sends_it_again(listener: Listener) -> None:
    standing, rule = listener.store.alarms.standing, listener.add_rule()
    before = standing.dead_letters()
    listener.reporter.report()

    attempt(listener, rule, DeliveryState.DEAD)
    assert before + 1 == standing.dead_letters()

    listener.store.alarms.deliveries.retry(log_of(listener)[0].id, SOMEBODY, listener.now)
    assert before == standing.dead_letters()
