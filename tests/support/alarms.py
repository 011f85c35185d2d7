"""What tests of alarms share: an event, a notice of it, and ways out into this machine."""

from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from logcenter_collector.alarms.channels.notice import Notice
from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.wording import Wording
from logcenter_collector.domain.alarms.addresses import read_policy
from logcenter_collector.domain.alarms.event import AlarmEvent, IssueFacts, Trigger
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

FACTS = IssueFacts(
    issue_id=7,
    project_id="shop_backend",
    project_name="Shop",
    source=Source.RUNTIME,
    level=Level.ERROR,
    status=Status.NEW,
    environment="production",
    version="1.4.2",
    error_type="ValueError",
    message="no such price",
    place="shop/prices.py:42",
    occurrence_count=5,
    regression_count=0,
    first_seen=datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    last_seen=datetime(2026, 3, 1, 9, 15, tzinfo=UTC),
)
LOCAL = Network(policy=read_policy(["127.0.0.0/8"]), seconds=10)
"""Reaches servers of this machine, as whoever runs the collector may allow."""


def event(trigger: Trigger = Trigger.NEW_ISSUE, detail: dict[str, str | int] | None = None, **facts: Any) -> AlarmEvent:
    """Return an event of an issue with some facts of its own."""
    return AlarmEvent(trigger=trigger, facts=evolve(FACTS, **facts), at=FACTS.last_seen, detail=detail or {})


def notice(public_url: str = "https://logs.example.org", **facts: Any) -> Notice:
    """Return the English notice of a new issue."""
    return Wording(language="en", public_url=public_url).single(event(**facts), "delivery-1")
