"""Write the contract's objects as values that JSON knows."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final

import attrs

from logcenter_sdk.contract.instants import format_instant
from logcenter_sdk.contract.reading import wire_name

_AS_IT_IS: Final = frozenset({str, int, float, bool, type(None)})


def to_wire(value: Any) -> Any:  # noqa: ANN401, PLR0911 - any of JSON's six types, one line for each kind
    """Return an object of the contract as JSON has it: objects, arrays, strings, numbers, booleans and null."""
    kind: Any = type(value)
    if kind in _AS_IT_IS:
        return value
    if names := _names(kind):
        return {wire: to_wire(getattr(value, name)) for wire, name in names}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {key: item if type(item) in _AS_IT_IS else to_wire(item) for key, item in value.items()}
    return value


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the names on the wire and in Python of the fields of a class of the contract; none of any other class."""
    return tuple((wire_name(name), name) for name in attrs.fields_dict(kind)) if attrs.has(kind) else ()
