"""The dashboard's languages: one TOML file each in ``locale/``, and which of them a reader gets."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen

LANGUAGES: Final = ("en", "zh-CN")
"""The codes of the languages, the default first; each is the name of a file and a value of ``?lang=``."""
_FOLDER: Final = Path(__file__).parent / "locale"


@frozen
class Catalogue:
    """The texts of one language by dotted key; calling it fills in the placeholders."""

    code: str
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of a key. Raises KeyError for an unknown key or a placeholder without a value."""
        return self.texts[key].format_map(values)


@cache
def catalogue(code: str) -> Catalogue:
    """Return the texts of one of ``LANGUAGES``."""
    tables = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Catalogue(code, dict(_flatten(tables, "")))


def _flatten(tables: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def choose_language(asked: str | None, remembered: str | None, accepted: str) -> str:
    """Return one of ``LANGUAGES``: asked for in the URL, else remembered, else the browser's favourite that we have.

    ``accepted`` is an Accept-Language header, possibly empty.
    """
    for code in (asked, remembered):
        if code in LANGUAGES:
            return code
    return next((code for tag in _by_preference(accepted) if (code := _speaks(tag))), LANGUAGES[0])


def _by_preference(accepted: str) -> list[str]:
    weighted = [_weighted(part) for part in accepted.split(",") if part.strip()]
    return [tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0]


def _weighted(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return (float(weight) if weight else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


def _speaks(tag: str) -> str | None:
    """Return our language for a tag such as ``zh-Hans-CN``; only its first part counts."""
    primary = tag.partition("-")[0].lower()
    return next((code for code in LANGUAGES if code.partition("-")[0] == primary), None)
