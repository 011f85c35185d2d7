"""What a check found."""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; reports arrive all the same, or it could not be checked."""
    WRONG = "wrong"
    """Reports do not arrive."""


class Finding(NamedTuple):
    """One thing that is well or is not, and what to do about it."""

    level: Level
    topic: str
    text: str
    advice: str | None = None
