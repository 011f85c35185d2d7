"""Texts in several languages: a folder with one TOML file for each, and the catalogue read from it."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen

LANGUAGES: Final = ("en", "zh-CN")
"""The codes of the languages, the default first; each is the name of a file."""


@frozen
class Catalogue:
    """The texts of one language by dotted key; calling it fills in the placeholders."""

    code: str
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of a key. Raises KeyError for an unknown key or a placeholder without a value."""
        return self.texts[key].format_map(values)


@cache
def read_catalogue(folder: Path, code: str) -> Catalogue:
    """Return the texts of a folder in one of ``LANGUAGES``."""
    tables = tomllib.loads((folder / f"{code}.toml").read_text(encoding="utf-8"))
    return Catalogue(code, dict(_flatten(tables, "")))


def _flatten(tables: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
