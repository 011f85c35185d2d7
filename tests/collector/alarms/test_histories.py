"""Whatever happens, in whatever order: at most one message for an issue, rule and window, and none is lost."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from attrs import define, field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.alarms.wording import Wording
from logcenter_collector.domain.alarms.addresses import read_policy
from logcenter_collector.domain.alarms.deciding import ATTEMPTS, DIGEST_ISSUES
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.sql import SqlStore
from support.alarm_rules import Listener
from support.faults import FULL_SIZE
from support.receiver import Arrived, Receiver, Reply, receiving

LOCAL: Final = Network(policy=read_policy(["127.0.0.0/8"]), seconds=10)
ANSWERS: Final = {
    "takes it": Reply(body={"errcode": 0}),
    "takes it and says nothing": Reply(504),
    "refuses it": Reply(503),
    "asks for time": Reply(429, headers={"Retry-After": "600"}),
}
HOLDERS: Final = ("one collector", "another")
KINDS: Final = 5


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(lambda _: Reply()) as receiver:
        yield receiver


@define
class History:
    """A rule, its channel, and what came to the receiver when."""

    listener: Listener
    receiver: Receiver
    rule: AlarmRule
    reported: set[int] = field(factory=set)
    taken: defaultdict[int, list[datetime]] = field(factory=lambda: defaultdict(list))

    def report(self, kinds: list[int]) -> None:
        """Report errors of these kinds together."""
        arrivals = [self.listener.reporter.arrival(line_number=kind) for kind in kinds]
        self.reported |= {answer.issue_id for answer in self.listener.store.record(arrivals)}

    def work(self, holder: str, says: str) -> None:
        """Let a collector send what is due."""
        self.receiver.answer = lambda arrived: self._note(arrived, says)
        dispatch = Dispatch(
            alarms=self.listener.store.alarms,
            network=LOCAL,
            public_url="https://logs.example.org",
            clock=lambda: self.listener.now,
            holder=holder,
        )
        dispatch.work_at(self.listener.channel_id)

    def die(self, holder: str, is_sent: bool) -> None:
        """Let a collector begin to send what is due, and end before it could write what became of it."""
        outbox, channel_id, now = self.listener.store.alarms.outbox, self.listener.channel_id, self.listener.now
        claimed = outbox.claim(channel_id, holder, now, now + timedelta(seconds=6))
        draft = self.listener.draft(self.rule, DIGEST_ISSUES)
        if claimed is None or outbox.left_behind(channel_id) or draft is None:
            return
        assert outbox.begin(draft, "A title", holder, now) is not None
        if is_sent:
            self.receiver.answer = lambda arrived: self._note(arrived, "takes it")
            notice = Wording(language="en").digest(draft.events, draft.message_id)
            open_channel(self.listener.kind, self.listener.settings).send(notice, LOCAL)

    def _note(self, arrived: Arrived, says: str) -> Reply:
        """Note which issues a message told of: their numbers are in it as the lines of the errors."""
        if says.startswith("takes it"):
            text = arrived.body.decode()
            for kind in range(1, KINDS + 1):
                if f"app/users.py:{kind} " in text or f"app/users.py:{kind}\\n" in text:
                    self.taken[kind].append(self.listener.now)
        return ANSWERS[says]


@frozen
class Step:
    """Errors that are reported, what a collector does then, and the time until the next step."""

    kinds: list[int]
    holder: str
    act: str
    seconds: int

    def happen(self, history: History) -> None:
        """Let it happen."""
        if self.kinds:
            history.report(self.kinds)
        if self.act in ANSWERS:
            history.work(self.holder, self.act)
        elif self.act != "nothing":
            history.die(self.holder, is_sent=self.act == "dies after sending")
        history.listener.reporter.wait(seconds=self.seconds)


STEPS: Final = st.builds(
    Step,
    kinds=st.lists(st.integers(1, KINDS), max_size=KINDS),
    holder=st.sampled_from(HOLDERS),
    act=st.sampled_from([*ANSWERS, "takes it", "dies before sending", "dies after sending", "nothing"]),
    seconds=st.sampled_from([1, 7, 25, 61, 601, 3_700, 22_000]),
)


def play(store: SqlStore, receiver: Receiver, steps: list[Step], rule: dict[str, object]) -> History:
    """Let it all happen, and then have a receiver that takes everything."""
    url = receiver.url("/robot/send?access_token=abc")
    listener = Listener(store, "dingtalk", {"url": url})
    own = listener.add_rule(trigger=Trigger.RATE, occurrences=1, minutes=1, **rule)
    history = History(listener, receiver, own)
    for step in steps:
        step.happen(history)
    for _ in range(ATTEMPTS + 2):
        listener.reporter.wait(hours=7)
        history.work(HOLDERS[0], "takes it")
    return history


def check(history: History) -> None:
    """Hold what came to the receiver to what was promised."""
    for kind, moments in history.taken.items():
        for earlier, later in pairwise(moments):
            assert history.rule.window <= later - earlier, kind
    page = history.listener.store.alarms.deliveries.page(
        state=DeliveryState.DEAD, channel_id=history.listener.channel_id, limit=200, cursor=None
    )
    given_up = sum(delivery.issues for delivery in page.items)
    assert len(history.reported) <= len(history.taken) + given_up
    assert [] == history.listener.waiting()


RULES: Final = st.fixed_dictionaries(
    {
        "window": st.sampled_from([timedelta(seconds=20), timedelta(minutes=10), timedelta(hours=1)]),
        "digest_over": st.sampled_from([0, 1, 3]),
    }
)


@settings(max_examples=400 if FULL_SIZE else 15, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=12), rule=RULES)
def test_whatever_happens_nobody_is_told_twice_within_the_window_and_nothing_is_lost(
    sql_store: SqlStore, receiver: Receiver, steps: list[Step], rule: dict[str, object]
) -> None:
    check(play(sql_store, receiver, steps, rule))
