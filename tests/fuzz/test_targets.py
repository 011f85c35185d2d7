"""Each reader of what anybody may send, attacked a little; as long as one likes with ``uv run nox -s fuzz``."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import SEEDS
from fuzz.targets import TARGETS
from support.faults import FULL_SIZE


def test_every_target_has_something_to_begin_with() -> None:
    assert TARGETS.keys() == SEEDS.keys()
    assert all(SEEDS.values())


@pytest.mark.parametrize("name", TARGETS)
def test_no_seed_surprises_its_target(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


def broken(name: str) -> st.SearchStrategy[bytes]:
    """Return seeds of a target with something else in the middle: cut, doubled, or any bytes."""

    @st.composite
    def one(draw: st.DrawFn) -> bytes:
        seed = draw(st.sampled_from(SEEDS[name]))
        start, end = sorted((draw(st.integers(0, len(seed))), draw(st.integers(0, len(seed)))))
        return seed[:start] + draw(st.binary(max_size=8) | st.just(seed[start:end] * 2)) + seed[end:]

    return one()


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=2_000 if FULL_SIZE else 50)
@given(data=st.data())
def test_whatever_the_bytes_are_they_are_read_or_refused(name: str, data: st.DataObject) -> None:
    TARGETS[name](data.draw(broken(name) | st.binary(max_size=300)))
