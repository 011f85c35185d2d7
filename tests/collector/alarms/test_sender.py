"""The threads that send: they start by themselves, keep out of each other's way, and end in order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep

import pytest

from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.sender import Sender
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.app import utc_now
from logcenter_collector.domain.alarms.addresses import read_policy
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.store.sql import SqlStore
from support.alarm_rules import SOMEBODY, Listener, a_rule
from support.receiver import Arrived, Receiver, Reply, receiving
from support.sending import another_error
from support.stores import START


@contextmanager
def sending(store: SqlStore) -> Iterator[Sender]:
    """Run the sender of a collector."""
    network = Network(policy=read_policy(["127.0.0.0/8"]), seconds=10)
    sender = Sender(
        Dispatch(alarms=store.alarms, network=network, public_url="", clock=utc_now, holder=f"sender of {id(store)}")
    )
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(lambda _: Reply()) as receiver:
        yield receiver


@pytest.fixture
def listener(sql_store: SqlStore, receiver: Receiver) -> Listener:
    listener = Listener(sql_store, settings={"url": receiver.url("/hook")})
    listener.reporter.now = utc_now() - timedelta(hours=1)  # every report takes a second of its time
    return listener


def wait_for(receiver: Receiver, count: int, path: str = "/hook") -> None:
    deadline = monotonic() + 20
    while len([request for request in receiver.arrived if request.path == path]) < count:
        assert monotonic() < deadline
        sleep(0.01)


def test_a_channel_that_does_not_answer_delays_neither_reports_nor_another_channel(
    listener: Listener, receiver: Receiver
) -> None:
    may_answer = threading.Event()

    def answer(arrived: Arrived) -> Reply:
        if arrived.path == "/slow":
            may_answer.wait(10)
        return Reply()

    receiver.answer = answer
    create = listener.store.alarms.channels.create
    slow = create("Slow", "webhook", {"url": receiver.url("/slow")}, SOMEBODY, START).id
    listener.add_rule(channel_ids=(slow, listener.channel_id), digest_over=100)
    with sending(listener.store):
        listener.reporter.report(**another_error())
        wait_for(receiver, 1, "/slow")
        for _ in range(3):
            listener.reporter.report(**another_error())
        wait_for(receiver, 4)
        assert not may_answer.is_set()
        assert 4 == len(listener.waiting(slow))
        may_answer.set()
        wait_for(receiver, 4, "/slow")


def test_an_end_waits_for_the_message_under_way_and_leaves_the_rest_for_the_next_start(
    listener: Listener, receiver: Receiver
) -> None:
    stopping = threading.Event()

    def answer(_: Arrived) -> Reply:
        stopping.wait(10)
        return Reply()

    receiver.answer = answer
    listener.add_rule(digest_over=100)
    issue_ids = [listener.reporter.report(**another_error()).issue_id for _ in range(3)]
    with sending(listener.store) as sender:
        wait_for(receiver, 1)
        threading.Timer(0.05, stopping.set).start()
        sender.stop()

    assert issue_ids[1:] == listener.waiting()
    page = listener.store.alarms.deliveries.page(channel_id=listener.channel_id, limit=9, cursor=None)
    assert [DeliveryState.SENT] == [delivery.state for delivery in page.items]
    with sending(listener.store):
        wait_for(receiver, 3)


def test_a_rule_that_another_collector_added_is_followed(listener: Listener, receiver: Receiver) -> None:
    other = SqlStore(listener.store.database.engine.url.render_as_string(hide_password=False))
    with sending(listener.store):
        rule = a_rule(project_id=listener.reporter.project, channel_ids=(listener.channel_id,))
        other.alarms.rules.create(rule, SOMEBODY, START)
        deadline = monotonic() + 20
        while not receiver.arrived:
            assert monotonic() < deadline
            listener.reporter.report(**another_error())
            sleep(0.2)
    other.close()
