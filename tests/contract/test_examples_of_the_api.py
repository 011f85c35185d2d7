"""What the description of the API shows as an example of a body is taken as one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from logcenter_collector.domain.query_language import parse
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.web.api.teamwork import to_wish
from logcenter_sdk.contract import teamwork
from support.repository import ROOT

PATHS = json.loads((ROOT / "contract" / "openapi.json").read_text(encoding="utf-8"))["paths"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def bodies() -> Iterator[tuple[str, Any]]:
    """Yield the name of the body's class and the example."""
    for operations in PATHS.values():
        for operation in operations.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                for example in body.get("examples", {}).values():
                    yield body["schema"]["$ref"].rpartition("/")[2], example["value"]


@pytest.mark.parametrize(("name", "body"), list(bodies()))
def test_an_example_is_taken(name: str, body: object) -> None:
    read = read_object(getattr(teamwork, name), body)

    if isinstance(read, teamwork.MuteRequest):
        to_wish(read, NOW)
    if isinstance(read, teamwork.SavedViewRequest):
        parse(read.query, NOW)


def test_everything_that_people_do_with_issues_has_an_example() -> None:
    expected = {"AssigneeRequest", "MuteRequest", "CommentRequest", "SavedViewRequest", "BulkRequest"}

    assert expected == {name for name, _ in bodies()}
