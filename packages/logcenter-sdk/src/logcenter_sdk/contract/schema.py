"""JSON Schema of the contract's classes, for the readers in other languages."""

import types
from datetime import datetime
from typing import Any, Union, get_args, get_origin

import attrs

from logcenter_sdk.contract.reading import field_types, wire_name

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(cls: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an attrs class; unknown fields are allowed, as the contract says."""
    hints = field_types(cls)
    fields = attrs.fields(cls)
    return {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split("\n\n", maxsplit=1)[0].split()),
        "properties": {wire_name(field.name): _property(field, hints[field.name]) for field in fields},
        "required": [wire_name(field.name) for field in fields if field.default is attrs.NOTHING],
    }


def _property(field: "attrs.Attribute[Any]", hint: Any) -> dict[str, Any]:  # noqa: ANN401 - any annotation
    schema = _of(hint)
    if description := field.metadata.get("description"):
        schema["description"] = description
    schema.update(field.metadata.get("schema", {}))
    return schema


_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
}


def _of(hint: Any) -> dict[str, Any]:  # noqa: ANN401 - one line for each kind of type
    if get_origin(hint) in {Union, types.UnionType}:
        return _of_union(get_args(hint))
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of(get_args(hint)[0])}
    if get_origin(hint) is dict:
        values = _of(get_args(hint)[1])
        return {"type": "object"} | ({"additionalProperties": values} if values else {})
    if attrs.has(hint):
        return json_schema(hint)
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    return {"type": "string", "enum": [member.value for member in hint]}


def _of_union(options: tuple[Any, ...]) -> dict[str, Any]:
    schemas = [_of(option) for option in options if option is not type(None)]
    nullable = type(None) in options
    if len(schemas) == 1 and "enum" not in schemas[0]:
        return schemas[0] | ({"type": [schemas[0]["type"], "null"]} if nullable else {})
    return {"anyOf": schemas + ([{"type": "null"}] if nullable else [])}
