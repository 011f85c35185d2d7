"""A storm of reports from many senders, each of which tries again until its reports are acknowledged."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import httpx
from attrs import define, field

from support.collector import Collector
from support.sending import a_report

Reports = list[dict[str, Any]]


def storm(count: int, kinds: int, project: str, seed: int = 1) -> Reports:
    """Return reports of so many errors, told apart by their line, with an event id each."""
    chosen = random.Random(seed)
    return [
        a_report(
            project,
            line_number=chosen.randrange(kinds),
            event_id=str(UUID(int=chosen.getrandbits(128))),
            environment=chosen.choice(["production", "staging"]),
            version=f"1.{chosen.randrange(4)}",
        )
        for _ in range(count)
    ]


def kinds_of(reports: Sequence[dict[str, Any]]) -> Counter[int]:
    """Return how often each error is reported."""
    return Counter(report["error"]["line_number"] for report in reports)


def stored(collector: Collector, project: str) -> Counter[int]:
    """Return how often each error was counted."""
    issues = collector.issues(project_id=project, limit=200)
    return Counter({issue["error"]["line_number"]: issue["occurrence_count"] for issue in issues})


@define
class Senders:
    """Send reports, single or a few together, to wherever ``address`` says at that moment."""

    address: Callable[[], str]
    acknowledged: int = 0
    statuses: Counter[int] = field(factory=Counter)
    """Every answer so far, by its status; 0 where there was none."""
    _client: httpx.AsyncClient = field(init=False)

    async def send(self, reports: Reports, *, senders: int = 16, together: int = 5) -> None:
        """Return when every report was acknowledged; half of them go in batches of up to ``together``."""
        waiting = _parts(reports, together)
        limits = httpx.Limits(max_connections=senders)
        async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as self._client:
            await asyncio.gather(*(self._sender(waiting) for _ in range(senders)))

    async def _sender(self, waiting: list[Reports]) -> None:
        while waiting:
            part = waiting.pop()
            while part:
                part = await self._try(part)

    async def _try(self, part: Reports) -> Reports:
        """Send once, and return what was not acknowledged."""
        try:
            answers = await self._post(part)
        except httpx.TransportError:  # the collector is gone: nothing was promised
            answers = [0] * len(part)
        self.statuses.update(answers)
        self.acknowledged += answers.count(200)
        left = [report for report, status in zip(part, answers, strict=True) if status != 200]
        if left:
            await asyncio.sleep(0.05)
        return left

    async def _post(self, part: Reports) -> list[int]:
        if len(part) == 1:
            response = await self._client.post(f"{self.address()}/api/v1/logs/report", json=part[0])
            return [_told_when_to_come_back(response)]
        response = await self._client.post(f"{self.address()}/api/v1/logs/report/batch", json=part)
        if response.status_code != 200:
            return [_told_when_to_come_back(response)] * len(part)
        return [answer.get("status", 200) if "id" not in answer else 200 for answer in response.json()]


def _told_when_to_come_back(response: httpx.Response) -> int:
    """Return the status; a 503 has to say after how many seconds to try again."""
    assert response.status_code != 503 or 0 < int(response.headers["retry-after"]) < 60
    return response.status_code


def _parts(reports: Reports, together: int) -> list[Reports]:
    half = len(reports) // 2
    singles = [[report] for report in reports[:half]]
    batches = [reports[start : start + together] for start in range(half, len(reports), together)]
    parts = [*singles, *batches]
    random.Random(2).shuffle(parts)
    return parts
