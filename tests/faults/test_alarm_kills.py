"""``kill -9`` while alarms are sent: nobody is told twice within the window, and nothing is lost."""

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from attrs import define, field

from support.collector import Collector
from support.faults import FULL_SIZE
from support.receiver import Arrived, Receiver, Reply, receiving
from support.sending import a_report, fresh_project

KILLS, ISSUES = (5, 60) if FULL_SIZE else (1, 30)
WINDOW_SECONDS = 2
SECONDS_FOR_AN_ANSWER = 0.03
"""So that a kill meets a message under way."""
DATABASES = ["sqlite", "postgresql"] if FULL_SIZE else ["sqlite"]
ALARMS = "/api/v1/alarms"


@define
class Told:
    """When a receiver was told of which error, and with which id of a message."""

    answer: Reply
    times: defaultdict[int, list[float]] = field(factory=lambda: defaultdict(list))
    ids: defaultdict[int, set[str]] = field(factory=lambda: defaultdict(set))

    def take(self, arrived: Arrived) -> Reply:
        """Note what a message tells of, and answer late."""
        for number in map(int, re.findall(r"app/users\.py:(\d+)", arrived.body.decode())):
            if arrived.headers.get("webhook-id", "") not in self.ids[number] or "webhook-id" not in arrived.headers:
                self.times[number].append(time.monotonic())
            self.ids[number].add(arrived.headers.get("webhook-id", ""))
        time.sleep(SECONDS_FOR_AN_ANSWER)
        return self.answer


@pytest.fixture
def hook() -> Iterator[tuple[Receiver, Told]]:
    """A webhook, which can tell a repeat by its id."""
    told = Told(Reply())
    with receiving(told.take) as receiver:
        yield receiver, told


@pytest.fixture
def robot() -> Iterator[tuple[Receiver, Told]]:
    """A robot as Feishu has them, which cannot."""
    told = Told(Reply(body={"code": 0, "msg": "success"}))
    with receiving(told.take) as receiver:
        yield receiver, told


def post(collector: Collector, path: str, body: dict[str, Any]) -> int:
    """Create something and return its number."""
    response = collector.client.post(f"{ALARMS}{path}", json=body)
    assert response.status_code == 200, response.text
    return int(response.json()["id"])


def listen(collector: Collector, project: str, hook: Receiver, robot: Receiver) -> None:
    """Let both be told of every new issue, one by one."""
    robot_url = robot.url("/open-apis/bot/v2/hook/abc")
    channels = [
        post(collector, "/channels", {"name": "Hook", "kind": "webhook", "settings": {"url": hook.url("/hook")}}),
        post(collector, "/channels", {"name": "Robot", "kind": "feishu", "settings": {"url": robot_url}}),
    ]
    rule = {"name": "New", "trigger": "new_issue", "project_id": project, "channel_ids": channels}
    post(collector, "/rules", {**rule, "window_seconds": WINDOW_SECONDS, "digest_over": 1_000})


@pytest.mark.parametrize("kind", DATABASES)
def test_kills_in_the_middle_of_sending_tell_nobody_twice_within_the_window_and_lose_nothing(
    start_collector: Callable[..., Collector],
    kind: str,
    request: pytest.FixtureRequest,
    hook: tuple[Receiver, Told],
    robot: tuple[Receiver, Told],
) -> None:
    flags = ("--allow-private-webhooks", "127.0.0.0/8")
    database = request.getfixturevalue("postgres_url") if kind == "postgresql" else None
    collector = start_collector(*flags, database=database)
    project = fresh_project()
    listen(collector, project, hook[0], robot[0])
    chosen = random.Random(5)
    for kill in range(KILLS):
        lines = range(1_000 * kill, 1_000 * kill + ISSUES)
        assert 200 == collector.report_batch([a_report(project, line_number=line) for line in lines]).status_code
        before = len(robot[1].times)
        wait_until(lambda before=before: len(robot[1].times) > before + chosen.randint(1, ISSUES // 2))  # type: ignore[misc]
        collector.kill()
        collector = start_collector(*flags, database=collector.database_url)

    everything = {1_000 * kill + line for kill in range(KILLS) for line in range(ISSUES)}
    for _, told in (hook, robot):
        wait_until(lambda told=told: everything <= told.times.keys())  # type: ignore[misc]
        for moments in told.times.values():
            assert all(later - earlier >= WINDOW_SECONDS for earlier, later in pairwise(moments))
    assert {1} == {len(ids) for ids in hook[1].ids.values()}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
