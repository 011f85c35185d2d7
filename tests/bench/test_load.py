"""The load generator: what wrk sends is what the mixes promise."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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
CONNECTIONS = 2


@cache
def sent(name: str, *, status: int = 200, run: int = 1) -> tuple[Result, list[dict[str, Any]]]:
    """Let wrk send a mix to a recorder for a second; another ``run`` is another script."""
    del run
    with recording(status) as recorder, TemporaryDirectory() as folder:
        script = write_script(mix(name, SIZE, "shop"), Path(folder))
        result = Load(int(recorder.url.rpartition(":")[2]), script, CONNECTIONS, 1).result()
        return result, recorder.reports


@needs_wrk
@pytest.mark.parametrize("name", MIXES)
def test_what_wrk_sends_are_reports_with_ids_of_their_own(name: str) -> None:
    _, reports = sent(name)
    assert len(reports) == len({read(Report, report).event_id for report in reports}) > 1


@needs_wrk
def test_all_distinct_means_another_fingerprint_each_time() -> None:
    _, reports = sent("distinct")
    assert len(reports) == len({fingerprint_of(read(Report, report)) for report in reports})


@needs_wrk
def test_two_scripts_of_a_mix_share_no_event_id() -> None:
    first, second = ({report["event_id"] for report in sent("hot", run=run)[1]} for run in (1, 2))
    assert set() == first & second


@needs_wrk
def test_wrk_says_how_many_answers_it_got() -> None:
    result, reports = sent("Zipf")
    assert 0 <= len(reports) - result.acknowledged <= CONNECTIONS
    assert (0, 0) == (result.refused, result.broken)


@needs_wrk
def test_a_refusal_is_not_acknowledged() -> None:
    result, _ = sent("hot", status=503)
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
    assert said == exactness(stored, [counted(100), counted(100)], connections=4)


def test_refusals_are_said_beside_the_verdict() -> None:
    assert "+0 of 4 cut off: exact, 3 refused or broken" == exactness(97, [counted(100, refused=3)], connections=4)


def counted(requests: int, refused: int = 0) -> Result:
    return Result(
        requests=requests, refused=refused, broken=0, seconds=1, p50_ms=1, p99_ms=1, max_ms=1, generator_seconds=0
    )
