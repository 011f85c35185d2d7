"""What is sent, when, how often and how folded: a real database, a real receiver, and a clock that the test sets."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from attrs import evolve

from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.sending import CLAIM, Dispatch
from logcenter_collector.alarms.trying import try_channel
from logcenter_collector.domain.alarms.addresses import read_policy
from logcenter_collector.domain.alarms.deciding import ATTEMPTS, BACK_OFF, after_sending
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import Language, QuietHours
from logcenter_collector.store.access.audit_log import AuditQuery, list_audit
from logcenter_collector.store.alarms.deliveries import Delivery, NoDeadLetterError
from logcenter_collector.store.alarms.repository import Alarms
from logcenter_collector.store.sql import SqlStore
from support.alarm_rules import HOLDER, SOMEBODY, Listener
from support.receiver import Arrived, Receiver, Reply
from support.sending import another_error
from support.stores import START

Answer = Callable[[Arrived], Reply]


@pytest.fixture
def listener(sql_store: SqlStore, receiver: Receiver) -> Listener:
    return Listener(sql_store, settings={"url": receiver.url("/hook")})


@pytest.fixture
def robot(sql_store: SqlStore, receiver: Receiver) -> Listener:
    """A listener whose channel cannot tell a repeat."""
    return Listener(sql_store, "feishu", {"url": receiver.url("/open-apis/bot/v2/hook/abc")})


def dispatch_of(listener: Listener, holder: str = HOLDER, seconds: float = 5) -> Dispatch:
    """Return a collector's sender that goes by the listener's clock."""
    return Dispatch(
        alarms=listener.store.alarms,
        network=Network(policy=read_policy(["127.0.0.0/8"]), seconds=seconds),
        public_url="https://logs.example.org",
        clock=lambda: listener.now,
        holder=holder,
    )


def work(listener: Listener, **options: Any) -> None:
    """Send what is due."""
    dispatch_of(listener, **options).work_at(listener.channel_id)


def attempts(listener: Listener, state: DeliveryState | None = None) -> list[Delivery]:
    """Return the attempts of the channel, the first one first."""
    page = listener.store.alarms.deliveries.page(state=state, channel_id=listener.channel_id, limit=200, cursor=None)
    return [*reversed(page.items)]


def told(receiver: Receiver) -> list[list[int]]:
    """Return the issues that each message told of."""
    return [[event["issue"]["id"] for event in message["events"]] for message in receiver.messages()]


def report_many(listener: Listener, count: int) -> list[int]:
    """Report so many new issues at once."""
    arrivals = [listener.reporter.arrival(**another_error()) for _ in range(count)]
    return [answer.issue_id for answer in listener.store.record(arrivals)]


def test_a_new_issue_is_told_of_once_with_its_facts_and_link(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule()
    issue_id = listener.reporter.report().issue_id
    listener.reporter.report()

    work(listener)
    work(listener)

    [message] = receiver.messages()
    assert f"https://logs.example.org/issues/{issue_id}" == message["url"]
    assert 2 == message["events"][0]["issue"]["occurrence_count"]
    [attempt] = attempts(listener)
    assert (DeliveryState.SENT, 1, 1, message["title"]) == (
        attempt.state,
        attempt.attempt,
        attempt.issues,
        attempt.title,
    )


def test_a_message_calls_a_project_by_its_name_and_speaks_the_rule_s_language(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule(language=Language.CHINESE)
    listener.store.put_project(listener.reporter.project, {"name": "Shop"}, START)
    listener.reporter.report()

    work(listener)

    [message] = receiver.messages()
    assert "Shop" in message["title"]
    assert "新问题" in message["title"]


def test_few_messages_go_one_by_one_and_many_are_folded_into_one(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule(digest_over=3)
    few = report_many(listener, 3)
    work(listener)
    listener.reporter.wait(minutes=2)
    many = report_many(listener, 40)

    work(listener)

    assert [*([issue_id] for issue_id in few), many] == told(receiver)
    assert [1, 1, 1, 40] == [message["count"] for message in receiver.messages()]


def test_what_comes_within_a_minute_of_many_messages_waits_and_is_folded(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule(digest_over=2)
    first = [*report_many(listener, 1), *report_many(listener, 1)]
    work(listener)
    rest = [issue_id for _ in range(20) for issue_id in report_many(listener, 1)]
    work(listener)
    assert [[issue_id] for issue_id in first] == told(receiver)

    listener.reporter.wait(minutes=1)
    work(listener)

    assert [[first[0]], [first[1]], rest] == told(receiver)


def test_rules_do_not_fold_into_each_other_and_hold_each_other_up_no_longer_than_their_sending(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule(digest_over=1)
    listener.add_rule(digest_over=1, trigger=Trigger.RATE, occurrences=1, minutes=1)
    report_many(listener, 5)

    work(listener)

    assert [["new_issue"] * 5, ["rate"] * 5] == [
        [event["trigger"] for event in message["events"]] for message in receiver.messages()
    ]


def test_a_digest_holds_so_many_issues_and_the_next_one_the_rest(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule()
    for _ in range(2):
        report_many(listener, 350)

    work(listener)

    assert [500, 200] == [message["count"] for message in receiver.messages()]
    assert [] == listener.waiting()


def test_a_failure_is_tried_again_after_a_pause_and_folded_with_what_came_meanwhile(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule(digest_over=1)
    receiver.answer = lambda _: Reply(503)
    [first] = report_many(listener, 1)
    work(listener)
    later = report_many(listener, 3)
    work(listener)
    assert 1 == len(receiver.arrived)

    receiver.answer = lambda _: Reply()
    listener.reporter.wait(seconds=BACK_OFF[0].seconds)
    work(listener)
    listener.reporter.wait(minutes=1)
    work(listener)

    assert [[first], [first], later] == told(receiver)
    ids = [request.headers["webhook-id"] for request in receiver.arrived]
    assert ids[0] == ids[1] != ids[2]
    assert [DeliveryState.REFUSED, DeliveryState.SENT, DeliveryState.SENT] == [
        each.state for each in attempts(listener)
    ]
    assert "503" in (attempts(listener)[0].reason or "")


def test_a_receiver_that_asks_for_time_gets_it(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule()
    receiver.answer = lambda _: Reply(429, headers={"Retry-After": "300"})
    report_many(listener, 1)
    work(listener)

    listener.reporter.wait(seconds=299)
    work(listener)
    assert 1 == len(receiver.arrived)
    listener.reporter.wait(seconds=1)
    work(listener)

    assert 2 == len(receiver.arrived)


def test_what_fails_again_and_again_becomes_a_dead_letter_that_can_be_sent_after_all(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule()
    receiver.answer = lambda _: Reply(500)
    issue_ids = report_many(listener, 7)
    for _ in range(ATTEMPTS + 3):
        work(listener)
        listener.reporter.wait(hours=6)
    [dead] = attempts(listener, DeliveryState.DEAD)
    assert (ATTEMPTS, 7) == (dead.attempt, dead.issues)
    assert ATTEMPTS == len(receiver.arrived)
    assert [] == listener.waiting()

    receiver.answer = lambda _: Reply()
    retried = listener.store.alarms.deliveries.retry(dead.id, SOMEBODY, listener.now)
    listener.reporter.wait(hours=6)
    work(listener)

    assert retried is not None
    assert DeliveryState.RETRIED is retried.state
    assert issue_ids == told(receiver)[-1]
    with pytest.raises(NoDeadLetterError):
        listener.store.alarms.deliveries.retry(dead.id, SOMEBODY, listener.now)


def test_a_dead_letter_that_is_dismissed_is_not_sent_and_tells_nobody_any_more_that_it_was_not(
    robot: Listener, receiver: Receiver
) -> None:
    robot.add_rule()
    receiver.answer = lambda _: Reply(body={"code": 19021, "msg": "sign match fail"})
    report_many(robot, 1)
    work(robot)
    [dead] = attempts(robot, DeliveryState.DEAD)
    alarms = robot.store.alarms
    before = alarms.standing.dead_letters()

    dismissed = alarms.deliveries.dismiss(dead.id, SOMEBODY, robot.now)

    assert dismissed is not None
    assert DeliveryState.DISMISSED is dismissed.state
    assert before - 1 == alarms.standing.dead_letters()
    assert [] == robot.waiting()
    for again in (alarms.deliveries.retry, alarms.deliveries.dismiss):
        with pytest.raises(NoDeadLetterError):
            again(dead.id, SOMEBODY, robot.now)
    [entry, *_] = list_audit(robot.store.database, limit=1, query=AuditQuery(action="alarm_delivery")).items
    assert ("alarm_delivery.dismiss", str(dead.id)) == (entry.action, entry.subject)


def test_what_is_refused_for_good_is_a_dead_letter_at_once_and_holds_nothing_else_up(
    robot: Listener, receiver: Receiver
) -> None:
    robot.add_rule()
    receiver.answer = lambda _: Reply(body={"code": 19021, "msg": "sign match fail"})
    report_many(robot, 1)
    work(robot)
    receiver.answer = lambda _: Reply(body={"code": 0})
    report_many(robot, 1)

    work(robot)

    assert [DeliveryState.DEAD, DeliveryState.SENT] == [attempt.state for attempt in attempts(robot)]
    assert 2 == len(receiver.arrived)


def test_an_issue_whose_message_was_refused_for_good_may_be_told_of_again(robot: Listener, receiver: Receiver) -> None:
    robot.add_rule(trigger=Trigger.RATE, occurrences=1, minutes=1)
    receiver.answer = lambda _: Reply(body={"code": 19021, "msg": "sign match fail"})
    issue_id = robot.reporter.report().issue_id
    work(robot)

    robot.reporter.report()

    assert [issue_id] == robot.waiting()


def test_a_message_that_nobody_answered_is_sent_again_only_after_its_window(
    robot: Listener, receiver: Receiver
) -> None:
    robot.add_rule(window=timedelta(hours=2))
    receiver.answer = lambda _: Reply(504)
    report_many(robot, 1)
    work(robot)
    assert [DeliveryState.IN_DOUBT] == [attempt.state for attempt in attempts(robot)]

    robot.reporter.wait(minutes=119)
    work(robot)
    assert 1 == len(receiver.arrived)
    robot.reporter.wait(minutes=1)
    work(robot)

    assert 2 == len(receiver.arrived)


def test_a_receiver_that_can_tell_a_repeat_gets_it_after_a_pause_with_the_same_id(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule(window=timedelta(hours=2))
    receiver.answer = hang_up
    report_many(listener, 1)
    work(listener)

    receiver.answer = lambda _: Reply()
    listener.reporter.wait(seconds=10)
    work(listener)

    assert [DeliveryState.IN_DOUBT, DeliveryState.SENT] == [attempt.state for attempt in attempts(listener)]
    assert 1 == len({request.headers["webhook-id"] for request in receiver.arrived})


def hang_up(_: Arrived) -> Reply:
    """Answer with nothing that can be read to its end."""
    return Reply(headers={"content-length": "100"})


def test_what_a_collector_began_that_is_gone_is_in_doubt_and_sent_after_its_window(
    robot: Listener, receiver: Receiver
) -> None:
    rule = robot.add_rule(window=timedelta(hours=1))
    [issue_id] = report_many(robot, 1)
    draft, _ = robot.begin(rule)
    receiver.answer = lambda _: Reply(body={"code": 0})

    work(robot, holder="another")
    assert [] == receiver.arrived
    assert [DeliveryState.SENDING] == [attempt.state for attempt in attempts(robot)]

    robot.reporter.wait(seconds=CLAIM.seconds)
    work(robot, holder="another")
    assert [DeliveryState.IN_DOUBT] == [attempt.state for attempt in attempts(robot)]
    assert [issue_id] == robot.waiting()
    robot.reporter.wait(hours=1, seconds=8)
    work(robot, holder="another")
    assert [] == receiver.arrived
    robot.reporter.wait(seconds=1)  # an hour after it may have been taken at the latest
    work(robot, holder="another")

    assert 1 == len(receiver.arrived)
    assert [draft.message_id] * 2 == [attempt.message_id for attempt in attempts(robot)]


def test_what_a_collector_began_that_is_gone_goes_at_once_to_who_can_tell_a_repeat(
    listener: Listener, receiver: Receiver
) -> None:
    rule = listener.add_rule()
    report_many(listener, 1)
    draft, _ = listener.begin(rule)
    listener.reporter.wait(seconds=CLAIM.seconds)

    work(listener, holder="another")

    assert [draft.message_id] == [request.headers["webhook-id"] for request in receiver.arrived]


def test_a_collector_that_was_slow_to_say_that_it_has_sent_something_is_believed(
    robot: Listener, receiver: Receiver
) -> None:
    rule = robot.add_rule()
    report_many(robot, 1)
    draft, number = robot.begin(rule)
    robot.reporter.wait(seconds=CLAIM.seconds)
    work(robot, holder="another")

    robot.store.alarms.outbox.end(number, draft.message_id, robot.channel_id, after_sending(rule, robot.now))
    robot.reporter.wait(hours=2)
    work(robot, holder="another")

    assert [] == receiver.arrived
    assert [DeliveryState.SENT] == [attempt.state for attempt in attempts(robot)]


def test_a_channel_that_one_collector_works_at_is_left_alone_by_others(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule()
    report_many(listener, 1)
    outbox = listener.store.alarms.outbox
    assert outbox.claim(listener.channel_id, HOLDER, listener.now, listener.now + CLAIM) is not None

    work(listener, holder="another")
    assert [] == receiver.arrived
    outbox.release(listener.channel_id, HOLDER)
    work(listener, holder="another")

    assert 1 == len(receiver.arrived)


def test_who_has_lost_its_claim_begins_nothing(listener: Listener) -> None:
    rule = listener.add_rule()
    report_many(listener, 1)
    outbox = listener.store.alarms.outbox
    draft = listener.draft(rule)
    assert draft is not None
    later = listener.now + CLAIM
    assert outbox.claim(listener.channel_id, HOLDER, listener.now, later) is not None
    assert outbox.claim(listener.channel_id, "another", later, later + CLAIM) is not None

    assert None is outbox.begin(draft, "A title", HOLDER, later)


def test_nothing_is_sent_in_quiet_hours_and_all_of_it_after_them(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule(quiet=QuietHours(start=time(22), end=time(7), timezone="Asia/Shanghai"), digest_over=2)
    listener.reporter.now = START.replace(hour=15)  # 23:00 in Shanghai
    issue_ids = report_many(listener, 5)
    work(listener)
    assert [] == receiver.arrived

    listener.reporter.now = START.replace(hour=23, minute=0, second=0)
    work(listener)

    assert [issue_ids] == told(receiver)


def test_what_waits_goes_with_its_rule_and_with_its_channel(listener: Listener, receiver: Receiver) -> None:
    rule = listener.add_rule()
    report_many(listener, 1)
    listener.store.alarms.rules.delete(rule.id, SOMEBODY, listener.now)
    assert [] == listener.waiting()

    rule = listener.add_rule()
    report_many(listener, 1)
    listener.store.alarms.channels.delete(listener.channel_id, SOMEBODY, listener.now)
    work(listener)

    assert [] == listener.waiting()
    assert [] == receiver.arrived
    kept = listener.store.alarms.rules.get(rule.id)
    assert kept is not None
    assert () == kept.channel_ids


@pytest.mark.parametrize("without", [{"enabled": False}, {"channel_ids": ()}])
def test_what_waits_is_not_sent_when_its_rule_is_switched_off_or_loses_the_channel(
    listener: Listener, receiver: Receiver, without: dict[str, object]
) -> None:
    rule = listener.add_rule()
    report_many(listener, 1)

    assert listener.store.alarms.rules.change(evolve(rule, **without), SOMEBODY, listener.now)  # type: ignore[arg-type]
    work(listener)

    assert [] == listener.waiting()
    assert [] == receiver.arrived


def test_what_waits_is_sent_when_another_collector_has_switched_its_rule_on_again(
    listener: Listener, receiver: Receiver
) -> None:
    rule = listener.add_rule()
    issue_ids = report_many(listener, 1)
    listener.store.alarms.rules.change(evolve(rule, enabled=False), SOMEBODY, listener.now)

    Alarms(listener.store.database).rules.change(rule, SOMEBODY, listener.now)
    work(listener)

    assert [issue_ids] == told(receiver)


def test_a_channel_of_which_a_change_repaired_the_settings_sends_at_once(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule()
    alarms = listener.store.alarms
    receiver.answer = lambda arrived: Reply(200 if arrived.path == "/right" else 500)
    report_many(listener, 1)
    work(listener)

    alarms.channels.change(listener.channel_id, "Robot", {"url": receiver.url("/right")}, SOMEBODY, listener.now)
    listener.reporter.wait(seconds=10)
    work(listener)

    assert ["/hook", "/right"] == [request.path for request in receiver.arrived]


def test_settings_that_no_kind_understands_make_dead_letters_that_say_so(listener: Listener) -> None:
    listener.add_rule()
    listener.store.alarms.channels.change(listener.channel_id, "Robot", {"uri": "x"}, SOMEBODY, listener.now)
    report_many(listener, 1)

    work(listener)

    [attempt] = attempts(listener)
    assert DeliveryState.DEAD is attempt.state
    assert "uri" in (attempt.reason or "")


def test_an_address_that_is_not_allowed_is_not_connected_to(listener: Listener, receiver: Receiver) -> None:
    listener.add_rule()
    report_many(listener, 1)

    evolve(dispatch_of(listener), network=Network()).work_at(listener.channel_id)

    assert [] == receiver.arrived
    assert [DeliveryState.DEAD] == [attempt.state for attempt in attempts(listener)]


def test_a_test_message_says_what_became_of_it_and_ends_the_rest_of_a_channel(
    listener: Listener, receiver: Receiver
) -> None:
    listener.add_rule()
    receiver.answer = lambda _: Reply(500)
    report_many(listener, 1)
    work(listener)
    dispatch = dispatch_of(listener)
    assert "500" in str(try_channel(dispatch, listener.channel_id, Language.ENGLISH, SOMEBODY))

    receiver.answer = lambda _: Reply()
    outcome = try_channel(dispatch, listener.channel_id, Language.CHINESE, SOMEBODY)
    stored = listener.store.alarms.channels.get(listener.channel_id)

    assert "Sent()" == repr(outcome)
    assert stored is not None
    assert (0, None) == (stored.failures, stored.rests_until)
    assert "test" == receiver.messages()[-1]["type"]
    assert None is try_channel(dispatch, 2**40, Language.ENGLISH, SOMEBODY)
    entries = list_audit(listener.store.database, limit=2, query=AuditQuery(action="alarm_channel.test")).items
    assert [{"name": "Robot", "kind": "webhook", "outcome": each} for each in ("sent", "refused")] == [
        entry.detail for entry in entries
    ]


def test_what_waits_and_what_became_of_the_rest_is_counted(listener: Listener, receiver: Receiver) -> None:
    before = listener.store.alarms.outbox.waiting()
    listener.add_rule(digest_over=1)
    dispatch = dispatch_of(listener)
    report_many(listener, 1)
    dispatch.work_at(listener.channel_id)
    receiver.answer = lambda _: Reply(500)
    listener.reporter.wait(minutes=1)
    report_many(listener, 4)
    dispatch.work_at(listener.channel_id)

    assert 4 == listener.store.alarms.outbox.waiting() - before
    assert {"sent": 1, "refused": 1} == {str(key): value for key, value in dispatch.counts.snapshot().items() if value}
