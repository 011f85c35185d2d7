import enum
import json
import math
from collections import OrderedDict, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcenter_sdk.contract.limits import CONTEXT_BYTES
from logcenter_sdk.plain import plain_context, plain_text


class Bomb:
    """Everything that can be asked of it goes off."""

    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)

    def __repr__(self) -> str:
        raise SystemExit

    __str__ = __repr__

    def __len__(self) -> int:
        raise SystemExit

    def __iter__(self) -> Any:
        raise SystemExit

    def __bool__(self) -> bool:
        raise SystemExit

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        raise SystemExit


class BadDict(dict[Any, Any]):
    def items(self) -> Any:
        raise SystemExit

    def __iter__(self) -> Any:
        raise SystemExit


class BadText(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise SystemExit


class Colour(enum.IntEnum):
    RED = 1


class Meta(type):
    @property
    def __module__(cls) -> str:  # type: ignore[override] # that is the trick
        raise RuntimeError


class Odd(metaclass=Meta):
    pass


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("text", "text"),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (2**63 - 1, 2**63 - 1),
        (str(2**63), 2**63),
        (str(-(2**70)), -(2**70)),
        ("<integer of 100001 bits>", 1 << 100_000),
        ("nan", math.nan),
        ("-inf", -math.inf),
        ("a\\xff", b"a\xff"),
        ("a\ufffdb\ufffd", "a\ud800b\x00"),
        ([1, 2], (1, 2)),
        ([1], {1}),
        ({"1": 2, "None": 3, "b": 4, "['a', 1]": 5}, {1: 2, None: 3, b"b": 4, ("a", 1): 5}),
        ({"a": 1}, OrderedDict(a=1)),
        ({"a": 1}, defaultdict(int, a=1)),
        ({"a": 1}, BadDict(a=1)),
        ("x", BadText("x")),
        (1, Colour.RED),
        ("2026-01-02 03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1.10", Decimal("1.10")),
        ("/srv", PurePosixPath("/srv")),
        ("12345678-1234-5678-1234-567812345678", UUID("12345678-1234-5678-1234-567812345678")),
        ("<Bomb>", Bomb()),
        ("<Odd>", Odd()),
        ("<object>", object()),
        ("<type>", Bomb),
        ("<builtin_function_or_method>", print),
        ("<ValueError>", ValueError("a secret")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_has_a_plain_form(expected: object, value: object) -> None:
    assert {"v": expected} == plain_context({"v": value})


def test_a_context_that_is_no_mapping_is_kept_under_a_name() -> None:
    assert {"context": "just text"} == plain_context("just text")
    assert {"context": "<Bomb>"} == plain_context(Bomb())
    assert {} == plain_context(None)


def test_cycles_deep_nests_and_crowds_end() -> None:
    cycle: dict[str, Any] = {}
    cycle.update(me=cycle, crowd=[cycle] * 1000)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    plain = plain_context({"cycle": cycle, "deep": deep, "crowd": list(range(1_000_000)), "text": "x" * 10_000_000})

    assert CONTEXT_BYTES >= len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode())


def test_a_huge_value_leaves_room_for_the_small_ones() -> None:
    plain = plain_context({"job": "build", "log": "x" * 1_000_000, "step": "test"})

    assert ("build", "test") == (plain["job"], plain["step"])


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(Bomb),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.binary(), inner) | st.tuples(inner),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), json_like))
def test_whatever_it_is_it_can_be_written_as_json_and_is_plain_already(context: dict[str, Any]) -> None:
    plain = plain_context(context)

    json.dumps(plain, allow_nan=False, ensure_ascii=False).encode()
    assert plain == plain_context(plain)


class SilentError(Exception):
    def __init__(self, raises: BaseException) -> None:
        super().__init__()
        self.raises = raises

    def __str__(self) -> str:
        raise self.raises


@pytest.mark.parametrize("raised", [ValueError(), SystemExit(), GeneratorExit(), RecursionError()])
def test_a_text_that_cannot_be_had_says_whose_it_is(raised: BaseException) -> None:
    assert "<unprintable SilentError object>" == plain_text(SilentError(raised))


def test_ctrl_c_passes() -> None:
    with pytest.raises(KeyboardInterrupt):
        plain_text(SilentError(KeyboardInterrupt()))


def test_a_text_is_cut_before_anything_else_is_done_with_it() -> None:
    assert 20_000 > len(plain_text("x" * 50_000_000))
