"""The dashboard's languages: one TOML file each in ``locale/``, and which of them a reader gets."""

from pathlib import Path
from typing import Final

from logcenter_collector.texts import LANGUAGES, Catalogue, read_catalogue

__all__ = ["LANGUAGES", "Catalogue", "catalogue", "choose_language"]

_FOLDER: Final = Path(__file__).parent / "locale"


def catalogue(code: str) -> Catalogue:
    """Return the texts of one of ``LANGUAGES``."""
    return read_catalogue(_FOLDER, code)


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
