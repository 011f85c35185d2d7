"""Make text fit to be stored: databases take neither NUL characters nor lone surrogates."""

import re
from collections.abc import Mapping, Sequence
from operator import is_
from typing import Any, Final

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"


def storable_text(text: str) -> str:
    """Return ``text`` with every NUL character and lone surrogate replaced by U+FFFD."""
    if text.isascii() and "\x00" not in text:  # nearly always, and a tenth of the pattern's time
        return text
    return _UNSTORABLE.sub(REPLACEMENT, text) if _UNSTORABLE.search(text) else text


def storable_lines(lines: Sequence[str]) -> Sequence[str]:
    """Return ``lines`` with each of them storable; one look at all of them is cheaper than one at each."""
    text = "".join(lines)
    if storable_text(text) is text:
        return lines
    return [storable_text(line) for line in lines]


def storable_json(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types, and what comes in comes out
    """Return a JSON value with every string in it, keys too, made storable; itself where nothing has to change.

    A megabyte of empty lists takes 25 MB in memory, and is not copied for nothing.
    """
    if isinstance(value, str):
        return storable_text(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        made = {storable_text(str(key)): storable_json(item) for key, item in value.items()}
        is_same = type(value) is dict and all(map(is_, made, value)) and all(map(is_, made.values(), value.values()))
        return value if is_same else made
    if isinstance(value, list | tuple):
        items = [storable_json(item) for item in value]
        return value if type(value) is list and all(map(is_, items, value)) else items
    return value
