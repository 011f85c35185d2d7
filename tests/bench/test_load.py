"""The load generator: what wrk sends is what the mixes promise."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from load import Load, Result, exactness, write_script
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from reports import MIXES, SIZES, mix
from support.recorder import recording

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")

SIZE = SIZES["2 kB"]


def sent(folder: Path, name: str, *, status: int = 200, connections: int = 2) -> tuple[Result, list[dict[str, Any]]]:
    """Let wrk send a mix to a recorder for a second."""
    with recording(status) as recorder:
        script = write_script(mix(name, SIZE, "shop"), folder)
        result = Load(int(recorder.url.rpartition(":")[2]), script, connections, 1).result()
        return result, recorder.reports


@needs_wrk
@pytest.mark.parametrize("name", MIXES)
def test_what_wrk_sends_are_reports_with_ids_of_their_own(tmp_path: Path, name: str) -> None:
    _, reports = sent(tmp_path, name)
    assert len(reports) == len({read(Report, report).event_id for report in reports}) > 1


@needs_wrk
def test_all_distinct_means_another_fingerprint_each_time(tmp_path: Path) -> None:
    _, reports = sent(tmp_path, "distinct")
    assert len(reports) == len({fingerprint_of(read(Report, report)) for report in reports})


@needs_wrk
def test_two_scripts_of_a_mix_share_no_event_id(tmp_path: Path) -> None:
    first, second = ({report["event_id"] for report in sent(tmp_path, "hot")[1]} for _ in range(2))
    assert set() == first & second


@needs_wrk
def test_wrk_says_how_many_answers_it_got(tmp_path: Path) -> None:
    result, reports = sent(tmp_path, "Zipf")
    assert 0 <= len(reports) - result.acknowledged <= 2
    assert (0, 0) == (result.refused, result.broken)


@needs_wrk
def test_a_refusal_is_not_acknowledged(tmp_path: Path) -> None:
    result, _ = sent(tmp_path, "hot", status=503)
    assert 0 == result.acknowledged < result.refused


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (200, "+0 of 8 cut off: exact"),
        (208, "+8 of 8 cut off: exact"),
        (209, "+9 of 8 cut off: WRONG"),
        (199, "-1 of 8 cut off: WRONG"),
    ],
)
def test_only_the_last_request_of_each_connection_may_be_stored_beyond_the_acknowledged(stored: int, said: str) -> None:
    assert said == exactness(stored, [run(100), run(100)], connections=4)


def test_refusals_are_said_beside_the_verdict() -> None:
    assert "+0 of 4 cut off: exact, 3 refused or broken" == exactness(97, [run(100, refused=3)], connections=4)


def run(requests: int, refused: int = 0) -> Result:
    return Result(
        requests=requests, refused=refused, broken=0, seconds=1, p50_ms=1, p99_ms=1, max_ms=1, generator_seconds=0
    )
