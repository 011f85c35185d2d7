"""Read decoded JSON into the contract's classes, naming every wrong field and not only the first.

The annotations and validators of the attrs classes are the one definition; this module interprets them. It knows the
types that the contract uses: strings, integers, booleans, free JSON, tuples of one type, objects, and unions of these.
"""

import types
from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from logcenter_sdk.contract.limits import INTEGER_MAX, INTEGER_MIN
from logcenter_sdk.contract.problem import FieldError

T = TypeVar("T")

NAMED_ERRORS: Final = 100
"""How many wrong fields of one message are named."""


class InvalidFieldsError(ValueError):
    """Fields of a message are missing or wrong; ``errors`` names each of them."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.field} {error.message}" for error in errors))
        self.errors = errors


def read(cls: type[T], payload: object) -> T:
    """Return an instance of an attrs class of the contract.

    Raises InvalidFieldsError with every wrong field.
    """
    if errors := field_errors(cls, payload):
        raise InvalidFieldsError(errors)
    return _build(cls, payload)  # type: ignore[no-any-return]


def field_errors(cls: type[Any], payload: object) -> tuple[FieldError, ...]:
    """Return what is wrong with ``payload`` as an instance of ``cls``; nothing when it may be read.

    Of hundreds of wrong items the first hundred are named: an answer must not be many times its request.
    """
    return tuple(islice(_check(cls, payload, ""), NAMED_ERRORS))


def _check(hint: Any, value: object, path: str) -> Iterator[FieldError]:  # noqa: ANN401 - any annotation
    if attrs.has(hint):
        yield from _check_object(hint, value, path)
        return
    for option in _options(hint):
        if _has_shape(option, value):
            yield from _check_inside(option, value, path)
            return
    yield FieldError(path, f"must be {_describe(hint)}, not {_describe_value(value)}")


def _check_inside(hint: Any, value: object, path: str) -> Iterator[FieldError]:  # noqa: ANN401 - any annotation
    if attrs.has(hint):
        yield from _check_object(hint, value, path)
    elif get_origin(hint) is tuple and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _check(get_args(hint)[0], item, f"{path}[{index}]")
    elif hint is int or hint is Any or get_origin(hint) is dict:
        yield from _check_integers(value, path)


def _check_integers(value: object, path: str) -> Iterator[FieldError]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _check_integers(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _check_integers(item, f"{path}[{index}]")
    elif isinstance(value, int) and not INTEGER_MIN <= value <= INTEGER_MAX:
        yield FieldError(path, "must fit into 64 bits; send larger integers as a string")


def _check_object(cls: type[Any], payload: object, path: str) -> Iterator[FieldError]:
    if not isinstance(payload, Mapping):
        yield FieldError(path or "(body)", f"must be an object, not {_describe_value(payload)}")
        return
    hints = field_types(cls)
    for field in attrs.fields(cls):
        name = wire_name(field.name)
        field_path = f"{path}.{name}" if path else name
        if name not in payload:
            if field.default is attrs.NOTHING:
                yield FieldError(field_path, "is missing")
            continue
        value = payload[name]
        errors = tuple(islice(_check(hints[field.name], value, field_path), NAMED_ERRORS))
        yield from errors
        if not errors and field.validator is not None and (error := _validate(field, value)):
            yield FieldError(field_path, error)


def _validate(field: "attrs.Attribute[Any]", value: object) -> str | None:
    assert field.validator is not None
    try:
        field.validator(None, field, value)
    except ValueError as error:
        return str(error)
    return None


def _build(hint: Any, value: Any) -> Any:  # noqa: ANN401 - any annotation, any JSON
    if attrs.has(hint):
        hints = field_types(hint)
        present = {name: wire_name(name) for name in hints if wire_name(name) in value}
        return hint(**{name: _build(hints[name], value[key]) for name, key in present.items()})
    for option in _options(hint):
        if _has_shape(option, value):
            if get_origin(option) is tuple:
                return tuple(_build(get_args(option)[0], item) for item in value)
            return _build(option, value) if attrs.has(option) else value
    return value


def wire_name(name: str) -> str:
    """Return a field's name in JSON: a trailing underscore only keeps Python's own words free."""
    return name.removesuffix("_")


def field_types(cls: type[Any]) -> dict[str, Any]:
    """Return the resolved annotation of each field of an attrs class."""
    return _field_types(cls)  # type: ignore[arg-type] # mypy does not see that a class is hashable


@cache
def _field_types(cls: Hashable) -> dict[str, Any]:
    assert isinstance(cls, type)
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in attrs.fields(cls)}


def _options(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any annotation
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)


def _has_shape(hint: Any, value: object) -> bool:  # noqa: ANN401 - any annotation
    if hint is Any:
        return True
    if hint is type(None):
        return value is None
    if attrs.has(hint) or get_origin(hint) is dict:
        return isinstance(value, Mapping)
    if get_origin(hint) is tuple:
        return isinstance(value, list | tuple)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


_PLURALS = {int: "integers"}
_NAMES = {str: "a string", int: "an integer", bool: "true or false", type(None): "null"}


def _describe(hint: Any) -> str:  # noqa: ANN401 - any annotation
    return " or ".join(_describe_one(option) for option in _options(hint))


def _describe_one(hint: Any) -> str:  # noqa: ANN401 - any annotation
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return "an array of objects" if attrs.has(item) else f"an array of {_PLURALS.get(item, 'strings')}"
    return _NAMES.get(hint, "an object")


def _describe_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return repr(value)[:60]
