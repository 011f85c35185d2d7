"""Any value as plain JSON, without running a line of its owner's code.

Values are told apart by what they are, never by asking them: no ``repr`` of strangers (it may run a query, block, leak
a secret or return 50 MB), no ``__iter__``, no ``__len__``. Nor is their class asked, whose metaclass may have a hash
and an equality of its own: it is known by its identity, or by ``issubclass`` of a built-in class, which looks at what
the interpreter knows. What has no plain form is its class's name. The work is bounded by a budget for the whole value.

A context is given to us, so what is built on a text or a mapping is shown as one. The locals of a frame are not: of
them only what is exactly of a known class is shown.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timezone
from itertools import islice
from math import inf, isfinite
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from logcenter_sdk.contract.storable import storable_text

LOCALS: Final = 40
"""How many locals of one frame are shown."""
LOCAL_CHARACTERS: Final = 200
"""How long a text in them may be."""
LOCAL_ITEMS: Final = 10
LOCAL_DEPTH: Final = 2

_MOST_VALUES: Final = 2_000
_MOST_CHARACTERS: Final = 256 * 1024
_LONGEST_TEXT: Final = 8 * 1024
_INTEGERS: Final = range(-(2**63), 2**63)
_LONGEST_INTEGER_BITS: Final = 4_096  # CPython refuses to print integers of more than 4,300 digits
_DEEPEST: Final = 10
"""Levels of a context: the contract's, which to import would bring attrs; a test holds the two together."""
_CUT: Final = "… [cut]"
_MOST_LOOKED_AT: Final = 1_000
_LONGEST_NAME: Final = 100
# A metaclass may have another opinion of all of these.
_NAME: Final = type.__dict__["__name__"]
_QUALIFIED_NAME: Final = type.__dict__["__qualname__"]
_MODULE: Final = type.__dict__["__module__"]
_MRO: Final = type.__dict__["__mro__"]

