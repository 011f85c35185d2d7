import enum
import json
import math
import sys
from abc import ABC
from collections import OrderedDict, defaultdict
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcenter_sdk.contract.limits import CONTEXT_BYTES, cut_context
from logcenter_sdk.plain import Allowance, class_name, plain_locals, plain_mapping, plain_text


def plain_context(context: object) -> dict[str, Any]:
    """Return a context as a report carries it."""
    return cut_context(plain_mapping(context))


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


class HostileMeta(type):
    """Everything that can be asked of its classes goes off, the hash as well."""

    def __getattribute__(cls, name: str) -> Any:
        raise SystemExit(name)

    def __hash__(cls) -> int:
        raise SystemExit

    def __eq__(cls, other: object) -> bool:
        raise SystemExit

    def __instancecheck__(cls, instance: object) -> bool:
        raise SystemExit


def hostile_class() -> Any:
    """Return such a class; in the module itself pytest would ask it for its name."""

    class Hostile(metaclass=HostileMeta):
        def __repr__(self) -> str:
            raise SystemExit

    return Hostile


class OwnZone(tzinfo):
    def utcoffset(self, _: datetime | None) -> timedelta:
        raise SystemExit

    def dst(self, _: datetime | None) -> timedelta:
        raise SystemExit

    def tzname(self, _: datetime | None) -> str:
        raise SystemExit


class Pretender:
    def __str__(self) -> str:
        raise SystemExit


Pretender.__module__, Pretender.__qualname__ = "uuid", "UUID"


def locals_of(**variables: Any) -> dict[str, Any]:
    return plain_locals(variables, Allowance(100_000))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("text", "text"),
        (True, True),
        (None, None),
        (17, 17),
        (1.5, 1.5),
        ("nan", math.nan),
        (str(2**63), 2**63),
        ("<integer of 100001 bits>", 1 << 100_000),
        ("a\\xff", b"a\xff"),
        ("ab", bytearray(b"ab")),
        ("a\ufffd", "a\ud800"),
        ("x" * 200 + "… [cut]", "x" * 10_000_000),
        ("x" * 200 + "… [cut]", b"x" * 10_000_000),
        ([1, [2]], (1, [2])),
        ([1], {1}),
        ([["<1 items>"]], [[[1]]]),
        ({"a": {"b": "<1 items>"}}, {"a": {"b": {"c": 1}}}),
        ([*range(10), "… [90 more]"], list(range(100))),
        ({**{str(n): n for n in range(10)}, "…": "90 more"}, {n: n for n in range(100)}),
        ({"1": 1, "None": 2, "<2 items>": 4}, {1: 1, None: 2, (1, 2): 4}),
        ("<OrderedDict>", OrderedDict(a=1)),
        ("<BadText>", BadText("x")),
        ("<Colour>", Colour.RED),
        ("2026-01-02 03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05+01:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Europe/Berlin"))),
        ("2026-01-02", date(2026, 1, 2)),
        ("1.10", Decimal("1.10")),
        ("<Fraction>", Fraction(1 << 100_000)),
        ("/srv", PurePosixPath("/srv")),
        ("12345678-1234-5678-1234-567812345678", UUID("12345678-1234-5678-1234-567812345678")),
        ("<Bomb>", Bomb()),
        ("<ValueError>", ValueError("a secret")),
    ],
    ids=lambda value: class_name(type(value)),
)
def test_a_local_is_shown_by_its_exact_class(expected: object, value: object) -> None:
    assert {"v": expected} == locals_of(v=value)


def test_a_class_that_nothing_can_be_asked_of_has_its_name_shown() -> None:
    value = hostile_class()()
    found = locals_of(v=value, items=[value], d={value: value})

    assert '{"v": "<Hostile>", "items": ["<Hostile>"], "d": {"<Hostile>": "<Hostile>"}}' == json.dumps(found)
    assert '{"v": "<Hostile>"}' == json.dumps(plain_context({"v": value}))


def test_code_of_the_application_is_not_run_to_show_a_value_of_the_library() -> None:
    own_zone = OwnZone()

    assert {"at": "<datetime>", "when": "<time>", "id": "<Pretender>"} == locals_of(
        at=datetime(2026, 1, 2, tzinfo=own_zone), when=time(3, tzinfo=own_zone), id=Pretender()
    )


def test_functions_classes_modules_and_what_python_sets_are_no_locals_to_look_at() -> None:
    class Local(ABC):  # noqa: B024 - its class is of another class than type
        def method(self) -> None:
            raise NotImplementedError

    noise: dict[Any, Any] = {
        "f": locals_of,
        "p": print,
        "m": sys,
        "c": Local,
        "e": Colour,
        "h": hostile_class(),
        "b": Local().method,
    }

    assert {"shown": 1} == plain_locals(noise | {"__file__": "a.py", "shown": 1, 17: 2}, Allowance(1_000))


def test_the_locals_of_a_real_frame_are_shown() -> None:
    def inner(order_id: int) -> dict[str, Any]:  # noqa: ARG001 - it is looked at
        total = 12.5
        found = plain_locals(sys._getframe().f_locals, Allowance(1_000))
        return {"total": total - 12.5, **found}

    assert {"order_id": 17, "total": 12.5} == inner(17)


def test_a_frame_with_many_locals_shows_forty() -> None:
    found = locals_of(**{f"v{number}": number for number in range(100)})

    assert [*(f"v{number}" for number in range(40)), "…"] == list(found)


def test_the_characters_are_an_allowance_for_the_whole_report() -> None:
    allowance = Allowance(500)

    first, second = (plain_locals({f"v{n}": "x" * 100 for n in range(10)}, allowance) for _ in range(2))

    assert [*(f"v{number}" for number in range(5)), "…"] == list(first)
    assert ["…"] == list(second)


def test_looking_ends_at_the_deadline() -> None:
    ticks = iter(range(100))

    found = plain_locals({f"v{n}": n for n in range(10)}, Allowance(1_000, 3, lambda: next(ticks)))

    assert ["v0", "v1", "v2", "…"] == list(found)


def test_a_namespace_of_the_applications_own_class_is_not_asked() -> None:
    class Namespace(dict[str, Any]):
        def items(self) -> Any:
            raise SystemExit

    assert {"a": 1} == plain_locals(Namespace(a=1), Allowance(1_000))
    assert {} == plain_locals(Bomb(), Allowance(1_000))


def test_a_long_name_is_cut_and_one_that_cannot_be_stored_is_replaced() -> None:
    assert {"x" * 100: 1, "\ufffd": 2} == locals_of(**{"x" * 1_000: 1, "\ud800": 2})


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), json_like))
def test_whatever_the_locals_are_they_can_be_written_as_json(variables: dict[str, Any]) -> None:
    json.dumps(plain_locals(variables, Allowance(10_000)), allow_nan=False, ensure_ascii=False).encode()
