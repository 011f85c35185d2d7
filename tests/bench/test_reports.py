"""The reports of the figures: what the benches promise about their load."""

import itertools
import json
import re
from collections import Counter

import pytest

from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import field_errors, read
from logcenter_sdk.contract.report import Report
from reports import FINGERPRINTS, MIXES, SIZES, mix, zipf_picks

VALUES = {
    "event_id": "3f2b8c1e-9a4d-4c6b-8f1e-2d7a5b9c0e11",
    "timestamp": "2026-01-01T10:00:00.000000Z",
    "request_id": "0123456789abcdef",
    "user_id": "000001",
}


def reports(name: str, size: int, count: int) -> list[Report]:
    bodies = itertools.islice(mix(name, size, "shop").bodies("seed"), count)
    return [read(Report, json.loads(body)) for body in bodies]


@pytest.mark.parametrize("name", MIXES)
@pytest.mark.parametrize("size", SIZES.values())
def test_every_template_is_a_valid_report_of_exactly_its_size(name: str, size: int) -> None:
    chosen = mix(name, size, "shop")
    bodies = list(itertools.islice(chosen.bodies("seed"), 50))
    assert {size} == {len(body) for body in bodies} == {template.size for template in chosen.templates}
    assert [()] * 50 == [field_errors(Report, json.loads(body)) for body in bodies]


@pytest.mark.parametrize(("name", "different"), [("hot", 1), ("distinct", 1_000)])
def test_the_mix_decides_how_many_errors_there_are(name: str, different: int) -> None:
    found = {fingerprint_of(report) for report in reports(name, SIZES["2 kB"], 1_000)}
    assert different == len(found)


def test_the_thousand_errors_of_zipf_are_different() -> None:
    templates = mix("Zipf", SIZES["2 kB"], "shop").templates
    found = {fingerprint_of(read(Report, json.loads(template.fill(VALUES)))) for template in templates}
    assert FINGERPRINTS == len(found)


def test_no_event_id_comes_twice_not_even_from_another_seed() -> None:
    chosen = mix("hot", SIZES["2 kB"], "shop")
    bodies = itertools.chain(*(itertools.islice(chosen.bodies(seed), 2_000) for seed in ("a", "b")))
    ids = Counter(str(json.loads(body)["event_id"]) for body in bodies)
    assert (4_000, 1) == (len(ids), max(ids.values()))


def test_the_first_error_of_zipf_comes_twice_as_often_as_the_second_and_ten_times_as_often_as_the_tenth() -> None:
    drawn = Counter(zipf_picks(1_000, 100_000))
    assert 2 == pytest.approx(drawn[0] / drawn[1], rel=0.1)
    assert 10 == pytest.approx(drawn[0] / drawn[9], rel=0.1)


def test_a_report_has_a_trace_of_twenty_frames() -> None:
    (report,) = reports("hot", SIZES["2 kB"], 1)
    assert 20 == sum(bool(re.match(r'  File ".+", line \d+, in \w+$', line)) for line in report.error.stack_trace)