_PRINTABLE: Final = frozenset(
    {
        ("datetime", "datetime"),
        ("datetime", "date"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("decimal", "Decimal"),
        ("fractions", "Fraction"),
        ("ipaddress", "IPv4Address"),
        ("ipaddress", "IPv6Address"),
        ("pathlib", "PosixPath"),
        ("pathlib", "PurePosixPath"),
        ("pathlib", "PureWindowsPath"),
        ("pathlib", "WindowsPath"),
        # Python 3.13 moved them.
        ("pathlib._local", "PosixPath"),
        ("pathlib._local", "PurePosixPath"),
        ("pathlib._local", "PureWindowsPath"),
        ("pathlib._local", "WindowsPath"),
        ("uuid", "UUID"),
    }
)
"""Classes of the standard library whose ``str`` is short, quick and harmless."""


def plain_mapping(context: object) -> dict[str, Any]:
    """Return a context as plain JSON, not yet cut to the contract's limits; no mapping stands under ``context``."""
    if context is None:
        return {}
    plain = _Budget().value(context, _DEEPEST)
    return plain if isinstance(plain, dict) else {"context": plain}


def weight_of(plain: Any) -> int:  # noqa: ANN401 - plain JSON
    """Return about how many characters a plain value holds."""
    if type(plain) is str:
        return len(plain)
    if type(plain) is dict:
        return sum(len(name) + weight_of(value) for name, value in plain.items())
    return sum(map(weight_of, plain)) if type(plain) is list else 8


def plain_text(value: object) -> str:
    """Return what ``str`` gives, at most so long as a message may be and storable, whatever ``__str__`` does."""
    try:
        text = str.__str__(str(value))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - user code may raise anything, and SystemExit is not meant for us
        return f"<unprintable {class_name(type(value))} object>"
    return storable_text(text[: 2 * _LONGEST_TEXT])


def class_name(cls: type) -> str:
    """Return the plain name of a class, even one whose metaclass plays tricks."""
    return str.__str__(_NAME.__get__(cls))


def qualified_name(cls: type) -> str:
    """Return the plain name of a class with what it stands in."""
    return str.__str__(_QUALIFIED_NAME.__get__(cls))


def module_of(cls: type) -> str:
    """Return the name of a class's module, empty where it says something else."""
    module = _MODULE.__get__(cls)
    return module if type(module) is str else ""


def bases_of(cls: type) -> tuple[type, ...]:
    """Return a class and all that it is built on."""
    bases: tuple[type, ...] = _MRO.__get__(cls)
    return bases


class Allowance:
    """How much of all the locals of one report may still be looked at: characters, and time by ``clock``."""

    __slots__ = ("characters", "clock", "deadline")

    def __init__(self, characters: int, deadline: float = inf, clock: Callable[[], float] = float) -> None:
        self.characters = characters
        self.deadline = deadline
        self.clock = clock


def plain_locals(variables: object, allowance: Allowance) -> dict[str, Any]:
    """Return the locals of one frame as plain JSON, without functions, classes and modules.

    ``…`` stands for those that were left out because they are too many, or because the allowance is spent.
    """
    plain: dict[str, Any] = {}
    clock, deadline = allowance.clock, allowance.deadline
    for name, value in _variables(variables):
        kind = type(value)
        short = _SHORT.get(id(kind))
        if type(name) is not str or name.startswith("__") or (short is None and _is_noise(kind)):
            continue
        if len(plain) == LOCALS or allowance.characters <= 0 or clock() >= deadline:
            plain["…"] = "more were left out"
            break
        allowance.characters -= len(name) + 2
        shown = name if name.isascii() else storable_text(name)
        plain[shown[:_LONGEST_NAME]] = (short or _stranger)(value, LOCAL_DEPTH, allowance)
    return plain


class _Budget:
    """How much may still be looked at; cycles and monsters end with it."""

    def __init__(self) -> None:
        self.values = _MOST_VALUES
        self.characters = _MOST_CHARACTERS

    def value(self, value: object, levels: int) -> Any:  # noqa: ANN401, PLR0911 - one line for each kind
        self.values -= 1
        if value is None or value is True or value is False:
            return value
        kind = type(value)
        if issubclass(kind, str):
            return self.text(str.__str__(value))
        if issubclass(kind, int):
            return _integer(int.__index__(value))  # type: ignore[arg-type] # built on int, as was just seen
        if issubclass(kind, float):
            return _float(float.__float__(value))  # type: ignore[arg-type] # built on float
        if issubclass(kind, bytes | bytearray):
            return self.text(_decode(value))  # type: ignore[arg-type] # built on bytes
        if issubclass(kind, dict):
            return self._mapping(value, levels)  # type: ignore[arg-type] # built on dict
        for base, iterate in _ITERATORS:
            if issubclass(kind, base):
                return self._array(iterate(value), levels)
        return self._stranger(value)

    def text(self, text: str) -> str:
        room = min(_LONGEST_TEXT, max(self.characters, 0))
        self.characters -= min(len(text), room)
        return storable_text(text if len(text) <= room else text[:room] + _CUT)

    def _mapping(self, mapping: Mapping[object, object], levels: int) -> Any:  # noqa: ANN401 - a dict, or a mark
        if levels == 0:
            return _CUT
        plain: dict[str, Any] = {}
        for key, item in self._some(dict.items(mapping)):  # type: ignore[arg-type] # built on dict
            name = self.value(key, 1)
            plain[name if type(name) is str else str(name)] = self.value(item, levels - 1)
        return plain

    def _array(self, items: Iterable[object], levels: int) -> Any:  # noqa: ANN401 - a list, or a mark
        return [self.value(item, levels - 1) for item in self._some(items)] if levels else _CUT

    def _some(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield items while the budget lasts; a container that another thread changes meanwhile ends early."""
        try:
            taken = list(islice(items, max(self.values, 0)))
        except RuntimeError:
            return
        for item in taken:
            if self.values <= 0 or self.characters <= 0:
                return
            yield item

    def _stranger(self, value: object) -> str:
        return self.text(_printed(value) or f"<{class_name(type(value))}>")


_ITERATORS: Final[tuple[tuple[type, Any], ...]] = (
    (list, list.__iter__),
    (tuple, tuple.__iter__),
    (set, set.__iter__),
    (frozenset, frozenset.__iter__),
)


def _decode(value: bytes | bytearray) -> str:
    return bytes(memoryview(value)[:_LONGEST_TEXT]).decode("utf-8", "backslashreplace")


def _integer(value: int) -> int | str:
    if value in _INTEGERS:
        return value
    bits = value.bit_length()
    return str(value) if bits <= _LONGEST_INTEGER_BITS else f"<integer of {bits} bits>"


def _float(value: float) -> float | str:
    return value if isfinite(value) else str(value)


def _printed(value: object) -> str | None:
    """Return the text of a value of the standard library, None for what is of another class."""
    cls = type(value)
    module, name = _MODULE.__get__(cls), _QUALIFIED_NAME.__get__(cls)
    if type(module) is not str or type(name) is not str or (module, name) not in _PRINTABLE:
        return None
    try:
        if getattr(sys.modules.get(module), name, None) is not cls:  # it only says so
            return None
        if name in {"datetime", "time"} and not _is_known_zone(value.tzinfo):  # type: ignore[attr-defined] # has one
            return None
        return str(value)
    except ValueError:  # a fraction of more digits than Python prints
        return None


def _is_known_zone(zone: object) -> bool:
    """Whether a time zone is not the application's own, whose code would run."""
    kind = type(zone)
    return zone is None or kind is timezone or kind is getattr(sys.modules.get("zoneinfo"), "ZoneInfo", None)


def _variables(variables: object) -> list[tuple[object, object]]:
    """Return the items of a frame's ``f_locals``; none of a mapping that is the application's own."""
    kind = type(variables)
    for _ in range(3):
        try:
            if issubclass(kind, dict):
                return list(islice(dict.items(variables), _MOST_LOOKED_AT))  # type: ignore[arg-type] # built on dict
            return list(variables.items()) if kind is _LOCALS else []  # type: ignore[attr-defined] # of the interpreter
        except RuntimeError:
            continue  # another thread changed it meanwhile
    return []


def _class_of_locals() -> type:
    return type(sys._getframe().f_locals)  # noqa: SLF001 - there is no other way to it


_LOCALS: Final = _class_of_locals()
"""A dict, or since Python 3.13 a view of the frame."""


def _is_noise(kind: type) -> bool:
    return id(kind) in _NOISE or issubclass(kind, type)


def _local(value: Any, levels: int, allowance: Allowance) -> Any:  # noqa: ANN401 - any value, its JSON
    """Return a value by its exact class, found by identity: to ask a class for its hash may run code of its own."""
    return _SHORT.get(id(type(value)), _stranger)(value, levels, allowance)


def _stranger(value: object, _: int, allowance: Allowance) -> str:
    return _spend(_printed(value) or f"<{class_name(type(value))}>", allowance)


def _spend(text: str, allowance: Allowance) -> str:
    if len(text) > LOCAL_CHARACTERS:
        text = text[:LOCAL_CHARACTERS] + _CUT
    allowance.characters -= len(text)
    return storable_text(text)


def _short_bytes(value: bytes | bytearray, _: int, allowance: Allowance) -> str:
    return _spend(bytes(value[: LOCAL_CHARACTERS + 1]).decode("utf-8", "backslashreplace"), allowance)


def _short_integer(value: int, _: int, allowance: Allowance) -> int | str:
    allowance.characters -= 8
    return _integer(value) if -(2**63) <= value < 2**63 else _spend(str(_integer(value)), allowance)


def _short_items(value: Any, levels: int, allowance: Allowance) -> Any:  # noqa: ANN401 - list, tuple, set or frozenset
    if levels == 0:
        return _spend(f"<{len(value)} items>", allowance)
    plain = [_local(item, levels - 1, allowance) for item in _first(value)]
    if len(value) > LOCAL_ITEMS:
        plain.append(f"… [{len(value) - LOCAL_ITEMS} more]")
    return plain


def _short_mapping(value: dict[object, object], levels: int, allowance: Allowance) -> Any:  # noqa: ANN401 - a dict, or a mark
    if levels == 0:
        return _spend(f"<{len(value)} items>", allowance)
    plain = {str(_local(key, 0, allowance)): _local(item, levels - 1, allowance) for key, item in _first(value.items())}
    if len(value) > LOCAL_ITEMS:
        plain["…"] = f"{len(value) - LOCAL_ITEMS} more"
    return plain


def _first(items: Iterable[Any]) -> list[Any]:
    try:
        return list(islice(items, LOCAL_ITEMS))
    except RuntimeError:  # another thread changed it meanwhile
        return []


def _as_it_is(value: object, _: int, allowance: Allowance) -> object:
    allowance.characters -= 4
    return value


_SHORT: Final[dict[int, Callable[[Any, int, Allowance], Any]]] = {
    id(type(None)): _as_it_is,
    id(bool): _as_it_is,
    id(int): _short_integer,
    id(float): lambda value, _, allowance: _as_it_is(_float(value), 0, allowance),
    id(str): lambda value, _, allowance: _spend(value, allowance),
    id(bytes): _short_bytes,
    id(bytearray): _short_bytes,
    **dict.fromkeys(map(id, (list, tuple, set, frozenset)), _short_items),
    id(dict): _short_mapping,
}
_NOISE: Final = frozenset(map(id, (FunctionType, BuiltinFunctionType, MethodType, ModuleType, type)))
