"""The errors that the SDK's figures capture, and what is reckoned from what is measured."""

import traceback

import pytest

from errors import FRAMES, fail, kinds
from figures.leak import growth
from figures.startup import middle, over, ratios
from figures.web import differences


def raised(kind: type[Exception], number: int) -> Exception:
    with pytest.raises(kind) as caught:
        fail(kind, number)
    return caught.value


def test_an_error_comes_through_twenty_frames_with_the_one_that_catches_it() -> None:
    (kind,) = kinds(1)
    assert FRAMES == 20 == len(traceback.extract_tb(raised(kind, 7).__traceback__))


def test_kinds_differ_by_their_name_and_numbers_by_the_message() -> None:
    first, second = kinds(2)
    assert ("Kind0Error", "Kind1Error") == (first.__name__, second.__name__)
    assert "number=7 " in str(raised(first, 7))


def test_every_frame_has_locals() -> None:
    step = raised(kinds(1)[0], 7).__traceback__
    assert step is not None
    counts = []
    while step := step.tb_next:
        counts.append(len(step.tb_frame.f_locals))
    assert 2 <= min(counts)


def test_memory_grows_only_by_what_is_over_the_first_quarter() -> None:
    samples = [{"captured": captured, "mib": mib} for captured, mib in ((0, 10), (25, 30), (50, 31), (100, 29))]
    assert 1.0 == growth(samples)
    assert 0.0 == growth(samples[:2] + samples[3:])


def test_what_is_added_is_the_difference_within_each_round() -> None:
    assert [2.0, 1.0] == differences([10.0, 20.0], [12.0, 21.0])


def test_what_a_process_pays_is_what_is_over_the_bare_one() -> None:
    runs = [{"event": "result", "wall": wall, "cpu": 2.0, "kib": 100} for wall in (1.0, 5.0, 3.0)]
    assert {"wall": 3.0, "cpu": 2.0, "kib": 100} == middle(runs)
    own = over(middle(runs), {"wall": 1.0, "cpu": 1.0, "kib": 40})
    assert [0.5, 0.25, 2.0] == ratios(own, {"wall": 4.0, "cpu": 4.0, "kib": 30})
    assert ["-", "-", "-"] == ratios(own, None)
