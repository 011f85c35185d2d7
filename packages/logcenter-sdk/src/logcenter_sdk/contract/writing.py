"""Write the contract's objects as values that JSON knows."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import attrs

from logcenter_sdk.contract.instants import format_instant
from logcenter_sdk.contract.reading import wire_name


def to_wire(value: Any) -> Any:  # noqa: ANN401 - an object of the contract becomes any of JSON's six types
    """Return an object of the contract as JSON has it: objects, arrays, strings, numbers, booleans and null."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {key: to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    if attrs.has(type(value)):
        return {wire_name(name): to_wire(getattr(value, name)) for name in attrs.fields_dict(type(value))}
    return value
