"""Any value as plain JSON, without running a line of its owner's code.

Values are told apart by what they are built on, never by asking them: no ``repr`` of strangers (it may run a query,
block, leak a secret or return 50 MB), no ``__iter__``, no ``__len__``. What has no plain form is its class's name.
The work is bounded by a budget for the whole value.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import isfinite
from typing import Any, Final

from logcenter_sdk.contract.limits import CONTEXT_DEPTH, INTEGER_MAX, INTEGER_MIN, MESSAGE_BYTES, cut_context
from logcenter_sdk.contract.storable import storable_text

_MOST_VALUES: Final = 2_000
_MOST_CHARACTERS: Final = 256 * 1024
_LONGEST_TEXT: Final = MESSAGE_BYTES
_LONGEST_INTEGER_BITS: Final = 4_096  # CPython refuses to print integers of more than 4,300 digits
_CUT: Final = "… [cut]"
_MRO: Final = type.__dict__["__mro__"]  # a metaclass may have another opinion

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


def plain_context(context: object) -> dict[str, Any]:
    """Return a context that fits the contract's limits; what is no mapping stands under ``context``."""
    if context is None:
        return {}
    plain = _Budget().value(context, CONTEXT_DEPTH)
    return cut_context(plain if isinstance(plain, dict) else {"context": plain})


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
    try:
        return str.__str__(cls.__name__)
    except Exception:  # noqa: BLE001 - a metaclass may raise anything
        return "object"


class _Budget:
    """How much may still be looked at; cycles and monsters end with it."""

    def __init__(self) -> None:
        self.values = _MOST_VALUES
        self.characters = _MOST_CHARACTERS

    def value(self, value: object, levels: int) -> Any:  # noqa: ANN401, PLR0911 - one line for each kind
        self.values -= 1
        if value is None or value is True or value is False:
            return value
        bases = _MRO.__get__(type(value))
        if str in bases:
            return self.text(str.__str__(value))
        if int in bases:
            return _integer(int.__index__(value))  # type: ignore[arg-type] # built on int, as was just seen
        if float in bases:
            return _float(float.__float__(value))  # type: ignore[arg-type] # built on float
        if bytes in bases or bytearray in bases:
            return self.text(_decode(value))  # type: ignore[arg-type] # built on bytes
        if dict in bases:
            return self._mapping(value, levels)  # type: ignore[arg-type] # built on dict
        if (iterate := next((_ITERATORS[base] for base in bases if base in _ITERATORS), None)) is not None:
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
        cls = type(value)
        try:
            if (cls.__module__, cls.__qualname__) in _PRINTABLE:
                return self.text(str(value))
        except Exception:  # noqa: BLE001 - a class may claim to be another
            return f"<{class_name(cls)}>"
        return f"<{class_name(cls)}>"


_ITERATORS: Final[dict[type, Any]] = {
    list: list.__iter__,
    tuple: tuple.__iter__,
    set: set.__iter__,
    frozenset: frozenset.__iter__,
}


def _decode(value: bytes | bytearray) -> str:
    return bytes(memoryview(value)[:_LONGEST_TEXT]).decode("utf-8", "backslashreplace")


def _integer(value: int) -> int | str:
    if INTEGER_MIN <= value <= INTEGER_MAX:
        return value
    bits = value.bit_length()
    return str(value) if bits <= _LONGEST_INTEGER_BITS else f"<integer of {bits} bits>"


def _float(value: float) -> float | str:
    return value if isfinite(value) else str(value)
