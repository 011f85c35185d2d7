"""The texts of alarms, a file for each language: of messages, of rules in words, and of the fields of channels."""

from pathlib import Path
from typing import Final

from logcenter_collector.texts import Catalogue, read_catalogue

_FOLDER: Final = Path(__file__).parent / "locale"


def phrases(language: str) -> Catalogue:
    """Return the texts in one language."""
    return read_catalogue(_FOLDER, language)
