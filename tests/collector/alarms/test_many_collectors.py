"""Several collectors on one PostgreSQL: each issue is told of once, counts are exact, and nobody waits in a circle."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from time import monotonic, sleep

import pytest
from sqlalchemy import func, select

from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.sender import Sender
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.app import utc_now
from logcenter_collector.domain.alarms.addresses import read_policy
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.store.alarms.tables import alarm_counts
from logcenter_collector.store.base import arrive
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from support.alarm_rules import Listener
from support.postgres import Postgres
from support.receiver import Receiver, Reply, receiving
from support.sending import a_report

COLLECTORS, BATCHES, KINDS = 3, 30, 20


@pytest.fixture
def stores(postgres: Postgres) -> Iterator[list[SqlStore]]:
    """Stores on one database, each with a sender that runs."""
    url = postgres.new_database()
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(SqlStore(url))) for _ in range(COLLECTORS)]
        for number, store in enumerate(stores):
            network = Network(policy=read_policy(["127.0.0.0/8"]))
            dispatch = Dispatch(
                alarms=store.alarms, network=network, public_url="", clock=utc_now, holder=f"collector {number}"
            )
            sender = Sender(dispatch)
            sender.start()
            stack.callback(sender.stop)
        yield stores
        deadlocks = postgres.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", url=url
        )
    postgres.drop_database(url)
    assert [(0,)] == deadlocks


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(lambda _: Reply()) as receiver:
        yield receiver


def told(receiver: Receiver) -> Counter[int]:
    """Return how often each issue was told of."""
    return Counter(event["issue"]["id"] for message in receiver.messages() for event in message["events"])


def test_the_same_errors_through_all_of_them_are_told_of_once_and_counted_to_the_unit(
    stores: list[SqlStore], receiver: Receiver
) -> None:
    listener = Listener(stores[0], settings={"url": receiver.url("/hook")})
    new = listener.add_rule(digest_over=50)
    rate = listener.add_rule(trigger=Trigger.RATE, occurrences=COLLECTORS * BATCHES, minutes=1_000)
    for store in stores:
        store.alarms.rulebook.reload()

    def report(number: int) -> set[int]:
        chosen = random.Random(number)
        seen = set()
        for _ in range(BATCHES):
            kinds = chosen.sample(range(KINDS), KINDS)
            reports = [read(Report, a_report(listener.reporter.project, line_number=kind)) for kind in kinds]
            seen |= {answer.issue_id for answer in stores[number].record([arrive(each, utc_now()) for each in reports])}
        return seen

    with ThreadPoolExecutor() as threads:
        issues = set().union(*threads.map(report, range(COLLECTORS)))
    wait_until_nothing_waits(listener)

    assert KINDS == len(issues)
    assert dict.fromkeys(issues, 2) == told(receiver)  # because of either rule
    statement = select(func.sum(alarm_counts.c.count)).where(alarm_counts.c.rule_id == rate.id)
    with stores[0].database.read() as connection:
        assert COLLECTORS * BATCHES * KINDS == connection.execute(statement).scalar_one()
    assert {new.id, rate.id} == {
        delivery.rule_id
        for delivery in stores[0].alarms.deliveries.page(channel_id=listener.channel_id, limit=200, cursor=None).items
    }


def wait_until_nothing_waits(listener: Listener) -> None:
    deadline = monotonic() + 90
    while listener.waiting():
        assert monotonic() < deadline
        sleep(0.05)
