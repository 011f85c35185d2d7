"""Many reporters at once, and a collector that dies under them."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.collector import Collector

_REPORTERS = 120
_REPORTS_EACH = 5


def _report(kind: int, **more: Any) -> dict[str, Any]:
    error = {"type": f"Error{kind}", "message": "no", "file_path": "app.py", "line_number": kind, "stack_trace": ["no"]}
    return {"project_id": "crowd", "environment": "production", "level": "ERROR", "error": error, **more}


async def test_120_concurrent_reporters_of_five_errors_leave_five_issues_with_exact_counts(
    collector: Collector,
) -> None:
    async with httpx.AsyncClient(
        base_url=collector.api_url, timeout=60, limits=httpx.Limits(max_connections=_REPORTERS), trust_env=False
    ) as client:

        async def reporter(number: int) -> list[dict[str, Any]]:
            kinds = [(number + step) % 5 for step in range(_REPORTS_EACH)]
            responses = [await client.post("/api/v1/logs/report", json=_report(kind)) for kind in kinds]
            return [response.raise_for_status().json() for response in responses]

        answers = [answer for part in await asyncio.gather(*map(reporter, range(_REPORTERS))) for answer in part]

    issues = collector.issues(project_id="crowd")
    messages = Counter(answer["message"] for answer in answers)
    assert {f"Error{kind}": _REPORTERS for kind in range(5)} == {
        issue["error"]["type"]: issue["occurrence_count"] for issue in issues
    }
    assert Counter({"Log reported": 5, "Log deduplicated": _REPORTERS * _REPORTS_EACH - 5}) == messages
    assert {issue["id"] for issue in issues} == {answer["id"] for answer in answers}


@pytest.mark.parametrize("kill_after", [40, 250])
async def test_a_killed_collector_has_lost_no_report_that_it_acknowledged(
    start_collector: Callable[..., Collector], tmp_path: Path, kill_after: int
) -> None:
    database = tmp_path / "killed.db"
    first = start_collector(database=database)
    acknowledged: Counter[int] = Counter()
    sent: Counter[int] = Counter()
    enough = asyncio.Event()

    async def reporter(client: httpx.AsyncClient, seed: int) -> None:
        chosen = random.Random(seed)
        while True:
            kind = chosen.randrange(20)
            sent[kind] += 1
            try:
                response = await client.post("/api/v1/logs/report", json=_report(kind))
            except httpx.HTTPError:  # the collector is gone; nothing was promised
                return
            assert response.status_code == 200
            acknowledged[kind] += 1
            if acknowledged.total() >= kill_after:
                enough.set()

    async with httpx.AsyncClient(base_url=first.api_url, timeout=30, trust_env=False) as client:
        reporters = [asyncio.create_task(reporter(client, seed)) for seed in range(16)]
        await asyncio.wait_for(enough.wait(), 60)
        first.kill()
        await asyncio.gather(*reporters)

    second = start_collector(database=database)
    stored = {issue["error"]["line_number"]: issue["occurrence_count"] for issue in second.issues(limit=200)}
    assert acknowledged.total() >= kill_after
    for kind in range(20):
        assert acknowledged[kind] <= stored.get(kind, 0) <= sent[kind]


def test_what_was_in_doubt_at_a_kill_counts_once_when_it_is_sent_again(
    start_collector: Callable[..., Collector], tmp_path: Path
) -> None:
    database = tmp_path / "killed.db"
    reports = [_report(number % 3, event_id=str(uuid.uuid4())) for number in range(30)]
    first = start_collector(database=database)
    for report in reports[:20]:
        first.report(report)
    first.kill()

    second = start_collector(database=database)
    answers = [second.report(report) for report in reports]

    assert ["Log deduplicated"] * 30 == [answer["message"] for answer in answers]
    assert 30 == sum(issue["occurrence_count"] for issue in second.issues())
