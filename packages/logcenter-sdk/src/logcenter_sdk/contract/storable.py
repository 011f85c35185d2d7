"""Make text fit to be stored: databases take neither NUL characters nor lone surrogates."""

import re
from collections.abc import Mapping
from typing import Any, Final

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"


def storable_text(text: str) -> str:
    """Return ``text`` with every NUL character and lone surrogate replaced by U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable_json(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types, and what comes in comes out
    """Return a JSON value with every string in it, keys too, made storable."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {storable_text(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
