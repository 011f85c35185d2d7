"""Many reporters at once. A collector that dies under them: ``tests/faults``."""

import asyncio
from collections import Counter
from typing import Any

import httpx

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
