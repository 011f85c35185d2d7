"""The load generator: what wrk sends is what the mixes promise."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from load import Load, Result, write_script
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from reports import MIXES, SIZES, mix
from support.recorder import recording

pytestmark = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")

SIZE = SIZES["2 kB"]


def sent(folder: Path, name: str, *, status: int = 200, connections: int = 2) -> tuple[Result, list[dict[str, Any]]]:
    """Let wrk send a mix to a recorder for a second."""
    with recording(status) as recorder:
        script = write_script(mix(name, SIZE, "shop"), folder)
        result = Load(int(recorder.url.rpartition(":")[2]), script, connections, 1).result()
        return result, recorder.reports


@pytest.mark.parametrize("name", MIXES)
def test_what_wrk_sends_are_reports_with_ids_of_their_own(tmp_path: Path, name: str) -> None:
    _, reports = sent(tmp_path, name)
    assert len(reports) == len({read(Report, report).event_id for report in reports}) > 1


def test_all_distinct_means_another_fingerprint_each_time(tmp_path: Path) -> None:
    _, reports = sent(tmp_path, "distinct")
    assert len(reports) == len({fingerprint_of(read(Report, report)) for report in reports})


def test_two_scripts_of_a_mix_share_no_event_id(tmp_path: Path) -> None:
    first, second = ({report["event_id"] for report in sent(tmp_path, "hot")[1]} for _ in range(2))
    assert set() == first & second


def test_wrk_says_how_many_answers_it_got(tmp_path: Path) -> None:
    result, reports = sent(tmp_path, "Zipf")
    assert 0 <= len(reports) - result.acknowledged <= 2
    assert (0, 0) == (result.refused, result.broken)


def test_a_refusal_is_not_acknowledged(tmp_path: Path) -> None:
    result, _ = sent(tmp_path, "hot", status=503)
    assert 0 == result.acknowledged < result.refused
