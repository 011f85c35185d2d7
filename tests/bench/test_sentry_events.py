"""The events for trackers that speak Sentry's protocol: the facts of our reports in bodies of the same size."""

import itertools
import json
from typing import Any

import pytest

from reports import MIXES, SIZES, mix
from sentry_events import envelope


def bodies(name: str, size: int, count: int) -> list[bytes]:
    return list(itertools.islice(mix(name, size, "shop", envelope).bodies("seed"), count))


def parts(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.split(b"\n")]


@pytest.mark.parametrize("name", MIXES)
@pytest.mark.parametrize("size", SIZES.values())
def test_an_envelope_is_as_large_as_the_report(name: str, size: int) -> None:
    assert {size} == {template.size for template in mix(name, size, "shop", envelope).templates}
    assert {size} == {len(body) for body in bodies(name, size, 20)}


def test_an_envelope_holds_one_event_with_its_id() -> None:
    head, item, event = parts(bodies("hot", SIZES["2 kB"], 1)[0])
    assert {"event_id": event["event_id"]} == head
    assert {"type": "event"} == item


@pytest.mark.parametrize(("size", "exceptions"), [("2 kB", 1), ("20 kB", 3)])
def test_every_exception_of_the_trace_has_its_twenty_frames(size: str, exceptions: int) -> None:
    values = parts(bodies("hot", SIZES[size], 1)[0])[2]["exception"]["values"]
    error = json.loads(next(mix("hot", SIZES[size], "shop").bodies("seed")))["error"]
    assert [20] * exceptions == [len(value["stacktrace"]["frames"]) for value in values]
    last = values[-1]["stacktrace"]["frames"][-1]
    assert (error["type"], error["message"]) == (values[-1]["type"], values[-1]["value"])
    assert (error["file_path"], error["line_number"]) == (last["filename"], last["lineno"])


@pytest.mark.parametrize(("name", "groups"), [("hot", 1), ("distinct", 200)])
def test_events_are_as_many_groups_as_reports_are_errors(name: str, groups: int) -> None:
    assert groups == len({str(parts(body)[2]["fingerprint"]) for body in bodies(name, SIZES["2 kB"], 200)})
