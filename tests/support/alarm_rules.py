"""Rules and channels of alarms, and what of them waits in a store."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from attrs import define, field
from sqlalchemy import select

from logcenter_collector.domain.access import ANYONE
from logcenter_collector.domain.alarms.delivery import OutboxState
from logcenter_collector.domain.alarms.event import AlarmEvent, Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.alarms.outbox import Draft, Group
from logcenter_collector.store.alarms.tables import alarm_outbox
from logcenter_collector.store.sql import SqlStore
from support.stores import START, Reporter, reporter_of

SOMEBODY: Final = By(principal=ANYONE, address="127.0.0.1")
HOLDER: Final = "a collector"
SETTINGS: Final[Mapping[str, str]] = {"url": "https://robots.example/hook"}


def a_rule(**changes: Any) -> AlarmRule:
    """Return a rule that nobody has created yet."""
    return AlarmRule(**{"id": 0, "name": "Tell us", "trigger": Trigger.NEW_ISSUE, **changes})


@define
class Listener:
    """A project with a reporter, a channel, and rules of its own."""

    store: SqlStore
    kind: str = "webhook"
    settings: Mapping[str, str] = SETTINGS
    reporter: Reporter = field(init=False)
    channel_id: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.reporter = reporter_of(self.store)
        self.channel_id = self.add_channel()

    def add_channel(self) -> int:
        """Add another channel and return its number."""
        return self.store.alarms.channels.create("Robot", self.kind, self.settings, SOMEBODY, START).id

    def add_rule(self, **changes: Any) -> AlarmRule:
        """Add a rule of the project that tells the channel."""
        own = {"project_id": self.reporter.project, "channel_ids": (self.channel_id,)}
        return self.store.alarms.rules.create(a_rule(**{**own, **changes}), SOMEBODY, START)

    @property
    def now(self) -> datetime:
        """The reporter's clock, which the sender goes by as well."""
        return self.reporter.now

    def waiting(self, channel_id: int | None = None) -> list[int]:
        """Return the issues that the channel is to tell of, now or later."""
        table = alarm_outbox.c
        statement = select(table.issue_id).where(
            table.channel_id == (channel_id or self.channel_id), table.state != OutboxState.DONE
        )
        with self.store.database.read() as connection:
            return sorted(connection.execute(statement).scalars())

    def groups(self) -> tuple[Group, ...]:
        """Return what is due for the channel."""
        return self.store.alarms.outbox.groups(self.channel_id, self.now)

    def events(self, rule: AlarmRule, most: int = 500) -> tuple[AlarmEvent, ...]:
        """Return what is due because of a rule."""
        draft = self.draft(rule, most)
        return draft.events if draft else ()

    def draft(self, rule: AlarmRule, most: int = 500) -> Draft | None:
        """Return the next message because of a rule."""
        groups = [group for group in self.groups() if group.rule_id == rule.id]
        outbox, message_id = self.store.alarms.outbox, uuid4().hex
        return outbox.draft(self.channel_id, rule, message_id, groups[0], most, self.now) if groups else None

    def begin(self, rule: AlarmRule, most: int = 500) -> tuple[Draft, int]:
        """Begin to send the next message because of a rule."""
        outbox = self.store.alarms.outbox
        assert outbox.claim(self.channel_id, HOLDER, self.now, self.now + timedelta(seconds=6)) is not None
        draft = self.draft(rule, most)
        assert draft is not None
        number = outbox.begin(draft, "A title", HOLDER, self.now)
        assert number is not None
        return draft, number
